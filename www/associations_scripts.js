// window.lethe.associations: association matrices for scripts and tests, as docs/javascript.md lists them.
(() => {
  const experiment = window.letheAssociations;
  const results = window.letheFiles.results('associations', experiment);
  const kind = { experiment: 'associations', who: 'association matrices' };

  window.letheDesk.offer('associations', {
    ...window.letheRun.forScripts(kind, experiment, results, () => window.letheAssociationsView),
    /** Any question about measured matrices, or about the visitor's own. */
    ask: experiment.ask,
    askOwn: (...question) => window.letheAssociationsView.ownAsk(...question),
  });
})();
