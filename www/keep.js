// Where an unfinished run lies in this browser, so that it can go on after a reload: IndexedDB. The program
// gives and takes bytes (src/web/page/keeping.rs) and checks what it is given; here they are written in
// batches beside the page's work, never more than the cap, and what is stale is removed.
(() => {
  const MOST_BYTES = 256e6; // of one run: about three thousand networks of eight branches
  const MOST_RUNS = 3;
  const MOST_DAYS = 14;
  const PACE_MS = 250; // between two looks for something to write
  const NEXT_MS = 25; // between two batches, where one was not enough
  const PORTION = 8; // records fetched at once
  const READ_MS = 8; // for which they are read, then the page draws
  const { database, answered, saidTime } = window.letheStore;
  const { reading, change } = database('lethe', { runs: { keyPath: 'id' }, jobs: {} });

  let run = null; // { id, build, link, seeds, done, sizes, bytes, written, trouble, told, release }

  const lock = (id) => `lethe-run-${id}`;
  const range = (id) => IDBKeyRange.bound([id], [id, []]);

  const remove = (id) => change((runs, jobs) => {
    runs.delete(id);
    jobs.delete(range(id));
  });

  /** The newest unfinished run that no other page is at, or null; whatever is stale is removed. */
  async function find() {
    const all = await answered((await reading('runs')).getAll());
    const keys = await answered((await reading('jobs')).getAllKeys());
    const held = await navigator.locks?.query();
    const elsewhere = new Set(held?.held.map(({ name }) => name));
    const oldest = Date.now() - MOST_DAYS * 864e5;
    const isRun = ({ build, link, seeds, done, when }) => [build, link].every((text) => typeof text === 'string')
      && [seeds, done, when].every(Number.isFinite);
    const runs = all.filter((each) => isRun(each) && each.when > oldest).sort((a, b) => b.when - a.when);
    const free = runs.filter(({ id }) => !elsewhere.has(lock(id)));
    const stale = new Set([...all.map(({ id }) => id), ...keys.map(([id]) => id)]);
    for (const { id } of runs.filter((each) => !free.includes(each)).concat(free.slice(0, MOST_RUNS))) stale.delete(id);
    for (const id of stale) await remove(id);
    const [found] = free;
    return found ? { ...found, when: saidTime(new Date(found.when)) } : null;
  }

  /** Takes a run's records back, a few at a time; resolves to whether each was good. */
  async function load(id, take) {
    let good = 0;
    let bad = 0;
    let after = [id];
    const sizes = new Map();
    let begun = performance.now();
    for (;;) {
      const jobs = await reading('jobs');
      const rest = IDBKeyRange.bound(after, [id, []], good + bad > 0);
      const [keys, records] = await Promise.all([answered(jobs.getAllKeys(rest, PORTION)), answered(jobs.getAll(rest, PORTION))]);
      if (keys.length === 0) return { good, bad, sizes };
      for (const [k, bytes] of records.entries()) {
        const taken = bytes instanceof Uint8Array && take(bytes);
        if (taken) sizes.set(keys[k][1], bytes.length);
        good += taken ? 1 : 0;
        bad += taken ? 0 : 1;
        if (performance.now() - begun > READ_MS) {
          await new Promise((resolve) => setTimeout(resolve));
          begun = performance.now();
        }
      }
      after = keys.at(-1);
    }
  }

  /** Keeps a new run, or with an `id` one that was kept; the one before it is given up. */
  function begin(id, link, build, seeds, fill, trouble, sizes = new Map()) {
    if (run && run.id !== id) giveUp();
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const own = id || `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    run = {
      id: own, link, build, seeds, done: 0, sizes, bytes, written: Boolean(id), trouble: null, told: false, release: () => {},
    };
    const begun = run;
    navigator.locks?.request(lock(own), () => new Promise((resolve) => { begun.release = resolve; }));
    setTimeout(() => keep(begun, fill, trouble), PACE_MS);
  }

  function giveUp() {
    const { id, written, release } = run;
    run = null;
    release();
    if (written) remove(id).catch(() => {}); // stale later
  }

  async function keep(own, fill, trouble) {
    if (run !== own) return;
    // null, or [is over, seeds whose records are all here or null, number, bytes, number, bytes, ...]
    const batch = fill(!own.trouble);
    if (batch?.[0]) return giveUp();
    let pause = PACE_MS;
    if (own.trouble) {
      // What was kept so far stays until the run is over, and a reload offers that much.
      own.told ||= trouble(own.trouble);
    } else if (batch) {
      try {
        const anyNew = batch.length > 2;
        if (anyNew || (batch[1] ?? own.done) !== own.done) await write(own, batch);
        if (anyNew) pause = NEXT_MS;
      } catch (error) {
        own.trouble = error?.name === 'QuotaExceededError' ? 'full' : 'blocked';
      }
    }
    setTimeout(() => keep(own, fill, trouble), pause);
  }

  async function write(own, [, done, ...records]) {
    for (let k = 0; k < records.length; k += 2) {
      own.bytes += records[k + 1].length - (own.sizes.get(records[k]) ?? 0);
      own.sizes.set(records[k], records[k + 1].length);
    }
    if (own.bytes > MOST_BYTES) throw new DOMException('the cap', 'QuotaExceededError');
    own.written = true; // so that giving up removes what is under way, too
    await change((runs, jobs) => {
      if (run !== own) return;
      for (let k = 0; k < records.length; k += 2) jobs.put(records[k + 1], [own.id, records[k]]);
      const { id, link, build, seeds } = own;
      own.done = done ?? own.done;
      runs.put({ id, link, build, seeds, done: own.done, when: Date.now() });
    });
  }

  window.letheKeep = { find, load, begin, remove };
})();
