// Questions to a worker that answers in turn: `{ id, ask }`, answered by `{ id, answer }` or `{ id, refused }`. It is
// started when something is asked, never before; `<meta name="lethe-...">` says where its program is and how large.
(() => {
  const named = (name) => document.querySelector(`meta[name="${name}"]`)?.content;
  const address = (program) => new URL(named(`lethe-${program}`) ?? `./${program}_loader.js`, document.baseURI);

  /** Bytes of a program as most hosts pack it; 0 where the build does not say. */
  const bytes = (program) => Number(named(`lethe-${program}-bytes`) ?? 0);
  const size = (count) => (count >= 1e6 ? `${(count / 1e6).toFixed(1)} MB` : `${Math.round(count / 1000)} KB`);

  /** Of an error: the worker is gone, and what it knew with it. */
  class Ended extends Error {}

  /** A worker of this program, which speaks of `who`. What it was asked is refused when it is ended or fails. */
  function desk(program, who) {
    let own = null; // { worker, run, isReady }
    let runs = 0; // workers so far: what one knows, the next does not
    let last = 0;
    const waiting = new Map(); // what was asked and not answered, by number: { ask, given, answer, refuse, isSent }

    function start() {
      runs += 1;
      const started = { worker: new Worker(address(program), { type: 'module' }), run: runs, isReady: false };
      const ended = (words) => own === started && end(new Ended(words));
      started.worker.onmessage = ({ data }) => {
        if (own !== started) return;
        if (data.ready) {
          started.isReady = true;
          for (const id of waiting.keys()) send(id);
        } else if (data.ended) {
          ended(`${data.ended}. Ask again: a new worker will start.`);
        } else {
          const { answer, refuse } = waiting.get(data.id) ?? {};
          waiting.delete(data.id);
          if ('refused' in data) refuse?.(new Error(data.refused));
          else answer?.(data.answer);
        }
      };
      started.worker.onmessageerror = () => ended(`An answer of ${who} could not be read by this browser.`);
      started.worker.onerror = (event) => {
        event.preventDefault(); // it is told here, once
        const why = event.message ? `: ${event.message}` : started.isReady ? '' : ': its program could not be loaded';
        ended(`The worker of ${who} ended${why}. Ask again: a new one will start.`);
      };
      return started;
    }

    function send(id) {
      const asked = waiting.get(id);
      asked.isSent = true;
      own.worker.postMessage({ id, ask: asked.ask }, asked.given);
    }

    /** Ends the worker, whatever it is at; what it was asked is refused for this reason. */
    function end(reason) {
      own?.worker.terminate();
      own = null;
      const refused = [...waiting.values()];
      waiting.clear();
      for (const { refuse } of refused) refuse(reason);
    }

    /** Asks; the buffers in `given` are the worker's from then on. */
    function ask(question, given = []) {
      own ??= start();
      last += 1;
      const id = last;
      const answered = new Promise((answer, refuse) => waiting.set(id, { ask: question, given, answer, refuse, isSent: false }));
      if (own.isReady) send(id);
      return answered;
    }

    /** What was asked before is void: its answer, still awaited, would be about something else. */
    function anew(question) {
      const reason = new DOMException('Something newer was asked for.', 'AbortError');
      const isAt = [...waiting.values()].some(({ isSent }) => isSent);
      if (isAt) end(reason);
      for (const [id, { refuse }] of waiting) {
        waiting.delete(id);
        refuse(reason);
      }
      return ask(question);
    }

    return { ask, anew, end, isReady: () => Boolean(own?.isReady), run: () => own?.run ?? 0 };
  }

  /** Does what it is given one after the other, whatever becomes of each. */
  function line() {
    let last = Promise.resolve();
    return (work) => {
      const done = last.then(work);
      last = done.catch(() => {});
      return done;
    };
  }

  /** Gives scripts `window.lethe.<name>`. The program makes window.lethe just before it says that it is ready. */
  function offer(name, offered) {
    const give = () => {
      if (!window.lethe) return;
      window.lethe[name] = offered;
      watch.disconnect();
    };
    const watch = new MutationObserver(give);
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-ready'] });
    give();
  }

  window.letheDesk = { desk, Ended, bytes, size, line, offer };
})();
