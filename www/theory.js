// The theory of one network's kernel: asks its worker, and offers it to scripts as window.lethe.theory. What can be asked
// is listed in src/web/theory_worker/ask.rs.
(() => {
  const PROGRAM = 'theory_worker';
  const { bytes } = window.letheDesk;
  const { sheet } = window.letheFigure;

  /** A worker of its own; a newer analysis ends an older one. */
  function desk() {
    const own = window.letheDesk.desk(PROGRAM, 'the theory');
    return { ...own, analyse: (question) => own.anew({ analyse: question }) };
  }

  const terms = ({ budget = 0.01, segments = 20, idSlack = 1.1 } = {}) => ({ budget, segments, id_slack: idSlack });

  const scripts = desk();
  const offered = {
    analyse: (link = window.lethe.state().link, { seed, width, replay } = {}) => scripts.analyse({ link, seed, width, replay }),
    numbers: () => scripts.ask({ numbers: {} }),
    figure: (id, look) => scripts.ask({ figure: { id, sheet: sheet(look) } }),
    schedule: (fractions, look) => scripts.ask({ schedule: { fractions: Array.from(fractions), sheet: sheet(look) } }),
    usual: (way, { budget = 0.01, segments = 20 } = {}) => scripts.ask({ usual: { way, budget, segments } }),
    prescribe: (objective, asked) => scripts.ask({ prescribe: { objective, terms: terms(asked) } }),
    bestConstant: (objective, { idSlack = 1.1 } = {}) => scripts.ask({ best_constant: { objective, id_slack: idSlack } }),
    front: async (asked, look) => {
      const { id } = await scripts.ask({ front: { terms: terms(asked) } });
      return offered.figure(id, look);
    },
  };

  window.letheDesk.offer('theory', offered);
  window.letheTheory = { desk, terms, bytes: bytes(PROGRAM) };
})();
