// The theory of one network's kernel: starts its worker when something is asked, never before, and offers it to
// scripts as window.lethe.theory. What can be asked is listed in src/web/theory_worker/ask.rs.
(() => {
  const named = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
  const address = () => new URL(named('lethe-theory_worker') ?? './theory_worker_loader.js', document.baseURI);

  /** A worker to ask. It is ended, and what it was asked refused, when a newer analysis is wanted or it fails. */
  function desk() {
    let own = null; // { worker, run, isReady }
    let runs = 0; // workers so far: what one has analysed, the next does not know
    let last = 0;
    const waiting = new Map(); // what was asked and not answered, by number: { ask, answer, refuse, isSent }

    function start() {
      runs += 1;
      const started = { worker: new Worker(address(), { type: 'module' }), run: runs, isReady: false };
      const ended = (words) => own === started && end(new Error(words));
      started.worker.onmessage = ({ data }) => {
        if (own !== started) return;
        if (data.ready) {
          started.isReady = true;
          for (const id of waiting.keys()) send(id);
        } else if (data.ended) {
          ended(`${data.ended}. Ask again: a new worker will start.`);
        } else {
          const { answer, refuse } = waiting.get(data.id) ?? {};
          waiting.delete(data.id);
          if ('refused' in data) refuse?.(new Error(data.refused));
          else answer?.(data.answer);
        }
      };
      started.worker.onmessageerror = () => ended('An answer of the theory could not be read by this browser.');
      started.worker.onerror = (event) => {
        event.preventDefault(); // it is told here, once
        const why = event.message ? `: ${event.message}` : started.isReady ? '' : ': its program could not be loaded';
        ended(`The theory's worker ended${why}. Ask again: a new one will start.`);
      };
      return started;
    }

    function send(id) {
      const asked = waiting.get(id);
      asked.isSent = true;
      own.worker.postMessage({ id, ask: asked.ask });
    }

    /** Ends the worker, whatever it is at; what it was asked is refused for this reason. */
    function end(reason) {
      own?.worker.terminate();
      own = null;
      const refused = [...waiting.values()];
      waiting.clear();
      for (const { refuse } of refused) refuse(reason);
    }

    function ask(question) {
      own ??= start();
      last += 1;
      const id = last;
      const answered = new Promise((answer, refuse) => waiting.set(id, { ask: question, answer, refuse, isSent: false }));
      if (own.isReady) send(id);
      return answered;
    }

    /** What was asked before is void: its answer, still awaited, would be about another network. */
    function analyse(question) {
      const reason = new DOMException('A newer analysis was asked for.', 'AbortError');
      const isAt = [...waiting.values()].some(({ isSent }) => isSent);
      if (isAt) end(reason);
      for (const [id, { refuse }] of waiting) {
        waiting.delete(id);
        refuse(reason);
      }
      return ask({ analyse: question });
    }

    return { ask, analyse, end, isReady: () => Boolean(own?.isReady), run: () => own?.run ?? 0 };
  }

  /** How a figure is wanted, as the worker reads it. */
  const sheet = ({ width = 760, height = 420, theme = 'light', file = false } = {}) => (
    { width, height, dark: theme === 'dark', file });
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

  // The program makes window.lethe just before it says that it is ready.
  const root = document.documentElement;
  const offer = () => {
    if (!window.lethe) return;
    window.lethe.theory = offered;
    watch.disconnect();
  };
  const watch = new MutationObserver(offer);
  watch.observe(root, { attributes: true, attributeFilter: ['data-ready'] });
  offer();

  const bytes = Number(named('lethe-theory_worker-bytes'));
  window.letheTheory = { desk, sheet, terms, bytes };
})();
