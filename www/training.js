// The training behind the language experiments: base models are fetched, runs are shared out among workers, and what these
// report is handed on unread. What can be asked of the program is listed in src/web/language_worker/ask.rs.
(() => {
  const PROGRAM = 'language_worker';
  const MOST_WORKERS = 8;
  const TURN_MS = 150; // for which a trainer works before it is asked again
  const TRIES = 2; // of a run whose worker ends
  const GIVEN_UP = new DOMException('Given up.', 'AbortError');
  const { desk, Ended, bytes } = window.letheDesk;

  const workers = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1));
  const weights = new Map(); // by file of a base: a promise of its bytes

  async function load(file) {
    const unreachable = () => { throw new Error(`The base model ${file} could not be fetched: the server did not answer.`); };
    const response = await fetch(new URL(`bases/${file}/model.safetensors`, document.baseURI), { cache: 'no-cache' }).catch(unreachable);
    if (!response.ok) throw new Error(`The base model ${file} could not be fetched: the server answered with status ${response.status}.`);
    const broken = () => { throw new Error(`The base model ${file} could not be fetched: the connection broke off.`); };
    return new Uint8Array(await response.arrayBuffer().catch(broken));
  }

  /** The weights of a base, fetched once. */
  function base(file) {
    if (!weights.has(file)) {
      const loading = load(file);
      loading.catch(() => weights.delete(file)); // Retry asks again
      weights.set(file, loading);
    }
    return weights.get(file);
  }

  const name = (job) => JSON.stringify(job);

  /**
   * The runs of a link that has been read. `kind.who` is whose they are; `kind.begin(link, job, aim)` and `kind.advance(millis)`
   * are asked of trainers, and `kind.told(answer)` says what these answer to the second: { done, step, events }. Runs that
   * `kind.isLater(job)` wait for all others, since `kind.aim(job)`, what is known to them, comes of those.
   * `tell(job, events)` is given what they report, `ended(job, events)` all of it once a run has ended, `moved()` is called
   * after both.
   */
  function training(kind, reading, { tell, ended, moved }) {
    const { link, jobs, bases } = reading;
    const steps = kind.steps(reading);
    const events = new Map(); // of each run that was begun, in order
    const tries = new Map();
    const stepsOf = new Map();
    const finished = new Set();
    let [taken, before] = [0, 0]; // of these, on an earlier visit, and the seconds of that
    let trainers = [];
    let gate = null; // while it is paused: { opened, open }
    let isOver = true;
    let active = 0; // milliseconds of work before `since`
    let since = null;

    const isAt = () => since !== null;
    function clock(isOn) {
      if (since !== null) active += performance.now() - since;
      since = isOn ? performance.now() : null;
    }

    async function prepare(trainer) {
      for (const file of bases) {
        const bytes = await base(file);
        if (isOver) return; // a question would start a worker that nobody ends
        await trainer.desk.ask({ base: { file, bytes } });
      }
      trainer.prepared = trainer.desk.run();
    }

    async function train(trainer, job) {
      events.set(name(job), []);
      stepsOf.set(name(job), 0);
      if (trainer.prepared !== trainer.desk.run() || trainer.prepared === 0) await prepare(trainer);
      if (isOver) return;
      const aim = kind.isLater(job) ? await kind.aim(job) : null;
      if (isOver) return;
      await trainer.desk.ask(kind.begin(link, job, aim));
      for (let isDone = false; !isDone && !isOver;) {
        await gate?.opened;
        if (isOver) return;
        if (trainer.desk.run() !== trainer.prepared) throw new Ended(`The worker of ${kind.who} ended while it was paused.`);
        const answer = kind.told(await trainer.desk.ask(kind.advance(TURN_MS)), steps);
        if (isOver) return;
        isDone = answer.done;
        stepsOf.set(name(job), answer.step);
        events.get(name(job)).push(...answer.events);
        if (isDone) finished.add(name(job));
        tell(job, answer.events);
        if (isDone) ended(job, events.get(name(job)));
        moved();
      }
    }

    async function work(trainer, queue) {
      for (let job = queue.shift(); job && !isOver; job = queue.shift()) {
        try {
          await train(trainer, job);
        } catch (error) {
          const own = (tries.get(name(job)) ?? 0) + 1;
          if (!(error instanceof Ended) || isOver || own === TRIES) throw error;
          tries.set(name(job), own);
          queue.unshift(job); // begun anew by a new worker
        }
      }
    }

    /** Trains what is not finished; resolves when all is. */
    async function start() {
      const queues = [false, true].map((isLater) => jobs.filter((job) => !finished.has(name(job)) && kind.isLater(job) === isLater));
      isOver = false;
      tries.clear();
      clock(true);
      trainers = Array.from({ length: Math.min(workers, Math.max(...queues.map((queue) => queue.length))) }, () => ({ desk: desk(PROGRAM, kind.who), prepared: 0 }));
      try {
        for (const queue of queues) await Promise.all(trainers.map((trainer) => work(trainer, queue)));
      } finally {
        stop();
      }
    }

    /** So many seconds were spent on an earlier visit. */
    const took = (seconds) => { before = seconds; };

    /** Counts a run as finished that reported this on an earlier visit. */
    function take(job, told) {
      events.set(name(job), told);
      stepsOf.set(name(job), steps);
      finished.add(name(job));
      taken += 1;
    }

    /** Ends the trainers; finished runs stay. */
    function stop() {
      isOver = true;
      clock(false);
      resume();
      for (const trainer of trainers) trainer.desk.end(GIVEN_UP);
      trainers = [];
    }

    function pause() {
      if (gate || isOver) return;
      clock(false);
      gate = {};
      gate.opened = new Promise((open) => { gate.open = open; });
    }

    function resume() {
      gate?.open();
      gate = null;
      if (!isOver) clock(true);
    }

    function progress() {
      const now = (active + (isAt() ? performance.now() - since : 0)) / 1000;
      const isUnderWay = (job) => stepsOf.has(name(job));
      const done = jobs.filter(isUnderWay).reduce((sum, job) => sum + stepsOf.get(name(job)), 0);
      const all = steps * jobs.length;
      const own = done - taken * steps; // in this time
      return { done: finished.size, jobs: jobs.length, steps: done, all, seconds: before + now, left: own > 0 ? now * (all - done) / own : null };
    }

    /** Everything so far once more, for a desk that knows nothing. */
    function tellAgain() {
      for (const job of jobs.filter((each) => events.has(name(each)))) tell(job, events.get(name(job)));
    }

    return { start, take, took, stop, pause, resume, progress, tellAgain, isComplete: () => finished.size === jobs.length };
  }

  window.letheTraining = { training, base, workers, desk: (who) => desk(PROGRAM, who), bytes: bytes(PROGRAM) };
})();
