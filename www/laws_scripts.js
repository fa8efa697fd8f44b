// window.lethe.laws: the laws for scripts and tests, as docs/javascript.md lists them.
(() => {
  const laws = window.letheLaws;
  const { gatherer } = laws;
  const results = window.letheFiles.results('laws', laws);

  async function imported(name, content, { columns = {}, units = {}, set = {}, skipBadRows = false } = {}) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return gatherer.ask({ import: { name, bytes, columns, units, set, skip_bad_rows: skipBadRows } });
  }

  async function own() {
    await laws.resample(true);
    return gatherer.ask({ own: {} });
  }

  window.letheDesk.offer('laws', {
    ...window.letheRun.forScripts({ experiment: 'laws', who: 'the laws' }, laws, results, () => window.letheLawsView),
    texts: ({ cell = 0, seed = 0, step = null } = {}) => gatherer.ask({ generations: { cell, seed, step } }),
    recordTexts: ({ record: place = 0, step = null } = {}) => gatherer.ask({ texts: { record: place, step } }),
    import: imported,
    own,
    forget: () => gatherer.ask({ forget: {} }),
    advise: (budget, { own: isOwn = false } = {}) => gatherer.ask({ advise: { budget, own: isOwn } }),
  });
})();
