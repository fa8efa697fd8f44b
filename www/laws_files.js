// Files and links of a run of the laws: the record and the table that it leaves, a record that is opened, the link to share.
(() => {
  const { state, gatherer, progress, workers, isStale } = window.letheLaws;
  const { save, announce } = window.letheFigure;
  const FLASH_MS = 2000;
  const LARGEST = 256e6; // bytes of a record, as in the lab

  /** Lets files be dropped on an element; the lab, which takes what is dropped anywhere, does not hear of them. */
  function droppable(place, take) {
    const over = (isOver) => place.classList.toggle('over', isOver);
    const own = (event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    place.addEventListener('dragover', (event) => {
      own(event);
      over(true);
    });
    place.addEventListener('dragleave', (event) => place.contains(event.relatedTarget) || over(false));
    place.addEventListener('drop', (event) => {
      own(event);
      over(false);
      if (event.dataTransfer.files.length > 0) take([...event.dataTransfer.files]);
    });
  }

  /** What is in a file, read by its method `how`; one that is too large is refused before it is read. */
  async function content(file, how, most) {
    if (file.size > most) throw new Error(`${file.name} = "${file.size} bytes"; accepted: a file of at most ${most} bytes.`);
    return file[how]().catch(() => { throw new Error(`${file.name} could not be read by this browser.`); });
  }

  const isWhole = () => state.phase === 'finished' && state.report?.complete === true;

  /** The link that others should get: with the fingerprint, once there is one. */
  const linkToShare = () => (isWhole() && !isStale() ? state.report.link : state.reading?.link ?? '#v=1&x=laws');

  const record = () => gatherer.ask({ record: { seconds: progress()?.seconds ?? 0, workers } });

  /** Binds the buttons of a panel; `visit` is given the link of a record that was opened, `own` one that has none. */
  function files(panel, visit, own) {
    const find = (part) => panel.querySelector(`[data-part="${part}"]`);
    const [saveRecord, saveCsv, picker, alarm] = ['save-record', 'save-csv', 'open-record', 'record-error'].map(find);
    const trouble = (error) => { alarm.textContent = error.message; };
    const name = () => `lethe-laws-${state.report.fingerprint.slice(0, 8)}`;

    async function open([file]) {
      alarm.textContent = '';
      try {
        const { link } = await gatherer.ask({ open: { json: await content(file, 'text', LARGEST) } });
        if (link === null) own([file]);
        else await visit(link);
      } catch (error) {
        alarm.textContent = `This record was not opened. ${error.message}`;
      }
    }

    saveRecord.addEventListener('click', () => isWhole()
      && record().then((text) => save(`${name()}.json`, new Blob([text], { type: 'application/json' }))).catch(trouble));
    saveCsv.addEventListener('click', () => isWhole()
      && gatherer.ask({ csv: {} }).then((text) => save(`${name()}.csv`, new Blob([text], { type: 'text/csv' }))).catch(trouble));
    picker.addEventListener('change', () => {
      if (picker.files.length > 0) open([...picker.files]);
      picker.value = '';
    });
    droppable(panel, open);

    const [field, button] = ['laws-link', 'laws-copy'].map((id) => document.getElementById(id));
    const label = button.querySelector('span');
    const usual = label.textContent;
    async function copy() {
      const link = `${location.href.split('#')[0]}${linkToShare()}`;
      try {
        await navigator.clipboard.writeText(link);
        announce('Link copied');
        label.textContent = 'Copied';
        setTimeout(() => { label.textContent = usual; }, FLASH_MS);
      } catch {
        state.notices.push(`This browser did not let the page copy. Here it is: ${link}`);
        window.letheLaws.changed();
      }
    }
    button.addEventListener('click', copy);
    field.addEventListener('focus', () => field.select());

    function show() {
      for (const each of [saveRecord, saveCsv]) each.setAttribute('aria-disabled', String(!isWhole()));
      if (field.value !== linkToShare()) field.value = linkToShare();
    }
    return { show, copy };
  }

  window.letheLawsFiles = { files, droppable, content, record, linkToShare, isWhole };
})();
