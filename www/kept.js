// What has ended of an unfinished run of a language experiment, so that it goes on after a reload. Runs are kept by the build
// and the settings that decide them; what is read back is told to a worker, which checks it.
(() => {
  const MOST_RUNS = 3;
  const MOST_DAYS = 14;
  const { database, answered, saidTime } = window.letheStore;
  const { reading, change } = database('lethe-outcomes', { runs: { keyPath: 'id' }, outcomes: {} });

  const range = (id) => IDBKeyRange.bound([id], [id, []]);

  const remove = (id) => change((runs, outcomes) => {
    runs.delete(id);
    outcomes.delete(range(id));
  });

  /** Removes what is stale: what is old, and all but the newest runs. */
  async function tidy() {
    const runs = await answered((await reading('runs')).getAll());
    runs.sort((a, b) => b.when - a.when);
    const oldest = Date.now() - MOST_DAYS * 864e5;
    const stale = runs.filter(({ when }, k) => k >= MOST_RUNS || !(when > oldest));
    for (const { id } of stale) await remove(id);
  }

  const run = async (id) => answered((await reading('runs')).get(id));

  /** How much is kept of a run: `{ count, when }`, or null. What is stale is removed. */
  async function find(id) {
    await tidy();
    const found = await run(id);
    const count = await answered((await reading('outcomes')).count(range(id)));
    return found && count > 0 ? { count, when: saidTime(new Date(found.when)) } : null;
  }

  /** What is kept of a run: `outcomes`, as [job, events], and the seconds that they took. */
  async function load(id) {
    const found = await run(id);
    const outcomes = await answered((await reading('outcomes')).getAll(range(id)));
    return { outcomes, seconds: found?.seconds ?? 0 };
  }

  /** Keeps what a job of a run has reported, `seconds` after the run began. */
  const put = (id, job, events, seconds) => change((runs, outcomes) => {
    runs.put({ id, seconds, when: Date.now() });
    outcomes.put([job, events], [id, JSON.stringify(job)]);
  });

  window.letheKept = { find, load, put, remove };
})();
