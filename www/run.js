// The run of a link of an experiment: read, trained, gathered, reported, fitted. One state for each experiment, and whoever
// shows it is told of changes.
(() => {
  const REPORT_MS = 500; // between two reports while runs go on, at least
  const SHARE = 0.1; // of a core's time, at most, that reports may take from runs
  const LONG = 'This run is long, so it waits for you: press Run.';
  const BUSY = 'Another run is at work, so this one waits for you: press Run when that has ended.';
  const { training, base, workers, desk } = window.letheTraining;
  const kept = window.letheKept;

  /**
   * The runs of one kind of experiment. To what training needs, `kind` adds: `asked(question)`, how the gatherer is asked
   * to read, gather and report; `tell(job, events)`, what it is told, as questions; `needsBases`, whether it reads the base
   * models itself; `again(done)`, what is asked of a new gatherer before figures are drawn; `fit(ask, heard)`, what is
   * done once all runs have ended, as long as `heard({ done, of })` says true.
   */
  function runs(kind) {
    const gatherer = desk(kind.who);
    const listeners = new Set();
    const state = {
      phase: 'closed', // then reading, idle, fetching, running, paused, fitting, finished, failed
      reading: null, // the link that the settings say
      notices: [],
      report: null,
      ran: null, // the reading that the report is about
      fitted: null, // how far what is done after the runs is: { done, of }
      failure: null,
    };
    let run = null; // training; one that is incomplete at rest was stopped by an error
    let gatheredBy = null; // which worker of the gatherer knows the run
    const fetched = new Map(); // base models by their files
    let turn = 0;
    let readings = 0;
    let isNew = false; // whether events came since the last report
    let wantsPause = false; // asked for before there was anything to pause
    let isUnkept = false; // whether this browser keeps nothing
    let offer = null; // what is said of a run that is kept
    let retry = start; // what failed, once more

    const changed = (what = 'state') => { for (const listen of listeners) listen(what); };
    /** By what a run is kept in this browser. */
    const idOf = (reading) => `${reading.build}, ${kind.who}: ${science(reading)}`;
    const isAt = () => ['fetching', 'running', 'paused', 'fitting'].includes(state.phase);
    const science = ({ settings }) => settings.map(({ key, value }) => `${key}=${value}`).join('&');
    const isOfRun = (reading) => state.ran !== null && science(state.ran) === science(reading);
    const isStale = () => state.ran !== null && state.reading !== null && !isOfRun(state.reading);

    /** Whether the run is what a link asks for, with no other claim about its result. */
    function isAnswered(reading) {
      const claim = ({ link }) => /&fp=([^&]*)/.exec(link)?.[1] ?? null;
      return isOfRun(reading) && [null, claim(state.ran)].includes(claim(reading));
    }

    function go(phase) {
      state.phase = phase;
      changed();
    }

    /** Where it comes to when nothing is at work: what is complete stays. */
    function rest() {
      state.failure = null;
      state.phase = run?.isComplete() ? 'finished' : 'idle';
      if (state.phase === 'finished' && !state.report?.complete) report(turn).catch((error) => fail(error, 'Press Retry'));
    }

    /** What a link asks for, leniently read. */
    const read = (link) => gatherer.ask(kind.asked({ read: { link } }));

    /** The base models, which were fetched before the run began, for the gatherer. */
    const giveBases = ({ bases }) => bases.map((file) => gatherer.ask({ base: { file, bytes: fetched.get(file) } }));

    /** Gathers the run anew where the worker that had gathered it ended; what is asked after it is answered from that. */
    function gather() {
      if (run === null || gatheredBy === gatherer.run()) return Promise.resolve();
      const given = kind.needsBases ? giveBases(state.ran) : [];
      const gathered = Promise.all([...given, gatherer.ask(kind.asked({ gather: { link: state.ran.link } }))]);
      gatheredBy = gatherer.run();
      gathered.catch(() => { gatheredBy = null; });
      run.tellAgain();
      if (state.report) for (const question of kind.again(state.fitted)) gatherer.ask(question).catch(() => {});
      return gathered;
    }

    /** Asks the gatherer. */
    function ask(question) {
      if (!isAt()) gather().catch(() => {}); // then the question is refused, too
      return gatherer.ask(question);
    }

    /** Puts a link before the visitor; `mayStart` where it may start by itself. Resolves to whether it is the newest still. */
    async function open(link, mayStart = false) {
      readings += 1;
      const own = readings;
      wantsPause = false;
      if (state.phase === 'closed') go('reading');
      let reading;
      try {
        reading = await read(link);
      } catch (error) {
        if (own !== readings) return false;
        if (isAt()) stopFor(error);
        else fail(error, 'Nothing was started; press Retry', () => open(link, mayStart));
        return false;
      }
      const there = isOfRun(reading) ? null : await kept.find(idOf(reading)).catch(() => null); // storage may be blocked
      if (own !== readings) return false;
      adopt(reading, reading.notices);
      offer = there && `${there.count} of ${reading.jobs.length} runs are kept in this browser, the last from ${there.when}: Run goes on from there.`;
      if (offer) state.notices.push(offer);
      if (!mayStart || (isAnswered(reading) && (isAt() || state.phase === 'finished'))) return true;
      if (isAt()) state.notices.push(BUSY);
      else if (reading.unasked) start();
      else state.notices.push(LONG);
      changed();
      return true;
    }

    /** Settings that are good. What runs goes on: it is of the link that it was started with. */
    function adopt(reading, notices = []) {
      state.reading = reading;
      state.notices = [...notices];
      if (state.phase === 'reading' || state.phase === 'failed') rest();
      changed('settings');
    }

    function fail(error, kept, again = start) {
      if (error?.name === 'AbortError') return;
      const why = String(error?.message ?? error);
      state.failure = `${why}${/[.!?]$/.test(why) ? '' : '.'} ${kept}.`;
      retry = again;
      go('failed');
    }

    function tell(job, events) {
      const own = turn;
      isNew ||= events.length > 0;
      for (const question of kind.tell(job, events)) gatherer.ask(question).catch((error) => own === turn && stopFor(error));
    }

    /** What is over is not offered again. */
    const giveUp = (reading) => kept.remove(idOf(reading)).catch(() => {}); // stale later

    function stopFor(error) {
      turn += 1;
      run?.stop();
      const { done, jobs } = run?.progress() ?? { done: 0 };
      fail(error, done > 0 ? `${done} of ${jobs} runs are kept; press Retry` : 'No run had finished; press Retry');
    }

    /** Keeps what a job has come to. Where it cannot be kept, that is told once. */
    function keep(reading, job, events) {
      if (isUnkept) return;
      kept.put(idOf(reading), job, events, run.progress().seconds).catch((error) => {
        if (isUnkept) return;
        isUnkept = true;
        state.notices.push(`This browser keeps nothing of this run (${error?.name ?? error}): after a reload it would begin anew.`);
        changed();
      });
    }

    /** Puts in place what is kept of a run; what the gatherer does not accept is trained anew. */
    async function takeKept(reading, own) {
      const { outcomes, seconds } = await kept.load(idOf(reading)).catch(() => ({ outcomes: [], seconds: 0 }));
      run.took(seconds);
      for (const [job, events] of outcomes) {
        if (own !== turn) return;
        try {
          for (const question of kind.tell(job, events)) await gatherer.ask(question);
          run.take(job, events);
          isNew = true;
        } catch {
          await gather(); // if it ended of it
        }
      }
    }

    /** Trains the link that the settings say, or goes on with what an error stopped of it. Resolves to whether it came to its end. */
    async function start() {
      if (isAt() || state.reading === null) return false;
      turn += 1;
      const own = turn;
      const reading = state.reading;
      const goesOn = run !== null && isAnswered(reading) && (state.phase === 'failed' || !run.isComplete());
      let isBegun = goesOn;
      state.failure = null;
      state.notices = state.notices.filter((notice) => ![LONG, BUSY, offer].includes(notice));
      go('fetching');
      try {
        await Promise.all(reading.bases.map(async (file) => fetched.set(file, await base(file))));
        if (own !== turn) return false;
        if (!goesOn) {
          run = training(kind, reading, { tell, ended: (job, events) => keep(reading, job, events), moved: () => changed('progress') });
          [state.report, state.fitted, state.ran, gatheredBy] = [null, null, reading, null];
          isBegun = true;
        }
        await gather();
        if (!goesOn) await takeKept(reading, own);
        if (own !== turn) return false;
        go('running');
        watch(own);
        const trained = run.start();
        if (wantsPause) pause();
        await trained;
        if (own !== turn) return false;
        go('fitting');
        return await fit(own);
      } catch (error) {
        if (own !== turn || error?.name === 'AbortError') return false;
        if (isBegun) stopFor(error);
        else fail(error, 'Nothing was started; press Retry');
        return false;
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
      const given = await ask(kind.asked({ report: {} }));
      if (own !== turn) return;
      state.report = given;
      changed('report');
    }

    async function fit(own) {
      await report(own);
      await kind.fit(ask, (at) => {
        if (own !== turn) return false;
        state.fitted = at;
        changed('progress');
        return true;
      });
      await report(own);
      if (own !== turn) return false;
      giveUp(state.ran);
      go('finished');
      return true;
    }

    /** Pauses what runs, or will run as soon as it is fetched. */
    function pause() {
      wantsPause = true;
      if (state.phase !== 'running') return;
      run.pause();
      go('paused');
    }

    function resume() {
      wantsPause = false;
      if (state.phase !== 'paused') return;
      run.resume();
      go('running');
    }

    function cancel() {
      if (!isAt()) return;
      turn += 1;
      run?.stop();
      if (!run?.isComplete()) {
        if (state.ran) giveUp(state.ran);
        run = null;
      }
      rest();
      changed();
    }

    /** What a visitor asks for now is not to pause. */
    const asked = (begin) => () => {
      wantsPause = false;
      return begin();
    };

    return {
      state,
      workers,
      gatherer: { ask, run: gatherer.run },
      ask: (question) => ask(kind.asked(question)),
      read,
      open,
      adopt,
      start: asked(start),
      retry: asked(() => retry()),
      pause,
      resume,
      cancel,
      isAt,
      isStale,
      progress: () => run?.progress() ?? null,
      listen: (listen) => listeners.add(listen),
      changed,
    };
  }

  /** What scripts can do with the runs of any kind; `shown` is `window.letheFiles.results(…)`, `view()` what shows them. */
  function forScripts(kind, experiment, { linkToShare, record }, view) {
    const { state, ask, progress } = experiment;
    async function start(link = linkToShare()) {
      if (!new RegExp(`[#&]x=${kind.experiment}(&|$)`).test(link)) {
        throw new Error(`link = "${link}"; accepted: a link of ${kind.who}, such as #v=1&x=${kind.experiment}.`);
      }
      experiment.cancel();
      const { visit, start: begin } = view();
      const isDone = await visit(`#${link.slice(link.indexOf('#') + 1)}`, false) && await begin();
      if (!isDone) throw new Error(state.failure ?? 'The run was cancelled.');
      return state.report;
    }
    return {
      state: () => {
        const { phase, notices, failure, report } = state;
        const { done = 0, jobs = 0, seconds = 0 } = progress() ?? {};
        return {
          phase, link: linkToShare(), done, jobs, seconds, workers, stale: experiment.isStale(), notices: [...notices], failure,
          headline: report?.headline ?? null, fingerprint: report?.fingerprint ?? null, verdict: report?.verdict?.text ?? null,
        };
      },
      run: start,
      pause: experiment.pause,
      resume: experiment.resume,
      cancel: experiment.cancel,
      report: () => ask({ report: {} }),
      figure: (id, look) => ask({ figure: { id, sheet: window.letheFigure.sheet(look) } }),
      record,
      csv: () => ask({ csv: {} }),
    };
  }

  window.letheRun = { runs, forScripts };
})();
