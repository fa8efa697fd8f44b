// The visitor's own matrix and what is known of its tasks and examples: files are read by a worker of their own, and looked at
// as measured ones are.
(() => {
  const { explorer, whole } = window.letheExplorer;
  const { line, Ended } = window.letheDesk;
  const LARGEST = 2 ** 30; // bytes of a file, as for the worker
  const template = document.getElementById('own-matrix');

  /** Binds the section. */
  function own(section) {
    const { droppable, content } = window.letheFiles;
    const find = (part) => section.querySelector(`[data-part="${part}"]`);
    const [drop, alarm, status, listed] = ['own-drop', 'own-error', 'own-status', 'own-files'].map(find);
    const picker = drop.querySelector('input');
    const desk = window.letheTraining.desk('your matrix');
    const inTurn = line();
    const files = []; // { picked, item, array, answer, refused }
    const sides = [...section.querySelectorAll('[data-side]')].map(side);
    let importedBy = 0; // which worker knows the files

    const trouble = (error) => { if (error.name !== 'AbortError') alarm.textContent = error.message; };

    async function read(file) {
      const { picked, array } = file;
      const bytes = new Uint8Array(await content(picked, 'arrayBuffer', LARGEST));
      return desk.ask({ associations: { import: { name: picked.name, bytes, array: array || null } } }, [bytes.buffer]);
    }

    async function describe({ of, picked }) {
      const bytes = new Uint8Array(await content(picked, 'arrayBuffer', LARGEST));
      return desk.ask({ associations: { describe: { of, name: picked.name, bytes } } }, [bytes.buffer]);
    }

    /** What becomes of reading a file: an answer, or why it is refused. */
    async function tried(file, how) {
      try {
        [file.answer, file.refused] = [await how(file), null];
      } catch (error) {
        if (error instanceof Ended) throw error;
        [file.answer, file.refused] = [null, error.message];
      }
    }

    /** Imports all files anew, one after the other. */
    async function readAll() {
      await desk.ask({ associations: { forget: {} } });
      const by = desk.run();
      for (const file of files) await tried(file, read);
      for (const each of sides.filter(({ picked }) => picked)) await tried(each, describe);
      importedBy = by;
    }

    /** Asks about the matrices once they are read, anew where the worker that knew them ended. */
    async function ask(question) {
      await inTurn(() => (importedBy > 0 && importedBy === desk.run()) || readAll());
      return desk.ask({ associations: question });
    }

    const view = explorer(find('own-explorer'), ask, trouble, 'your matrix');

    function words({ answer, refused }) {
      if (refused) return refused;
      if (!answer) return 'Reading…';
      const { rows, columns, missing } = answer;
      return `${whole(rows)} tasks × ${whole(columns)} examples${missing > 0 ? `, ${whole(missing)} entries missing` : ''}.`;
    }

    function show() {
      const news = [];
      for (const file of files) {
        const place = file.item.querySelector('span');
        if (place.textContent !== words(file)) news.push(`${file.picked.name}: ${words(file)}`);
        place.textContent = words(file);
        file.item.toggleAttribute('data-refused', file.refused !== null);
        file.item.querySelector('form').hidden = !/^array = /.test(file.refused ?? '');
      }
      if (news.length > 0) status.textContent = news.join(' ');
      find('described').hidden = files.every(({ answer }) => answer === null);
      for (const { told, usual, alarm: own, remove, picked, answer, refused } of sides) {
        const list = (what, names) => names.length > 0 && `${what} ${names.join(', ')}`;
        const known = answer && [list('numbers', answer.numbers), list('labels', answer.labels)].filter(Boolean).join('; ');
        told.textContent = !picked ? usual : `${picked.name}: ${refused ? 'not used' : known === null ? 'Reading…' : [known, ...answer.notes].join('. ')}`;
        own.textContent = refused ?? '';
        remove.hidden = !picked;
      }
    }

    async function readAndTell() {
      view.stop();
      alarm.textContent = '';
      show();
      await readAll();
      show();
    }

    const refresh = () => inTurn(readAndTell).then(view.refresh).catch(trouble);

    function place(picked) {
      const item = template.content.firstElementChild.cloneNode(true);
      const file = { picked, item, array: '', answer: null, refused: null };
      item.querySelector('b').textContent = picked.name;
      const [form, field] = ['form', 'input'].map((tag) => item.querySelector(tag));
      field.ariaLabel = `Name of the array in ${picked.name}`;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        Object.assign(file, { array: field.value.trim(), refused: null });
        refresh();
      });
      const button = item.querySelector('[data-act="drop"]');
      button.ariaLabel = `Remove: ${picked.name}`;
      button.addEventListener('click', () => {
        files.splice(files.indexOf(file), 1);
        item.remove();
        picker.focus();
        refresh();
      });
      listed.append(item);
      return file;
    }

    /** Binds the place of properties of tasks, or of examples. */
    function side(field) {
      const [input, told, own, remove] = ['input', '[data-part="told"]', '[data-part="error"]', '[data-act="drop"]'].map((which) => field.querySelector(which));
      const bound = { of: field.dataset.side, picked: null, answer: null, refused: null, told, usual: told.textContent, alarm: own, remove };
      const take = (picked) => {
        Object.assign(bound, { picked, answer: null, refused: null });
        refresh();
      };
      input.addEventListener('change', () => {
        if (input.files.length > 0) take(input.files[0]);
        input.value = '';
      });
      remove.addEventListener('click', () => {
        take(null);
        input.focus();
      });
      droppable(field.querySelector('.drop'), ([picked]) => take(picked));
      return bound;
    }

    function add(picked) {
      files.push(...picked.map(place));
      return refresh();
    }

    picker.addEventListener('change', () => {
      add([...picker.files]);
      picker.value = '';
    });
    droppable(drop, add);
    return { ask, add };
  }

  window.letheAssociationsOwn = { own };
})();
