// window.lethe.laws: the laws for scripts and tests, as docs/javascript.md lists them.
(() => {
  const laws = window.letheLaws;
  const { state, gatherer, progress, workers, isStale } = laws;
  const { sheet } = window.letheFigure;
  const { linkToShare, record } = window.letheFiles.results('laws', laws);

  async function run(link = linkToShare()) {
    if (!/[#&]x=laws(&|$)/.test(link)) throw new Error(`link = "${link}"; accepted: a link of the laws, such as #v=1&x=laws.`);
    laws.cancel();
    const { visit, start } = window.letheLawsView;
    const isDone = await visit(`#${link.slice(link.indexOf('#') + 1)}`, false) && await start();
    if (!isDone) throw new Error(state.failure ?? 'The run was cancelled.');
    return state.report;
  }

  async function imported(name, content, { columns = {}, units = {}, set = {}, skipBadRows = false } = {}) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return gatherer.ask({ import: { name, bytes, columns, units, set, skip_bad_rows: skipBadRows } });
  }

  async function own() {
    await laws.resample(true);
    return gatherer.ask({ own: {} });
  }

  window.letheDesk.offer('laws', {
    state: () => {
      const { phase, notices, failure, report } = state;
      const { done = 0, jobs = 0, seconds = 0 } = progress() ?? {};
      return {
        phase, link: linkToShare(), done, jobs, seconds, workers, stale: isStale(), notices: [...notices], failure,
        headline: report?.headline ?? null, fingerprint: report?.fingerprint ?? null, verdict: report?.verdict?.text ?? null,
      };
    },
    run,
    pause: laws.pause,
    resume: laws.resume,
    cancel: laws.cancel,
    report: () => gatherer.ask({ report: {} }),
    figure: (id, look) => gatherer.ask({ figure: { id, sheet: sheet(look) } }),
    texts: ({ cell = 0, seed = 0, step = null } = {}) => gatherer.ask({ generations: { cell, seed, step } }),
    recordTexts: ({ record: place = 0, step = null } = {}) => gatherer.ask({ texts: { record: place, step } }),
    record,
    csv: () => gatherer.ask({ csv: {} }),
    import: imported,
    own,
    forget: () => gatherer.ask({ forget: {} }),
    advise: (budget, { own: isOwn = false } = {}) => gatherer.ask({ advise: { budget, own: isOwn } }),
  });
})();
