// The view "who forgets what", and its parts.
(() => {
  const experiment = window.letheAssociations;
  const view = document.getElementById('associations');
  const find = (part) => view.querySelector(`[data-part="${part}"]`);
  const trouble = (error) => { if (error.name !== 'AbortError') find('alarm').textContent = error.message; };

  const measured = window.letheExplorer.explorer(find('explorer'), experiment.ask, trouble, 'who forgets what');
  const own = window.letheAssociationsOwn.own(find('own'));
  let refreshing = null; // of the picture, while runs go on
  let isOld = false;

  async function refreshAll() {
    do {
      isOld = false;
      await measured.refresh();
    } while (isOld);
  }

  function report(given) {
    find('measured').hidden = given === null || given.done === 0;
    if (find('measured').hidden) return;
    isOld = true;
    refreshing ??= refreshAll().finally(() => { refreshing = null; });
  }

  const { visit, start } = window.letheView.view('associations', experiment, {
    title: 'Who forgets what: association matrices',
    refining: () => ['Reporting', ''],
    own: own.add,
    report,
    show: ({ isOld: isStale }) => find('measured').toggleAttribute('data-stale', isStale),
  });
  window.letheAssociationsView = { visit, start, ownAsk: own.ask };
})();
