// The runs of the laws, and the resampling of what is fitted to them.
(() => {
  const { runs } = window.letheRun;
  const RESAMPLES = 50; // of the fits, at once

  /** Resamples the fits, of the run or of imported ones, until they have intervals or `heard` says false. */
  async function resampled(ask, own, heard) {
    for (let at = { done: 0, of: 1 }; at.done < at.of;) {
      at = await ask({ bootstrap: { count: RESAMPLES, own } });
      if (!heard(at)) return;
    }
  }

  const laws = runs({
    who: 'the laws',
    asked: (question) => question,
    begin: (link, job) => ({ begin: { link, ...job } }),
    isLater: () => false,
    advance: (millis) => ({ advance: { millis } }),
    told: (answer) => answer,
    steps: ({ steps }) => steps,
    tell: ({ cell, seed }, events) => [{ tell: { cell, seed, events } }],
    needsBases: false,
    // Figures are drawn of what was analysed.
    again: (fitted) => [{ bootstrap: { count: fitted?.done ?? 0 } }],
    fit: (ask, heard) => resampled(ask, false, heard),
  });
  window.letheLaws = { ...laws, resample: (own, heard = () => true) => resampled(laws.gatherer.ask, own, heard) };
})();
