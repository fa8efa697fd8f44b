// The visitor's own runs: files are read by the worker, what a file lacks is asked for, and the laws are fitted to the rest.
(() => {
  const { gatherer, resample } = window.letheLaws;
  const { shown, list } = window.letheReport;
  const { adviser } = window.letheLawsAdvice;
  const { line, Ended } = window.letheDesk;
  const LARGEST = 64 * 2 ** 20; // bytes of a file, as for the worker
  const template = document.getElementById('own-file');

  /** Binds the section. */
  function own(section) {
    const { droppable, content } = window.letheFiles;
    const find = (part) => section.querySelector(`[data-part="${part}"]`);
    const [drop, alarm, status, listed, mapping, result] = ['own-drop', 'own-error', 'own-status', 'own-files', 'mapping', 'own-result'].map(find);
    const picker = drop.querySelector('input');
    const trouble = (error) => { if (error.name !== 'AbortError') alarm.textContent = error.message; };
    const places = { drawn: find('own-drawn'), statements: find('own-statements'), warnings: find('own-warnings') };
    const inTurn = line(); // imports add up, so one reading of all files must end before the next begins
    const report = shown(places, { ask }, trouble, 'laws');
    const records = window.letheLawsRecords.records(find('own-records'), { ask }, trouble);
    const advice = adviser(find('own-advise'), { ask }, true);
    const files = []; // { picked, item, columns, units, set, skip, answer, refused }
    let mapped = null; // the file that the form is about
    let importedBy = 0; // which worker of the gatherer knows the files
    let turn = 0;

    async function read({ picked, columns, units, set, skip }) {
      const bytes = new Uint8Array(await content(picked, 'arrayBuffer', LARGEST));
      return gatherer.ask({ import: { name: picked.name, bytes, columns, units, set, skip_bad_rows: skip } });
    }

    /** Imports all files anew, and nothing else. */
    async function readAll() {
      await gatherer.ask({ forget: {} });
      const by = gatherer.run();
      for (const file of files) {
        try {
          [file.answer, file.refused] = [await read(file), null];
        } catch (error) {
          if (error instanceof Ended) throw error; // what was imported before is gone
          [file.answer, file.refused] = [null, error.message];
        }
      }
      importedBy = by;
    }

    /** Asks about the imported runs, which are imported anew where the worker that knew them ended. */
    async function ask(question) {
      if (importedBy !== gatherer.run()) await inTurn(readAgain);
      return gatherer.ask(question);
    }

    /** Many ask at once, and the first to be in turn does it for all. */
    async function readAgain() {
      if (importedBy === gatherer.run()) return;
      await readAll();
      await gatherer.ask({ own: {} }); // figures are drawn of what was analysed
    }

    function words({ answer, refused }) {
      if (refused) return refused;
      if (!answer) return 'Reading…';
      const { taken, missing, rows, runs, notes, bad, more_bad: more } = answer;
      const number = (count, one) => `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
      const count = bad.length + more;
      const problems = `${number(count, 'row')} cannot be used`;
      const said = missing ? [missing]
        : taken ? [`${number(rows, 'row')} of ${number(runs, 'run')}${count > 0 ? `; ${problems}` : ''}.`]
          : [`${problems}, so nothing of it was taken.`];
      return [...said, ...notes].join(' ');
    }

    const act = ({ item }, name) => item.querySelector(`[data-act="${name}"]`);

    /** A file that was picked, with its place in the list. */
    function place(picked) {
      const item = template.content.firstElementChild.cloneNode(true);
      const file = { picked, item, columns: {}, units: {}, set: {}, skip: false, answer: null, refused: null };
      item.querySelector('b').textContent = picked.name;
      const acts = { skip: () => again(file, { skip: true }), map: () => map(file), drop: () => remove(file) };
      for (const [name, press] of Object.entries(acts)) {
        const button = act(file, name);
        button.ariaLabel = `${button.textContent}: ${picked.name}`;
        button.addEventListener('click', press);
      }
      listed.append(item);
      return file;
    }

    /** What became of each file; read out is what is new. */
    function show() {
      const news = [];
      for (const file of files) {
        const { picked, item, answer } = file;
        const place = item.querySelector('span');
        if (place.textContent !== words(file)) news.push(`${picked.name}: ${words(file)}`);
        place.textContent = words(file);
        const told = (answer?.bad ?? []).concat(answer?.more_bad > 0 ? [`and ${answer.more_bad.toLocaleString('en-US')} more`] : []);
        list(item.querySelector('.bad'), told);
        const isHeld = document.activeElement === act(file, 'skip');
        act(file, 'skip').hidden = !answer || answer.taken || answer.missing !== null || answer.bad.length === 0;
        act(file, 'map').hidden = !answer || answer.columns.length === 0;
        if (isHeld && act(file, 'skip').hidden) home(file).focus();
      }
      if (news.length > 0) status.textContent = news.join(' ');
    }

    /** Reads all files anew, then reports on them. */
    async function tellAll(now) {
      if (now !== turn) return; // there is a newer one behind it
      alarm.textContent = '';
      show();
      await readAll();
      if (now !== turn) return;
      show();
      const lacking = files.find(({ answer }) => answer?.missing);
      if (lacking) map(lacking);
      else if (mapped) close();
      result.hidden = !files.some(({ answer }) => answer?.taken);
      if (result.hidden) return;
      await tell(now);
      await resample(true, () => now === turn);
      await tell(now);
    }

    async function tell(now) {
      if (now !== turn) return;
      const given = await gatherer.ask({ own: {} });
      if (now !== turn) return;
      records.show(given.records);
      find('own-together').hidden = given.records.length === 0;
      find('own-said').textContent = given.headline;
      find('own-more').textContent = given.more;
      report.show(given); // which may itself wait for its turn
    }

    function refresh() {
      turn += 1;
      const now = turn;
      advice.clear();
      inTurn(() => tellAll(now)).catch(trouble);
    }
    function again(file, change) {
      Object.assign(file, change);
      refresh();
    }
    function remove(file) {
      files.splice(files.indexOf(file), 1);
      file.item.remove();
      if (mapped === file) close();
      picker.focus();
      refresh();
    }

    function add(picked) {
      files.push(...picked.map(place));
      refresh();
    }

    /** Where focus goes from what a file no longer shows. */
    const home = (file) => (files.includes(file) && !act(file, 'map').hidden ? act(file, 'map') : picker);
    const isWithin = (element) => element === document.body || section.contains(element);

    /** Shows which column holds what in a file. */
    function map(file) {
      const isNew = mapped !== file;
      mapped = file;
      find('mapped').textContent = file.picked.name;
      for (const row of mapping.querySelectorAll('[data-field]')) {
        const { field } = row.dataset;
        const [column, unit, value] = ['column', 'unit', 'set'].map((name) => row.querySelector(`[data-${name}]`));
        const options = ['', ...file.answer.columns];
        column.replaceChildren(...options.map((name) => new Option(name || 'as it is called', name)));
        column.value = file.columns[field] ?? '';
        if (unit) unit.value = file.units[field] ?? '';
        value.value = file.set[field] ?? '';
      }
      mapping.hidden = false;
      if (isNew && isWithin(document.activeElement)) mapping.querySelector('select').focus();
    }

    function close() {
      const isHeld = mapping.contains(document.activeElement);
      mapping.hidden = true;
      if (isHeld) home(mapped).focus();
      mapped = null;
    }

    mapping.addEventListener('submit', (event) => {
      event.preventDefault();
      const chosen = { columns: {}, units: {}, set: {} };
      for (const row of mapping.querySelectorAll('[data-field]')) {
        for (const [name, part] of [['column', 'columns'], ['unit', 'units'], ['set', 'set']]) {
          const value = row.querySelector(`[data-${name}]`)?.value.trim();
          if (value) chosen[part][row.dataset.field] = value;
        }
      }
      again(mapped, chosen);
    });
    picker.addEventListener('change', () => {
      add([...picker.files]);
      picker.value = '';
    });
    droppable(drop, add);
    return {
      /** Takes files that were opened elsewhere. */
      add: (picked) => {
        add(picked);
        section.scrollIntoView({ block: 'start' });
      },
    };
  }

  window.letheLawsOwn = { own };
})();
