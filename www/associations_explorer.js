// One matrix after the other, looked at: its picture in any order, what simple models hold of it, its means as a table.
(() => {
  const { map } = window.letheMap;
  const { list } = window.letheReport;
  const template = document.getElementById('explorer');
  const DECOMPOSE_MS = 50; // of work at a time, between which other questions are answered
  let explorers = 0;

  const whole = (value) => value.toLocaleString('en-US');
  const short = (value) => {
    if (!Number.isFinite(value)) return '–';
    return Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3)
      ? value.toExponential(2).replace('-', '−').replace('e-', 'e−') : value.toLocaleString('en-US', { maximumSignificantDigits: 4 }).replace('-', '−');
  };

  function element(tag, text, parent, scope) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (scope) made.scope = scope;
    parent.append(made);
    return made;
  }

  /** Fills a table with a head and rows whose first cell names them. */
  function fill(table, caption, heads, rows) {
    const made = document.createElement('tbody');
    for (const [name, ...cells] of rows) {
      const line = made.insertRow();
      element('th', name, line, 'row');
      for (const cell of cells) element('td', cell, line);
    }
    const head = document.createElement('thead');
    const line = head.insertRow();
    for (const each of heads) element('th', each, line, 'col');
    const title = document.createElement('caption');
    title.textContent = caption;
    table.replaceChildren(title, head, made);
  }

  /**
   * Puts an explorer into `place`. `ask(question)` asks the worker that has the matrices; what goes wrong is told to
   * `trouble`. `what` names it for those who do not see it; nothing is predicted unless `mayPredict()`.
   */
  function explorer(place, ask, trouble, what, mayPredict = () => true) {
    const own = template.content.cloneNode(true);
    explorers += 1;
    for (const each of own.querySelectorAll('[id]')) each.id = `${each.id}-${explorers}`;
    for (const name of ['for', 'aria-describedby', 'aria-labelledby']) {
      for (const each of own.querySelectorAll(`[${name}]`)) {
        each.setAttribute(name, each.getAttribute(name).split(' ').map((id) => `${id}-${explorers}`).join(' '));
      }
    }
    place.replaceChildren(own);
    const find = (part) => place.querySelector(`[data-part="${part}"]`);
    const [source, rows, columns, pooling, rank] = ['source', 'rows', 'columns', 'pooling', 'rank'].map(find);
    const [status, notes, legend, held, means] = ['map-status', 'map-notes', 'legend', 'held', 'means'].map(find);
    let sources = [];
    let known = null; // what is known at sight of the matrix
    let turn = 0;

    find('frame').ariaLabel = `Heat map of ${what}`;
    const unit = () => sources.find(({ id }) => id === source.value)?.unit ?? '';
    const say = (text) => { if (status.textContent !== text) status.textContent = text; };

    const desk = {
      picture: (window, size) => ask({ picture: { source: source.value, window, ...size, pooling: pooling.value, scale: known.scale } }),
      read: async ({ row, column }) => {
        const cell = await ask({ cell: { source: source.value, row, column } });
        const kinds = [cell.row_kind, cell.column_kind];
        const name = (text, kind) => (kind && !text.startsWith(kind) ? `${text} (${kind})` : text);
        const value = cell.value === null ? 'missing' : `${short(cell.value)} ${unit()}`;
        const seeds = cell.seeds.length > 1 ? `; by seed ${cell.seeds.map((each) => (each === null ? 'missing' : short(each))).join(', ')}` : '';
        return `${name(cell.row_name, kinds[0])} × ${name(cell.column_name, kinds[1])}: ${value}${seeds}`;
      },
    };

    const chart = map(place, desk, ({ window: own, picture }) => {
      const strip = legend.querySelector('canvas');
      [strip.width, strip.height] = [picture.legend.length / 4, 1];
      const colours = new Uint8ClampedArray(picture.legend.buffer, picture.legend.byteOffset, picture.legend.byteLength);
      strip.getContext('2d').putImageData(new ImageData(colours, strip.width, 1), 0, 0);
      const entries = Math.ceil(own.rows / picture.height) * Math.ceil(own.columns / picture.width);
      const pooled = entries > 1 ? `; a picture element is ${pooling.value === 'mean' ? 'the mean of' : 'the farthest from 0 of'} up to ${whole(entries)} entries` : '';
      const part = (first, count, all, name) => (count === all ? `all ${whole(all)} ${name}` : `${name} ${whole(first + 1)} to ${whole(first + count)} of ${whole(all)}`);
      find('sight').textContent = `In sight: ${part(own.row, own.rows, known.rows, 'rows')}, ${part(own.column, own.columns, known.columns, 'columns')}${pooled}.`;
    }, trouble);

    function tellLegend() {
      const [low, high] = legend.querySelectorAll('span');
      const most = known.scale * (1 + 1e-6);
      low.textContent = `${known.least < -most ? '≤ ' : ''}−${short(known.scale)} ${known.is_binary ? '' : unit()}`;
      high.textContent = `${known.greatest > most ? '≥ ' : ''}${short(known.scale)} ${known.is_binary ? 'forgotten' : unit()}`;
      low.hidden = known.least >= 0;
      legend.toggleAttribute('data-half', known.least >= 0);
      find('missing').hidden = known.missing === 0;
    }

    /** Decomposes the matrix; resolves to whether it is still the one that is looked at. */
    async function decompose(now) {
      for (let share = known.is_decomposed ? 1 : 0; share < 1;) {
        say(`Decomposing, ${Math.floor(100 * share)} %`);
        ({ share } = await ask({ decompose: { source: source.value, millis: DECOMPOSE_MS } }));
        if (now !== turn) return false;
      }
      say('');
      return true;
    }

    async function order(now) {
      if (rows.value !== 'given' || columns.value !== 'given') say('Ordering');
      const { names } = await ask({ order: { source: source.value, rows: rows.value, columns: columns.value } });
      if (now !== turn) return false;
      chart.show({ rows: known.rows, columns: known.columns, names });
      place.dataset.order = `${rows.value} ${columns.value}`;
      say('');
      if (find('overview').open) await overview(now);
      return now === turn;
    }

    async function overview(now) {
      const given = await ask({ overview: { source: source.value } });
      if (now !== turn) return;
      const lines = given.rows.map(([name, values]) => [name, ...values.map((value) => (value === null ? 'missing' : short(value)))]);
      fill(means, `Means of ${what}, ${unit()}; rows in the order of the picture.`, ['row', ...given.heads], lines);
    }

    async function tellHeld(now) {
      const given = await ask({ reconstruction: { source: source.value, rank: most() } });
      if (now !== turn) return;
      const { reconstruction, ceiling, seeds } = given;
      if (!reconstruction) {
        fill(held, 'All entries are equal, so there is nothing to explain.', ['model', 'R²'], []);
        return;
      }
      const share = (value) => value.toFixed(4).replace('-', '−');
      const named = { 1: 'rank 1: task × example (multiplicative)' };
      const lines = [
        ['tasks alone', reconstruction.rows], ['examples alone', reconstruction.columns], ['task + example (additive)', reconstruction.additive],
        ...reconstruction.ranks.map(({ rank: own, r2 }) => [named[own] ?? `rank ${own}`, r2]),
      ].map(([name, r2]) => [name, share(r2), ceiling ? share(r2 / ceiling.of_mean) : '–']);
      if (ceiling) lines.push([`noise ceiling, mean of ${seeds} seeds`, share(ceiling.of_mean), '1'], ['noise ceiling, one seed', share(ceiling.reliability), '–']);
      fill(held, ceiling ? 'Share of the variance that a fit holds, beside what repeats from seed to seed.'
        : 'Share of the variance that a fit holds. One seed has no noise ceiling.', ['model', 'R²', 'of the ceiling'], lines);
    }

    const guarded = (work) => async (...given) => {
      turn += 1;
      const now = turn;
      delete place.dataset.turn;
      try {
        await work(now, ...given);
        if (now === turn) place.dataset.turn = String(turn); // all of it is shown
      } catch (error) {
        if (now !== turn) return;
        say('');
        trouble(error);
      }
    };

    const most = () => Math.min(Math.max(Math.round(Number(rank.value)) || 1, 1), 100, known.rows);

    const look = guarded(async (now) => {
      known = await ask({ matrix: { source: source.value } });
      if (now !== turn) return;
      list(notes, known.notes);
      find('shape').textContent = `${whole(known.rows)} tasks × ${whole(known.columns)} examples`;
      tellLegend();
      if (!await decompose(now) || !await order(now)) return;
      await tellHeld(now);
      if (now !== turn) return;
      if (mayPredict()) predict.show(source.value, known, unit());
      beside.show(source.value, known, most());
    });

    const refresh = guarded(async (now) => {
      const given = await ask({ sources: {} });
      if (now !== turn) return;
      place.hidden = given.length === 0;
      if (place.hidden) return;
      const isSame = given.length === sources.length && given.every(({ id, title }, k) => id === sources[k].id && title === sources[k].title);
      if (!isSame) {
        const before = source.value;
        source.replaceChildren(...given.map(({ id, title }) => new Option(title, id)));
        if (given.some(({ id }) => id === before)) source.value = before;
      }
      sources = given;
      await look();
    });

    const predict = window.lethePredict.predict(place, ask, trouble);
    const beside = window.letheKnown.known(place, ask, trouble);
    source.addEventListener('change', look);
    const again = guarded((now) => order(now));
    for (const select of [rows, columns]) select.addEventListener('change', again);
    pooling.addEventListener('change', () => chart.redraw());
    rank.addEventListener('change', guarded(async (now) => {
      await tellHeld(now);
      if (now === turn) beside.show(source.value, known, most());
    }));
    find('overview').addEventListener('toggle', () => find('overview').open && known && overview(turn).catch(trouble));

    /** Asks nothing more about matrices that are about to change, until the next refresh. */
    const stop = () => [predict, beside].forEach((each) => each.stop());

    return { refresh, stop };
  }

  window.letheExplorer = { explorer, fill, short, whole };
})();
