// The section "What the kernel knows": opened by the reader, it follows the link, asks the theory's worker about one of
// its networks, and shows what is said, drawn and foreseen. Closed, it fetches nothing.
(() => {
  const { desk, terms, bytes } = window.letheTheory;
  const { figure, follow } = window.letheFigure;
  const PATIENCE_MS = 250; // of a setting that is being changed
  const GIVEN_UP = new DOMException('Given up.', 'AbortError');
  // Keys of links that change nothing here: what came out, and how it is shown.
  const IDLE = /^(b|fp|t|c|dev|proj|embed|lang|task|ui\..*)$/;

  const root = document.documentElement;
  const section = document.getElementById('theory');
  const fold = section.querySelector('details');
  const find = (name) => section.querySelector(`[data-part="${name}"]`);
  const [seed, width, replay] = ['seed', 'width', 'replay'].map((name) => section.querySelector(`[name="theory-${name}"]`));
  const [status, progress, alarm, said, drawn, front] = ['status', 'progress', 'alarm', 'said', 'drawn', 'front'].map(find);

  const quick = desk();
  const slow = desk(); // for what takes long, so that nobody waits for it
  const figures = new Map();
  let link = null; // what is asked about, without what changes nothing
  let known = null; // the analysis that is shown: { key, question, analysed, run }
  let preparing = null; // what the slow worker analyses or has analysed: { key, done, run }
  let isBusy = false;
  let turn = 0;
  let patience = 0;

  find('size').textContent = bytes > 0 ? window.letheDesk.size(bytes) : 'fetched then';

  function trouble(error) {
    if (error?.name !== 'AbortError') alarm.textContent = error?.message ?? String(error);
  }

  function say(words, isAt = false) {
    status.textContent = words;
    progress.hidden = !isAt;
    isBusy = isAt;
  }

  /** The page's link, without keys that change nothing here. */
  function present() {
    const text = /'#([^']*)'/.exec(document.getElementById('twin').textContent)?.[1] ?? '';
    return `#${text.split('&').filter((pair) => !IDLE.test(pair.split('=')[0])).join('&')}`;
  }

  const isOpen = () => fold.open && root.hasAttribute('data-predicts');

  /** A list of numbers to choose from; the one that was chosen stays where it is still there. */
  function fill(select, values, usual) {
    const wanted = values.includes(Number(select.value)) && select.value !== '' ? Number(select.value) : usual;
    select.replaceChildren(...values.map((value) => new Option(value.toLocaleString('en-US'), value, false, value === wanted)));
  }

  function fraction() {
    const text = replay.value.trim().replace(',', '.');
    const isGood = text !== '' && Number(text) >= 0 && Number(text) <= 1;
    replay.setAttribute('aria-invalid', String(!isGood));
    if (!isGood) throw new Error(`p = "${replay.value}"; accepted: a fraction from 0 to 1.`);
    return Number(text);
  }

  /** Asks about the network that is chosen now, unless it is the one that is shown. */
  async function refresh() {
    if (!isOpen()) return;
    turn += 1;
    const own = turn;
    const now = () => own === turn;
    alarm.textContent = '';
    try {
      const isNew = present() !== link;
      link = present();
      // Of a worker that is at an older question nothing is wanted any more.
      if (isBusy && quick.isReady()) quick.end(GIVEN_UP);
      say(quick.isReady() ? 'Reading the link…' : `Fetching the program, ${find('size').textContent}…`, true);
      const choices = await quick.ask({ choices: { link } });
      if (!now()) return;
      if (isNew) {
        fill(seed, choices.seeds, choices.seeds[0]);
        fill(width, choices.widths, choices.width);
        if (replay.value === '') replay.value = choices.replay;
      }
      const question = { link, seed: Number(seed.value), width: Number(width.value), replay: fraction() };
      const key = [choices.subject, question.seed, question.width, question.replay].join(';');
      if (key !== known?.key || known.run !== quick.run()) {
        const steps = choices.pretraining_steps.toLocaleString('en-US');
        say(`Computing: ${steps} steps of pre-training with ${width.selectedOptions[0].text} hidden units, then the kernel of ${choices.examples} examples…`, true);
        const analysed = await quick.analyse(question);
        if (!now()) return;
        await show({ key, question, analysed, run: quick.run() });
      } else {
        known.question = question; // the links that figures offer follow the page's
      }
      if (now()) say(`Seed ${question.seed}, ${width.selectedOptions[0].text} hidden units, p = ${question.replay}: computed in ${(known.analysed.millis / 1000).toFixed(1)} s.`);
    } catch (error) {
      if (!now()) return;
      known = null;
      link = null;
      say('');
      find('content').hidden = true;
      trouble(error);
    }
  }

  async function show(shown) {
    known = shown;
    stop();
    find('content').hidden = false;
    said.replaceChildren(...known.analysed.statements.map(({ id, text }) => {
      const item = document.createElement('li');
      item.dataset.statement = id;
      item.textContent = text;
      return item;
    }));
    tieSymbols();
    for (const { id, title } of known.analysed.figures) place(id, title, drawn).from(quick);
    const listed = known.analysed.figures.map(({ id }) => id);
    for (const [id, each] of figures) {
      if (listed.includes(id)) continue; // the front of the network before
      each.place.remove();
      figures.delete(id);
    }
    editor.open(known.analysed);
    await redraw();
  }

  /** Puts the network's numbers beside the symbols of the equations, sentence by sentence where all are known. */
  function tieSymbols() {
    const values = Object.fromEntries(known.analysed.statements.map((each) => [each.id, each.values]));
    for (const sentence of document.querySelectorAll('[data-known]')) {
      const places = [...sentence.querySelectorAll('[data-value]')];
      const numbers = places.map(({ dataset }) => dataset.value.split('.')).map(([id, name]) => values[id]?.[name]);
      sentence.hidden = numbers.includes(undefined);
      places.forEach((place, k) => { place.textContent = numbers[k] === undefined ? '' : Number(numbers[k].toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 }); });
    }
  }

  /** The place of a figure, made where it is wanted first. */
  function place(id, title, parent) {
    const there = figures.get(id) ?? figure(id, title, trouble, 'theory');
    if (!figures.has(id)) {
      figures.set(id, there);
      parent.append(there.place);
    }
    return there;
  }

  async function redraw() {
    for (const each of figures.values()) await each.draw();
    if (known) editor.redraw();
  }

  /** The slow worker, with the network analysed that is shown. */
  async function prepared() {
    const { key, question } = known;
    if (preparing?.key !== key || preparing.run !== slow.run()) {
      const done = slow.analyse(question);
      preparing = { key, done, run: slow.run() };
    }
    await preparing.done;
    return slow;
  }

  function stop() {
    slow.end(GIVEN_UP);
  }

  const schedule = figure('schedule', 'Foreseen', trouble, 'theory');
  find('foreseen').append(schedule.place);
  schedule.from(quick);
  const editor = window.letheEditor.editor(find('editor'), schedule, { quick: () => quick, slow: prepared, link: () => known.question.link }, trouble);

  async function drawFront() {
    const words = front.textContent;
    front.textContent = 'Stop';
    find('front-status').textContent = 'The kernel looks for the best schedule under each budget and for each aim…';
    try {
      await prepared();
      const { id, title } = await slow.ask({ front: { terms: terms() } });
      const there = place(id, title, find('front-place'));
      there.from(slow);
      await there.draw();
    } finally {
      find('front-status').textContent = '';
      front.textContent = words;
    }
  }
  front.addEventListener('click', () => {
    if (front.textContent === 'Stop') stop();
    else drawFront().catch(trouble);
  });

  fold.addEventListener('toggle', () => {
    if (fold.open) return refresh();
    turn += 1;
    stop();
    if (isBusy) {
      quick.end(GIVEN_UP);
      say('');
      link = null;
    }
  });
  for (const control of [seed, width, replay]) control.addEventListener('change', refresh);

  const later = (act) => () => {
    clearTimeout(patience);
    patience = setTimeout(act, PATIENCE_MS);
  };
  const follows = later(() => present() !== link && refresh());
  new MutationObserver(follows).observe(document.getElementById('twin'), { childList: true, characterData: true, subtree: true });
  new MutationObserver(follows).observe(root, { attributes: true, attributeFilter: ['data-predicts'] });

  const repaint = () => isOpen() && known && redraw().catch(trouble);
  follow(find('content'), repaint);
})();
