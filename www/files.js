// Files and links of an experiment's run: the record and the table that it leaves, a record that is opened, the link to share.
(() => {
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

  /** What is said of the runs of the experiment `name`. */
  function results(name, { state, ask, progress, workers, isStale }) {
    const isWhole = () => state.phase === 'finished' && state.report?.complete === true;
    return {
      isWhole,
      /** The link that others should get: with the fingerprint, once there is one. */
      linkToShare: () => (isWhole() && !isStale() ? state.report.link : state.reading?.link ?? `#v=1&x=${name}`),
      record: () => ask({ record: { seconds: progress()?.seconds ?? 0, workers } }),
    };
  }

  /**
   * Binds the buttons of a panel to the runs of the experiment `name`; `visit` is given the link of a record that was
   * opened, `own` a file that has none; `opened` hears of each that was.
   */
  function files(panel, name, experiment, visit, own, opened = () => {}) {
    const { state, ask } = experiment;
    const { isWhole, linkToShare, record } = results(name, experiment);
    const find = (part) => panel.querySelector(`[data-part="${part}"]`);
    const [saveRecord, saveCsv, picker, alarm] = ['save-record', 'save-csv', 'open-record', 'record-error'].map(find);
    const trouble = (error) => { alarm.textContent = error.message; };
    const file = () => `lethe-${name}-${state.report.fingerprint.slice(0, 8)}`;

    async function open([given]) {
      alarm.textContent = '';
      try {
        const { link } = await ask({ open: { json: await content(given, 'text', LARGEST) } });
        if (link === null) own([given]);
        else await visit(link);
        opened(link);
      } catch (error) {
        alarm.textContent = `This record was not opened. ${error.message}`;
      }
    }

    saveRecord.addEventListener('click', () => isWhole()
      && record().then((text) => save(`${file()}.json`, new Blob([text], { type: 'application/json' }))).catch(trouble));
    saveCsv.addEventListener('click', () => isWhole()
      && ask({ csv: {} }).then((text) => save(`${file()}.csv`, new Blob([text], { type: 'text/csv' }))).catch(trouble));
    picker.addEventListener('change', () => {
      if (picker.files.length > 0) open([...picker.files]);
      picker.value = '';
    });
    droppable(panel, open);

    const [field, button] = ['link', 'copy'].map((what) => document.getElementById(`${name}-${what}`));
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
        experiment.changed();
      }
    }
    button.addEventListener('click', copy);
    field.addEventListener('focus', () => field.select());

    function show() {
      for (const each of [saveRecord, saveCsv]) each.setAttribute('aria-disabled', String(!isWhole()));
      if (field.value !== linkToShare()) field.value = linkToShare();
    }
    return { show, copy, isWhole };
  }

  window.letheFiles = { files, results, droppable, content };
})();
