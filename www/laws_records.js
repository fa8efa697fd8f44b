// Records of real Llamas among the visitor's own runs: each with its sentence, its figures, and what base and tuned model write.
(() => {
  const { shown, list } = window.letheReport;
  const { article } = window.letheLawsTexts;
  const template = document.getElementById('own-record');

  /** Where one record is told; its figures and texts are asked for once it is opened. */
  function told(given, place, desk, trouble) {
    const item = template.content.firstElementChild.cloneNode(true);
    const find = (part) => item.querySelector(`[data-part="${part}"]`);
    const [step, texts, alarm] = ['step', 'texts', 'alarm'].map(find);
    const report = shown({ drawn: find('drawn'), statements: find('statements'), warnings: find('warnings') }, desk, trouble, 'laws');
    let isDrawn = false;
    let turn = 0;

    find('title').textContent = given.title;
    find('id').textContent = given.run_id;
    find('said').textContent = given.headline;
    find('more').textContent = given.more;
    find('statements').ariaLabel = `Statements about ${given.title}`;
    list(find('statements'), given.statements.map(({ text }) => text));
    list(find('warnings'), given.warnings);
    find('written').hidden = given.texts.length === 0;
    step.ariaLabel = `Texts of ${given.title}, after step`;
    step.replaceChildren(...given.texts.map((each) => new Option(each.toLocaleString('en-US'), each)));
    step.value = given.texts.at(-1) ?? '';

    async function write() {
      turn += 1;
      const now = turn;
      try {
        const answer = await desk.ask({ texts: { record: place, step: Number(step.value) } });
        if (now !== turn) return;
        alarm.textContent = '';
        texts.replaceChildren(...answer.texts.map(article));
        texts.dataset.step = answer.step;
      } catch (error) {
        if (now !== turn || error.name === 'AbortError') return;
        alarm.textContent = error.message;
        texts.replaceChildren();
      }
    }

    function draw() {
      if (isDrawn || !item.open) return;
      isDrawn = true;
      report.show(given);
      if (given.texts.length > 0) write();
    }
    item.addEventListener('toggle', draw);
    step.addEventListener('change', write);
    return { item, draw };
  }

  /** Binds the place where all records are told. They are asked of `desk`. */
  function records(place, desk, trouble) {
    let last = '[]';

    /** Nothing is touched where all are there already. */
    function show(all) {
      const now = JSON.stringify(all);
      if (now === last) return;
      last = now;
      const open = new Set([...place.querySelectorAll('details[open]')].map(({ dataset }) => dataset.run));
      place.replaceChildren();
      all.forEach((given, k) => {
        const { item, draw } = told(given, k, desk, trouble);
        item.dataset.run = given.run_id;
        item.open = all.length === 1 || open.has(given.run_id);
        place.append(item);
        draw();
      });
    }
    return { show };
  }

  window.letheLawsRecords = { records };
})();
