// What a few entries of a new row say of all others: methods compared under the protocol, at any number of entries shown.
(() => {
  const { figure, follow } = window.letheFigure;
  const TURN_MS = 60; // of work at a time
  const DRAWS = 10; // of the columns; what the first of them says is shown, method by method, while the others are made
  const QUICK_MS = 2000; // for one number of columns; then the others of the figure are computed, too
  const OTHERS = [1, 3, 10, 30, 100, 300, 1000, 3000];
  const FIRST = [1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70];

  /** Numbers of columns that the slider has, evenly spaced to the eye. */
  function stops(columns) {
    const all = [...FIRST];
    for (let scale = 100; scale < columns; scale *= 10) all.push(...[1, 1.4, 2, 3, 5, 7].map((step) => Math.round(step * scale)));
    const most = Math.max(1, Math.floor(columns / 2));
    return all.filter((stop) => stop <= most);
  }

  const name = (method) => method.replaceAll('_', ' ');

  /** Binds the part of an explorer. */
  function predict(place, ask, trouble) {
    const find = (part) => place.querySelector(`[data-part="${part}"]`);
    const [slider, said, table, drawn, bar, alarm, words] = ['observed', 'observed-said', 'scores', 'observed-drawn', 'predict-progress', 'predict-error', 'predict-said'].map(find);
    const fields = ['factors', 'training-rows', 'test-rows'].map(find);
    const { fill, short, whole } = window.letheExplorer;
    const made = figure('observed', 'Error by entries measured', trouble, 'associations');
    let about = null; // { source, known, unit }
    let values = [30];
    let turn = 0;
    let isDrawing = false;
    let compared = new Set(); // numbers of columns that the figure has
    made.place.removeAttribute('id'); // there may be two
    made.from({ ask });
    drawn.append(made.place);

    const observed = () => values[Number(slider.value)] ?? 1;

    function tellSlider() {
      const share = 100 * observed() / about.known.columns;
      const text = `${whole(observed())} of ${whole(about.known.columns)} columns (${share < 0.095 ? share.toPrecision(1) : share.toFixed(1)} %)`;
      said.textContent = text;
      slider.setAttribute('aria-valuetext', text);
      const last = Math.max(1, Number(slider.max));
      slider.style.setProperty('--v', `${100 * slider.value / last}%`);
    }

    /** Draws the figure, once there are two numbers of columns to compare. */
    async function draw() {
      drawn.hidden = compared.size < 2;
      if (isDrawing || drawn.hidden || drawn.clientWidth === 0) return;
      isDrawing = true;
      try {
        await made.draw();
      } finally {
        isDrawing = false;
      }
    }

    function tell({ scores, methods, draws, noise, training_rows: training, test_rows: test }) {
      const { unit, known } = about;
      const spread = ({ mean, sd, interval }) => (interval ? `${short(mean)} (${short(interval.low)} to ${short(interval.high)})` : draws > 1 ? `${short(mean)} ± ${short(sd)}` : short(mean));
      const isBinary = scores.some(({ f1 }) => f1);
      const heads = ['method', `RMSE${known.is_binary ? '' : `, ${unit}`}`, ...(isBinary ? ['F1', 'precision', 'recall', 'AUC'] : [])];
      const lines = scores.map((score) => [
        name(score.name), spread(score.rmse),
        ...(isBinary ? [score.f1, score.precision, score.recall].map(spread).concat(score.auc ? spread(score.auc) : '–') : []),
      ]);
      if (noise !== null) lines.push(['noise of seeds alone', short(noise), ...(isBinary ? ['–', '–', '–', '–'] : [])]);
      const intervals = draws <= 1 ? '' : draws >= 6 ? '; 95 % intervals of the mean over draws' : '; ± one standard deviation over draws';
      fill(table, `Rows ${test} predicted from ${whole(observed())} of their columns, after rows ${training} were learned from. ${draws <= 1 ? 'One draw' : `${draws} draws`}${draws === 0 ? `, by ${scores.length} of ${methods} methods so far` : ''}${intervals}. Random is chance.`, heads, lines);
      const best = scores.filter(({ name: method }) => method !== 'random').sort((a, b) => a.rmse.mean - b.rmse.mean)[0];
      const chance = scores.find(({ name: method }) => method === 'random');
      const beside = [chance && `by chance ${short(chance.rmse.mean)}`, noise !== null && `noise alone ${short(noise)}`].filter(Boolean).join(', ');
      words.textContent = `RMSE ${short(best.rmse.mean)} by ${name(best.name)}${beside ? `; ${beside}` : ''}`;
      place.dataset.observed = `${observed()} ${draws}`;
    }

    /** What is asked about so many columns, with what the fields say. */
    function question(columns) {
      const [factors, training, test] = fields.map(({ value }) => value.trim());
      return { predict: { source: about.source, rank: Math.round(Number(factors)) || 0, observed: columns, seeds: DRAWS, training_rows: training, test_rows: test, millis: TURN_MS } };
    }

    /** Compares at the number of columns that the slider has, until something else is asked for. */
    async function compare(now) {
      const asked = question(observed());
      let scored = 0; // methods of a draw, so far
      for (let draws = 0; draws < DRAWS;) {
        const answer = await ask(asked);
        if (now !== turn) return;
        bar.hidden = answer.draws === DRAWS;
        [bar.max, bar.value] = [answer.of, answer.done];
        const own = answer.scores?.length ?? 0;
        if (answer.draws === draws && own === scored) continue;
        [draws, scored] = [answer.draws, own];
        alarm.textContent = '';
        tell(answer);
      }
      compared.add(observed());
      await draw();
    }

    /** Compares at other numbers of columns, for the figure. */
    async function others(now) {
      for (const columns of OTHERS.filter((each) => values.includes(each) && !compared.has(each))) {
        for (let draws = 0; draws < DRAWS;) {
          const answer = await ask(question(columns)).catch(() => null); // some row has fewer entries
          if (now !== turn || answer === null) return;
          ({ draws } = answer);
        }
        compared.add(columns);
      }
      await draw();
    }

    async function renew() {
      turn += 1;
      const now = turn;
      if (!about) return;
      tellSlider();
      const begun = performance.now();
      try {
        await compare(now);
        if (now === turn && performance.now() - begun < QUICK_MS) await others(now);
      } catch (error) {
        if (now !== turn || error.name === 'AbortError') return;
        bar.hidden = true;
        alarm.textContent = error.message;
      }
    }

    /** From now on about this matrix. */
    function show(source, known, unit) {
      compared = new Set();
      const isSame = about !== null && about.known.columns === known.columns;
      about = { source, known, unit };
      find('predict').hidden = known.rows < 3 || known.columns < 2;
      if (find('predict').hidden) {
        turn += 1;
        return;
      }
      if (!isSame) {
        values = stops(known.columns);
        slider.max = String(values.length - 1);
        const usual = values.indexOf(30);
        slider.value = String(usual < 0 ? values.length - 1 : usual);
      }
      renew();
    }

    slider.addEventListener('input', renew);
    for (const field of fields) {
      field.addEventListener('change', () => {
        compared = new Set();
        renew();
      });
    }
    follow(drawn, () => about && draw().catch(trouble));
    return { show, stop: () => { turn += 1; } };
  }

  window.lethePredict = { predict };
})();
