// What the base model and a tuned one write to the same prompts, side by side.
(() => {
  const { state, gatherer, listen } = window.letheLaws;

  /** Words in a row; those that differ are marked. */
  function written(words) {
    const place = document.createElement('dd');
    words.forEach(({ before, word, differs }) => {
      place.append(before);
      if (!differs) return place.append(word);
      const mark = document.createElement('mark');
      mark.textContent = word;
      place.append(mark);
    });
    if (words.length === 0) place.append('(nothing)');
    return place;
  }

  function article({ kind, prompt, base, tuned }) {
    const made = document.createElement('article');
    const [title, asked, answers] = ['h3', 'p', 'dl'].map((tag) => document.createElement(tag));
    title.textContent = kind;
    asked.textContent = prompt;
    asked.className = 'prompt';
    for (const [name, words] of [['base', base], ['tuned', tuned]]) {
      const term = document.createElement('dt');
      term.textContent = name;
      const answer = written(words);
      answer.className = name;
      answers.append(term, answer);
    }
    made.append(title, asked, answers);
    return made;
  }

  /** Binds the section. */
  function texts(section) {
    const [cell, seed, step] = ['cell', 'seed', 'step'].map((name) => section.querySelector(`[name="${name}"]`));
    const [place, alarm] = ['texts-list', 'texts-error'].map((part) => section.querySelector(`[data-part="${part}"]`));
    let ofRun = null; // the reading whose cells and seeds can be chosen
    let isChosen = false; // whether the visitor chose a step; otherwise it is the last one that there is
    let turn = 0;

    function fill(select, pairs, wanted) {
      select.replaceChildren(...pairs.map(([value, text]) => new Option(text, value, false, String(value) === String(wanted))));
    }

    /** Asks for the texts of what is chosen; the last step where none is. */
    async function ask(at = null) {
      turn += 1;
      const own = turn;
      try {
        const question = { cell: Number(cell.value), seed: Number(seed.value), step: at };
        const answer = await gatherer.ask({ generations: question });
        if (own !== turn) return;
        alarm.textContent = '';
        fill(step, answer.steps.map((each) => [each, each.toLocaleString('en-US')]), answer.step);
        place.replaceChildren(...answer.texts.map(article));
        place.dataset.step = answer.step;
      } catch (error) {
        if (own !== turn || error.name === 'AbortError') return;
        if (alarm.textContent !== error.message) alarm.textContent = error.message;
        place.replaceChildren();
      }
    }

    /** What is shown, or asked for, is of a run that is over. */
    function clear() {
      if (ofRun === null) return;
      ofRun = null;
      turn += 1;
      alarm.textContent = '';
      place.replaceChildren();
    }

    function follow(what) {
      const { report, ran } = state;
      const isThere = report !== null && report.done > 0;
      section.hidden = !isThere;
      if (!isThere) return clear();
      if (what !== 'report' && what !== 'state') return;
      if (ofRun === ran) {
        if (what === 'report' && !isChosen) ask();
        return;
      }
      ofRun = ran;
      isChosen = false;
      fill(cell, ran.cells.map(({ label }, k) => [k, label]), ran.jobs[0].cell);
      const seeds = [...new Set(ran.jobs.map((job) => job.seed))];
      fill(seed, seeds.map((each) => [each, each]), ran.jobs[0].seed);
      ask();
    }

    for (const select of [cell, seed]) {
      select.addEventListener('change', () => {
        isChosen = false;
        ask();
      });
    }
    step.addEventListener('change', () => {
      isChosen = true;
      ask(Number(step.value));
    });
    listen(follow);
  }

  window.letheLawsTexts = { texts, article };
})();
