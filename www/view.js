// The view of an experiment of its own kind: follows the address, shows the run as it goes.
(() => {
  const { shown, list } = window.letheReport;
  const READ_OUT_MS = 3000; // between two sentences that are read out while runs go on

  const root = document.documentElement;

  /**
   * Binds the view of the experiment `name`, whose elements are called by it (`#name`, `#name-tab` and so on). Of `parts`,
   * `title` is said over the tab, `fitting({ done, of })` says in two texts what is done after the runs, `own` is given
   * files that are no record with a link, `opened()` hears of those that are; `report(report)` and `show({ isWhole, isOld })` hear of changes.
   */
  function view(name, experiment, parts) {
    const { state, ask, workers, progress, isAt, isStale } = experiment;
    const place = document.getElementById(name);
    const [tab, verdict] = ['tab', 'verdict'].map((what) => document.getElementById(`${name}-${what}`));
    const find = (part) => place.querySelector(`[data-part="${part}"]`);
    const [run, pause, cancel, bar] = ['run', 'pause', 'cancel', 'progress'].map(find);
    const [said, more, alarm, notices] = ['said', 'more', 'alarm', 'notices'].map(find);
    const questions = [...place.querySelectorAll('.questions a')];
    const invitation = [said.textContent, more.textContent];
    const trouble = (error) => { if (error.name !== 'AbortError') alarm.textContent = error.message; };
    const number = (value) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
    const count = (value, one) => `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`;

    const report = shown({ drawn: find('drawn'), statements: find('statements'), warnings: find('warnings') }, { ask }, trouble, name);
    let isRun = false; // whether the entry of the history is a run, to which Back should lead
    let opening = null; // the link that is being read
    let saidAt = 0;

    const isShown = () => root.dataset.view === name;

    function write(link, isNew) {
      if (!isShown() || location.hash === link) return;
      history[isNew ? 'pushState' : 'replaceState'](null, '', link);
    }

    function start() {
      if (isAt() || !state.reading) return Promise.resolve(false);
      write(state.reading.link, isRun);
      isRun = true;
      return experiment.start();
    }

    /** Opens a link in a new entry, and runs it where it may start by itself. Resolves to whether it is the newest still. */
    async function visit(link, mayStart = true) {
      opening = link;
      // Only a change of the hash tells the lab that it is left.
      if (!isShown()) location.hash = link;
      else if (location.hash !== link) history.pushState(null, '', link);
      return openNow(link, mayStart);
    }

    async function openNow(link, mayStart) {
      opening = link;
      isRun = mayStart;
      if (!await experiment.open(link, mayStart)) return false;
      opening = null;
      write(state.reading.link, false);
      return true;
    }

    /** The address may say something that this page did not write. */
    function follow() {
      if (isShown()) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
      if (!isShown()) return experiment.pause();
      const { hash } = location;
      if (hash === opening || hash === state.reading?.link) return undefined;
      const asks = hash.slice(1).split('&').some((pair) => !/^(v|x|b)=/.test(pair));
      return openNow(hash, asks);
    }

    const isOld = () => isStale() && !isAt();

    function sentence() {
      const { report: given, phase } = state;
      if (isOld()) return ['Settings changed; press Run.', 'The figures below are of the run before.'];
      if (!given || phase === 'fetching') return invitation;
      const differs = given.verdict?.kind === 'differs' ? ` Not the same result. It ${given.verdict.sentence}.` : '';
      return [given.headline, `${given.more}${differs}`];
    }

    function speak() {
      const now = performance.now();
      if (state.phase === 'running' && now - saidAt < READ_OUT_MS) return;
      saidAt = now;
      const [headline, evidence] = sentence();
      if (said.textContent !== headline) said.textContent = headline;
      if (more.textContent !== evidence) more.textContent = evidence;
    }

    function left(seconds) {
      if (seconds === null) return '';
      return seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s left` : `about ${Math.round(seconds / 60)} min left`;
    }

    function status() {
      const now = progress();
      const { reading, fitted } = state;
      const done = now && `${now.done} of ${count(now.jobs, 'run')}`;
      switch (state.phase) {
        case 'closed': case 'reading': return ['Fetching the program', window.letheTraining.bytes > 0 ? find('size').textContent : ''];
        case 'fetching': return ['Fetching the base model', ''];
        case 'running': return [done, left(now.left)];
        case 'paused': return ['Paused', done];
        case 'fitting': return parts.fitting(fitted);
        case 'finished': return [isOld() ? 'Settings changed' : count(now.jobs, 'run'), `in ${number(now.seconds)} s`];
        case 'failed': return ['Stopped', done ?? ''];
        default: return ['Ready', reading ? count(reading.jobs.length, 'run') : ''];
      }
    }

    function badge() {
      const claimed = /[&#]fp=/.test(state.ran?.link ?? '') && !isOld();
      const now = progress();
      if (claimed && isAt() && now) return ['checking', `Checking, ${now.done} of ${now.jobs}`];
      return claimed && state.report?.verdict ? [state.report.verdict.kind, state.report.verdict.text] : ['new', 'New run'];
    }

    function showProgress() {
      const now = progress();
      bar.max = now?.all ?? 1;
      bar.value = state.phase === 'idle' ? 0 : now?.steps ?? 0;
      const [what, rest] = status();
      const strong = find('status').firstElementChild;
      if (strong.textContent !== what) strong.textContent = what;
      if (find('left').textContent !== rest) find('left').textContent = rest;
      const [kind, text] = badge();
      verdict.dataset.verdict = kind;
      if (verdict.lastElementChild.textContent !== text) verdict.lastElementChild.textContent = text;
    }

    const enable = (button, isOn) => button.setAttribute('aria-disabled', String(!isOn));

    function show() {
      const { phase, reading } = state;
      const isBusy = phase === 'running' || phase === 'fetching' || phase === 'fitting';
      run.textContent = phase === 'paused' ? 'Resume' : phase === 'failed' ? 'Retry' : isBusy ? 'Running' : 'Run';
      enable(run, !isBusy && phase !== 'closed' && phase !== 'reading');
      enable(pause, phase === 'running');
      enable(cancel, isAt());
      if (alarm.textContent !== (state.failure ?? '')) alarm.textContent = state.failure ?? '';
      list(notices, state.notices);
      const size = reading ? `${count(reading.jobs.length, 'run')} of ${count(reading.steps, 'step')}: ${number(reading.work / 1e12)} TFLOP on ${count(workers, 'worker')}` : '';
      find('size-of-run').textContent = size;
      for (const each of questions) {
        if (reading && each.hash === reading.link) each.setAttribute('aria-current', 'true');
        else each.removeAttribute('aria-current');
      }
      report.fade(isOld());
      place.dataset.phase = phase;
      files.show();
      parts.show?.({ isWhole: files.isWhole(), isOld: isOld() });
      showProgress();
      if (!(phase === 'running' && state.report)) saidAt = -READ_OUT_MS;
      speak();
    }

    const files = window.letheFiles.files(find('panel'), name, experiment, visit, parts.own, parts.opened);
    window.letheSettings.settings(find('settings'), name, experiment, () => {
      write(state.reading.link, isRun);
      isRun = false;
    });

    experiment.listen((what) => {
      if (what === 'progress') return showProgress();
      if (what === 'report' || state.report === null) {
        report.show(state.report);
        parts.report?.(state.report);
      }
      return show();
    });

    const press = {
      run: () => (state.phase === 'paused' ? experiment.resume() : state.phase === 'failed' ? experiment.retry() : start()),
      pause: () => experiment.pause(),
      cancel: () => experiment.cancel(),
    };
    for (const [name, button] of Object.entries({ run, pause, cancel })) {
      button.addEventListener('click', () => button.ariaDisabled !== 'true' && press[name]());
    }
    find('panel').addEventListener('submit', (event) => event.preventDefault());

    const hasModifier = (event) => event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    place.addEventListener('click', (event) => {
      const link = event.target.closest('.questions a');
      if (!link || hasModifier(event)) return;
      event.preventDefault();
      visit(link.hash);
    });
    // Back to where the visitor was.
    tab.addEventListener('click', (event) => {
      if (hasModifier(event) || !state.reading) return;
      event.preventDefault();
      if (!isShown()) location.hash = state.reading.link;
    });

    const letters = document.getElementById('letter-keys');
    document.addEventListener('keydown', (event) => {
      if (!isShown() || event.defaultPrevented || hasModifier(event) || event.repeat || document.querySelector(':popover-open')) return;
      const isIn = (selector) => event.target instanceof Element && event.target.matches(selector);
      const isText = isIn('input:not([type=radio], [type=checkbox]), select, textarea');
      if (event.key === 'Escape') cancel.click();
      else if (event.key === ' ' && !isIn('a, button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])')) {
        event.preventDefault();
        if (state.phase === 'paused') experiment.resume();
        else experiment.pause();
      } else if (letters.checked && !isText && event.key.toLowerCase() === 'r') run.click();
      else if (letters.checked && !isText && event.key.toLowerCase() === 'l') files.copy();
    });

    const bytes = window.letheDesk.size(window.letheTraining.bytes);
    find('size').textContent = window.letheTraining.bytes > 0 ? bytes : 'fetched now';
    tab.title = window.letheTraining.bytes > 0 ? `${parts.title}; fetches a program of ${bytes}` : parts.title;
    if (matchMedia('(max-width: 1180px)').matches) find('settings').open = false;

    new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ['data-view'] });
    addEventListener('hashchange', () => isShown() && follow());
    follow();
    return { visit, start };
  }

  window.letheView = { view };
})();
