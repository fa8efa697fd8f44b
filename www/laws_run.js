// The run of a link of the laws: read, trained, gathered, reported, fitted. One state, and whoever shows it is told of changes.
(() => {
  const REPORT_MS = 500; // between two reports while runs go on, at least
  const SHARE = 0.1; // of a core's time, at most, that reports may take from runs
  const RESAMPLES = 50; // of the fits, at once
  const LONG = 'This run is long, so it waits for you: press Run.';
  const { training, base, workers, desk, GIVEN_UP } = window.letheTraining;

  const gatherer = desk();
  const listeners = new Set();
  const state = {
    phase: 'closed', // then reading, idle, fetching, running, paused, fitting, finished, failed
    reading: null, // the link that the settings say
    notices: [],
    report: null,
    ran: null, // the link of the report
    fitted: null, // resamples of the fits: { done, of }
    failure: null,
  };
  let run = null; // training
  let gatheredBy = 0; // which worker of the gatherer knows the run
  let turn = 0;
  let readings = 0;
  let isNew = false; // whether events came since the last report
  let wanted = null; // the link that was to be read last

  const changed = (what = 'state') => { for (const listen of listeners) listen(what); };
  const isAt = () => ['fetching', 'running', 'paused', 'fitting'].includes(state.phase);
  const isStale = () => state.ran !== null && state.reading !== null && state.ran !== state.reading.link;

  function go(phase) {
    state.phase = phase;
    changed();
  }

  /** What a link asks for, leniently read. */
  const read = (link) => gatherer.ask({ read: { link } });

  /** Puts a link before the visitor; `mayStart` where it may start by itself. Resolves to whether it is the newest still. */
  async function open(link, mayStart = false) {
    readings += 1;
    const own = readings;
    wanted = link;
    if (state.phase === 'closed') go('reading');
    let reading;
    try {
      reading = await read(link);
    } catch (error) {
      if (own === readings) fail(error, 'Nothing was started; press Retry');
      return false;
    }
    if (own !== readings) return false;
    adopt(reading, reading.notices);
    if (!mayStart || (state.ran === reading.link && state.phase !== 'failed')) return true;
    if (reading.unasked) start();
    else state.notices.push(LONG);
    changed();
    return true;
  }

  /** Settings that are good. What runs goes on: it is of the link that it was started with. */
  function adopt(reading, notices = []) {
    state.reading = reading;
    state.notices = [...notices];
    if (state.phase === 'reading' || (state.phase === 'failed' && run === null)) {
      state.failure = null;
      state.phase = 'idle';
    }
    changed('settings');
  }

  function fail(error, kept) {
    if (error?.name === 'AbortError') return;
    state.failure = `${error?.message ?? error} ${kept}.`;
    go('failed');
  }

  function tell({ cell, seed }, events) {
    const own = turn;
    isNew = true;
    gatherer.ask({ tell: { cell, seed, events } }).catch((error) => own === turn && stopFor(error));
  }

  function stopFor(error) {
    turn += 1;
    const { done, jobs } = run.progress();
    run.stop();
    fail(error, done > 0 ? `${done} of ${jobs} runs are kept; press Retry` : 'No run had finished; press Retry');
  }

  /** Trains the link that the settings say; with `again`, goes on with what an error stopped. */
  async function start(again = false) {
    if (isAt() || state.reading === null) return;
    turn += 1;
    const own = turn;
    const reading = state.reading;
    state.failure = null;
    state.notices = state.notices.filter((notice) => notice !== LONG);
    go('fetching');
    try {
      await Promise.all(reading.bases.map(base));
      if (own !== turn) return;
      if (!again) {
        run?.stop();
        run = training(reading, tell, () => changed('progress'));
        [state.report, state.fitted, state.ran] = [null, null, reading.link];
      }
      if (!again || gatheredBy !== gatherer.run()) {
        await gatherer.ask({ gather: { link: state.ran } });
        if (own !== turn) return;
        gatheredBy = gatherer.run();
        run.tellAgain();
      }
      go('running');
      watch(own);
      await run.start();
      if (own !== turn) return;
      go('fitting');
      await fit(own);
    } catch (error) {
      if (own !== turn || error?.name === 'AbortError') return;
      if (run === null) fail(error, 'Nothing was started; press Retry');
      else stopFor(error);
    }
  }

  /** Reports while runs go on. */
  async function watch(own) {
    while (own === turn && (state.phase === 'running' || state.phase === 'paused')) {
      const begun = performance.now();
      if (isNew) {
        isNew = false;
        await report(own).catch(() => {}); // whoever trains hears of it, too
      }
      const took = performance.now() - begun;
      await new Promise((resolve) => setTimeout(resolve, Math.max(REPORT_MS, took / SHARE)));
    }
  }

  async function report(own) {
    const given = await gatherer.ask({ report: {} });
    if (own !== turn) return;
    state.report = given;
    changed('report');
  }

  async function fit(own) {
    await report(own);
    do {
      state.fitted = await gatherer.ask({ bootstrap: { count: RESAMPLES } });
      if (own !== turn) return;
      changed('progress');
    } while (state.fitted.done < state.fitted.of);
    await report(own);
    if (own === turn) go('finished');
  }

  function pause() {
    if (state.phase !== 'running') return;
    run.pause();
    go('paused');
  }

  function resume() {
    if (state.phase !== 'paused') return;
    run.resume();
    go('running');
  }

  function cancel() {
    if (!isAt() && state.phase !== 'failed') return;
    turn += 1;
    run?.stop();
    [run, state.failure] = [null, null];
    go('idle');
  }

  window.letheLaws = {
    state,
    workers,
    gatherer,
    GIVEN_UP,
    read,
    open,
    adopt,
    start,
    retry: () => (state.reading === null ? open(wanted) : start(run !== null)),
    pause,
    resume,
    cancel,
    isAt,
    isStale,
    progress: () => run?.progress() ?? null,
    listen: (listen) => listeners.add(listen),
    changed,
  };
})();
