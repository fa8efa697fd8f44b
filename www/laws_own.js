// The visitor's own runs: files are read by the worker, what a file lacks is asked for, and the laws are fitted to the rest.
(() => {
  const { gatherer } = window.letheLaws;
  const { shown, list, adviser } = window.letheLawsShown;
  const RESAMPLES = 50; // of the fits, at once
  const template = document.getElementById('own-file');

  /** Binds the section. */
  function own(section) {
    const find = (part) => section.querySelector(`[data-part="${part}"]`);
    const [drop, alarm, listed, mapping, result] = ['own-drop', 'own-error', 'own-files', 'mapping', 'own-result'].map(find);
    const picker = drop.querySelector('input');
    const trouble = (error) => { if (error.name !== 'AbortError') alarm.textContent = error.message; };
    const places = { drawn: find('own-drawn'), statements: find('own-statements'), warnings: find('own-warnings') };
    const report = shown(places, gatherer, trouble);
    const advice = adviser(find('own-advise'), gatherer, true);
    const files = []; // { name, bytes, columns, units, set, skip, answer, refused }
    let mapped = null; // the file that the form is about
    let turn = 0;

    const question = ({ name, bytes, columns, units, set, skip }) => (
      { import: { name, bytes, columns, units, set, skip_bad_rows: skip } });

    function words({ answer, refused }) {
      if (refused) return refused;
      const { taken, missing, rows, runs, notes, bad, more_bad: more } = answer;
      const count = bad.length + more;
      const problems = count === 1 ? '1 row cannot be used' : `${count.toLocaleString('en-US')} rows cannot be used`;
      const said = missing ? [missing]
        : taken ? [`${rows.toLocaleString('en-US')} rows of ${runs.toLocaleString('en-US')} runs${count > 0 ? `; ${problems}` : ''}.`]
          : [`${problems}, so nothing of it was taken.`];
      return [...said, ...notes].join(' ');
    }

    function show() {
      listed.replaceChildren(...files.map((file) => {
        const item = template.content.firstElementChild.cloneNode(true);
        const act = (name) => item.querySelector(`[data-act="${name}"]`);
        const { answer } = file;
        item.querySelector('b').textContent = file.name;
        item.querySelector('span').textContent = words(file);
        const told = (answer?.bad ?? []).concat(answer?.more_bad > 0 ? [`and ${answer.more_bad.toLocaleString('en-US')} more`] : []);
        list(item.querySelector('.bad'), told);
        act('skip').hidden = !answer || answer.taken || answer.missing !== null || answer.bad.length === 0;
        act('map').hidden = !answer || answer.columns.length === 0;
        for (const name of ['skip', 'map', 'drop']) act(name).ariaLabel = `${act(name).textContent}: ${file.name}`;
        act('skip').addEventListener('click', () => again(file, { skip: true }));
        act('map').addEventListener('click', () => map(file));
        act('drop').addEventListener('click', () => remove(file));
        return item;
      }));
    }

    /** Reads all files anew, then reports on them. */
    async function read() {
      turn += 1;
      const now = turn;
      alarm.textContent = '';
      advice.clear();
      await gatherer.ask({ forget: {} });
      for (const file of files) {
        try {
          [file.answer, file.refused] = [await gatherer.ask(question(file)), null];
        } catch (error) {
          [file.answer, file.refused] = [null, error.message];
        }
        if (now !== turn) return;
      }
      show();
      const lacking = files.find(({ answer }) => answer?.missing);
      if (lacking) map(lacking);
      else if (mapped) close();
      result.hidden = !files.some(({ answer }) => answer?.taken);
      if (result.hidden) return;
      await tell();
      for (let state = { done: 0, of: 1 }; state.done < state.of;) {
        state = await gatherer.ask({ bootstrap: { count: RESAMPLES, own: true } });
        if (now !== turn) return;
      }
      await tell();
    }

    async function tell() {
      const now = turn;
      const given = await gatherer.ask({ own: {} });
      if (now !== turn) return;
      find('own-said').textContent = given.headline;
      find('own-more').textContent = given.more;
      await report.show(given);
    }

    const refresh = () => read().catch(trouble);
    function again(file, change) {
      Object.assign(file, change);
      refresh();
    }
    function remove(file) {
      files.splice(files.indexOf(file), 1);
      if (mapped === file) close();
      show();
      picker.focus();
      refresh();
    }

    async function add(picked) {
      for (const file of picked) {
        const bytes = new Uint8Array(await file.arrayBuffer());
        files.push({ name: file.name, bytes, columns: {}, units: {}, set: {}, skip: false, answer: null, refused: null });
      }
      await read();
    }

    /** Shows which column holds what in a file. */
    function map(file) {
      mapped = file;
      find('mapped').textContent = file.name;
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
    }

    function close() {
      mapping.hidden = true;
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
      add([...picker.files]).catch(trouble);
      picker.value = '';
    });
    window.letheLawsFiles.droppable(drop, (dropped) => add(dropped).catch(trouble));
  }

  window.letheLawsOwn = { own };
})();
