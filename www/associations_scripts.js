// window.lethe.associations: association matrices for scripts and tests, as docs/javascript.md lists them.
(() => {
  const experiment = window.letheAssociations;
  const { state, ask, progress, workers, isStale } = experiment;
  const { visit, start, ownAsk } = window.letheAssociationsView;
  const { sheet } = window.letheFigure;
  const { linkToShare, record } = window.letheFiles.results('associations', experiment);

  async function run(link = linkToShare()) {
    if (!/[#&]x=associations(&|$)/.test(link)) throw new Error(`link = "${link}"; accepted: a link of association matrices, such as #v=1&x=associations.`);
    experiment.cancel();
    const isDone = await visit(`#${link.slice(link.indexOf('#') + 1)}`, false) && await start();
    if (!isDone) throw new Error(state.failure ?? 'The run was cancelled.');
    return state.report;
  }

  window.letheDesk.offer('associations', {
    state: () => {
      const { phase, notices, failure, report } = state;
      const { done = 0, jobs = 0, seconds = 0 } = progress() ?? {};
      return {
        phase, link: linkToShare(), done, jobs, seconds, workers, stale: isStale(), notices: [...notices], failure,
        headline: report?.headline ?? null, fingerprint: report?.fingerprint ?? null, verdict: report?.verdict?.text ?? null,
      };
    },
    run,
    pause: experiment.pause,
    resume: experiment.resume,
    cancel: experiment.cancel,
    report: () => ask({ report: {} }),
    figure: (id, look) => ask({ figure: { id, sheet: sheet(look) } }),
    record,
    csv: () => ask({ csv: {} }),
    /** Any question about measured matrices, or about the visitor's own. */
    ask,
    askOwn: ownAsk,
  });
})();
