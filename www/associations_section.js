// The view "who forgets what", and its parts.
(() => {
  const experiment = window.letheAssociations;
  const view = document.getElementById('associations');
  const find = (part) => view.querySelector(`[data-part="${part}"]`);
  const trouble = (error) => { if (error.name !== 'AbortError') find('alarm').textContent = error.message; };

  const measured = window.letheExplorer.explorer(find('explorer'), experiment.ask, trouble, 'who forgets what', () => !experiment.isAt());
  const own = window.letheAssociationsOwn.own(find('own'));
  let refreshing = null; // of the picture, while runs go on
  let isOld = false;
  let phase = null; // of the run, when it was last shown

  async function refreshAll() {
    do {
      isOld = false;
      await measured.refresh();
    } while (isOld);
  }

  /** Shows the matrices that there are now. */
  function refresh() {
    isOld = true;
    refreshing ??= refreshAll().finally(() => { refreshing = null; });
  }

  const { visit, start } = window.letheView.view('associations', experiment, {
    title: 'Who forgets what: association matrices',
    fitting: () => ['Reporting', ''],
    own: own.add,
    opened: refresh,
    report: refresh,
    show: ({ isOld: isStale }) => {
      find('measured').toggleAttribute('data-stale', isStale);
      const isAtRest = phase !== experiment.state.phase && ['finished', 'failed'].includes(experiment.state.phase);
      phase = experiment.state.phase;
      if (isAtRest) refresh(); // and predict
    },
  });
  window.letheAssociationsView = { visit, start, ownAsk: own.ask };
})();
