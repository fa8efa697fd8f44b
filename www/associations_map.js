// A matrix as a picture: the worker makes the picture elements of a window, here they are drawn, zoomed, panned and read.
(() => {
  const { follow } = window.letheFigure;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  const ZOOM = 1.6; // of a key or a button
  const WHEEL = 0.0025; // of a pixel of the wheel, as a power of e
  const NAME_PX = 12; // of a row whose name can be read
  const FEWEST = 4; // columns in a window

  const between = (value, low, high) => Math.min(Math.max(value, low), high);

  /** A picture of image data, to be drawn at any size. */
  function canvasOf({ width, height, pixels }) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength), width, height), 0, 0);
    return canvas;
  }

  /**
   * Binds the map inside `place`. `desk.picture(window, size)` gives picture elements, `desk.read(place)` resolves to what is
   * at a place, as a sentence; `shown(view)` is told what is in sight.
   */
  function map(place, desk, shown, trouble) {
    const find = (part) => place.querySelector(`[data-part="${part}"]`);
    const [frame, names, mark, words, spoken] = ['frame', 'names', 'mark', 'words', 'spoken'].map(find);
    const canvas = frame.querySelector('canvas');
    const context = canvas.getContext('2d');
    let shape = null; // { rows, columns, names }
    let sight = null; // the window: { row, rows, column, columns }
    let cursor = null; // { row, column }, places
    let drawn = null; // the last picture and its window
    let asking = null;
    let isOld = false; // whether it is to be drawn again after that
    let turn = 0; // of what is read at the cursor

    /** The rows that go with so many columns: cells are no wider than high until all rows are in sight. */
    const rowsFor = (columns) => between(Math.round(columns * frame.clientHeight / Math.max(frame.clientWidth, 1)), 1, shape.rows);

    function look(column, columns, row) {
      const count = between(Math.round(columns), Math.min(FEWEST, shape.columns), shape.columns);
      const rows = rowsFor(count);
      sight = {
        column: between(Math.round(column), 0, shape.columns - count),
        columns: count,
        row: between(Math.round(row), 0, shape.rows - rows),
        rows,
      };
      paint();
      draw();
    }

    /** Zooms by a factor about a point, which is given in shares of the window. */
    function zoom(factor, x = 0.5, y = 0.5) {
      if (!sight) return;
      const columns = between(sight.columns / factor, Math.min(FEWEST, shape.columns), shape.columns);
      const rows = rowsFor(columns);
      look(sight.column + x * (sight.columns - columns), columns, sight.row + y * (sight.rows - rows));
    }

    const whole = () => shape && look(0, shape.columns, 0);

    /** Draws what there is at once, wherever it lies in the window now. */
    function paint() {
      const ratio = devicePixelRatio || 1;
      const [width, height] = [Math.round(frame.clientWidth * ratio), Math.round(frame.clientHeight * ratio)];
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      context.imageSmoothingEnabled = false;
      context.clearRect(0, 0, width, height);
      if (drawn && sight) {
        const { window: own, picture } = drawn;
        const [sx, sy] = [width / sight.columns, height / sight.rows];
        context.drawImage(picture, (own.column - sight.column) * sx, (own.row - sight.row) * sy, own.columns * sx, own.rows * sy);
      }
      paintNames();
      paintMark();
    }

    function paintNames() {
      if (!sight) return;
      const each = frame.clientHeight / sight.rows;
      const stride = Math.ceil(NAME_PX / each);
      const items = [];
      for (let k = 0; k < sight.rows; k += stride) {
        const item = document.createElement('span');
        item.textContent = shape.names[sight.row + k] ?? '';
        item.style.top = `${(k + 0.5) * each}px`;
        items.push(item);
      }
      names.replaceChildren(...items);
    }

    function paintMark() {
      const isIn = cursor && sight && cursor.row >= sight.row && cursor.row < sight.row + sight.rows
        && cursor.column >= sight.column && cursor.column < sight.column + sight.columns;
      mark.hidden = !isIn;
      if (!isIn) return;
      const [sx, sy] = [frame.clientWidth / sight.columns, frame.clientHeight / sight.rows];
      mark.style.left = `${(cursor.column - sight.column) * sx}px`;
      mark.style.top = `${(cursor.row - sight.row) * sy}px`;
      mark.style.width = `${Math.max(sx, 3)}px`;
      mark.style.height = `${Math.max(sy, 3)}px`;
    }

    async function drawNow() {
      do {
        isOld = false;
        const own = { ...sight };
        const given = shape;
        const size = { width: Math.min(canvas.width, own.columns), height: Math.min(canvas.height, own.rows) };
        if (size.width < 1 || size.height < 1) return;
        const picture = await desk.picture(own, { ...size, dark: isDark() });
        if (given !== shape) continue; // of another matrix
        drawn = { window: own, picture: canvasOf(picture) };
        frame.dataset.window = `${own.row} ${own.rows} ${own.column} ${own.columns}`;
        shown({ window: own, picture });
        paint();
      } while (isOld);
    }

    /** Draws the window; what is asked for meanwhile is done once more. */
    function draw() {
      if (!sight || frame.clientWidth === 0) return Promise.resolve();
      isOld = true;
      asking ??= drawNow().catch(trouble).finally(() => {
        asking = null;
        if (isOld) draw();
      });
      return asking;
    }

    /** Reads what is at the cursor; aloud where keys moved it. */
    async function read(isAloud) {
      turn += 1;
      const own = turn;
      paintMark();
      if (!cursor) {
        words.textContent = '';
        return;
      }
      try {
        const text = await desk.read(cursor);
        if (own !== turn) return;
        words.textContent = text;
        if (isAloud) spoken.textContent = text;
      } catch (error) {
        if (own === turn) trouble(error);
      }
    }

    /** Moves the cursor to a place, and the window with it. */
    function go(row, column) {
      cursor = { row: between(row, 0, shape.rows - 1), column: between(column, 0, shape.columns - 1) };
      const along = (at, first, count) => (at < first ? at : at >= first + count ? at - count + 1 : first);
      const next = { row: along(cursor.row, sight.row, sight.rows), column: along(cursor.column, sight.column, sight.columns) };
      if (next.row !== sight.row || next.column !== sight.column) look(next.column, sight.columns, next.row);
      read(true);
    }

    /** The place of the cursor in the window, in shares. */
    const about = () => (cursor ? [(cursor.column + 0.5 - sight.column) / sight.columns, (cursor.row + 0.5 - sight.row) / sight.rows].map((share) => between(share, 0, 1)) : [0.5, 0.5]);

    frame.addEventListener('keydown', (event) => {
      if (!sight || event.altKey || event.metaKey) return;
      const { row, column } = cursor ?? { row: sight.row, column: sight.column };
      const page = Math.max(1, sight.columns - 1);
      const isFirst = cursor === null;
      const keys = {
        ArrowLeft: () => go(row, column - (isFirst ? 0 : 1)),
        ArrowRight: () => go(row, column + (isFirst ? 0 : 1)),
        ArrowUp: () => go(row - (isFirst ? 0 : 1), column),
        ArrowDown: () => go(row + (isFirst ? 0 : 1), column),
        PageUp: () => go(row, column - page),
        PageDown: () => go(row, column + page),
        Home: () => (event.ctrlKey ? go(0, 0) : go(row, 0)),
        End: () => (event.ctrlKey ? go(shape.rows - 1, shape.columns - 1) : go(row, shape.columns - 1)),
        '+': () => zoom(ZOOM, ...about()),
        '=': () => zoom(ZOOM, ...about()),
        '-': () => zoom(1 / ZOOM, ...about()),
        0: whole,
      };
      const act = keys[event.key];
      if (!act || (event.ctrlKey && !['Home', 'End'].includes(event.key))) return;
      event.preventDefault();
      act();
    });

    const share = (event) => {
      const { left, top, width, height } = frame.getBoundingClientRect();
      return [between((event.clientX - left) / width, 0, 1), between((event.clientY - top) / height, 0, 1)];
    };
    const under = ([x, y]) => ({
      row: Math.min(sight.row + Math.floor(y * sight.rows), shape.rows - 1),
      column: Math.min(sight.column + Math.floor(x * sight.columns), shape.columns - 1),
    });

    frame.addEventListener('wheel', (event) => {
      if (!sight) return;
      const isAsked = event.ctrlKey || event.metaKey || document.activeElement === frame;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        look(sight.column + event.deltaX / frame.clientWidth * sight.columns, sight.columns, sight.row);
      } else if (isAsked) {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY * WHEEL), ...share(event));
      }
    }, { passive: false });

    const pointers = new Map(); // those that are down: where each is, in shares
    let held = null; // what was in sight when they came down
    const hold = () => { held = { sight: { ...sight }, at: [...pointers.values()].map((at) => [...at]) }; };

    frame.addEventListener('pointerdown', (event) => {
      if (!sight) return;
      pointers.set(event.pointerId, share(event));
      frame.setPointerCapture(event.pointerId);
      hold();
    });
    frame.addEventListener('pointermove', (event) => {
      if (!sight) return;
      if (pointers.has(event.pointerId)) {
        pointers.set(event.pointerId, share(event));
        const now = [...pointers.values()];
        if (now.length === 1) {
          const [dx, dy] = [held.at[0][0] - now[0][0], held.at[0][1] - now[0][1]];
          look(held.sight.column + dx * held.sight.columns, held.sight.columns, held.sight.row + dy * held.sight.rows);
        } else {
          const apart = ([[a], [b]]) => Math.max(Math.abs(a - b), 0.02);
          const middle = ([[a], [b]]) => (a + b) / 2;
          const columns = held.sight.columns * apart(held.at) / apart(now);
          look(held.sight.column + middle(held.at) * held.sight.columns - middle(now) * columns, columns, held.sight.row);
        }
      } else {
        cursor = under(share(event));
        read(false);
      }
    });
    const release = (event) => {
      if (!pointers.delete(event.pointerId)) return;
      if (pointers.size > 0) hold();
      else if (held && held.sight.column === sight.column && held.sight.row === sight.row) {
        cursor = under(share(event));
        read(false);
      }
    };
    frame.addEventListener('pointerup', release);
    frame.addEventListener('pointercancel', release);
    frame.addEventListener('dblclick', (event) => zoom(2, ...share(event)));

    const acts = { in: () => zoom(ZOOM, ...about()), out: () => zoom(1 / ZOOM, ...about()), all: whole };
    for (const [act, press] of Object.entries(acts)) find(`zoom-${act}`).addEventListener('click', press);
    follow(frame, () => sight && look(sight.column, sight.columns, sight.row));

    /** Shows a matrix of this shape; the window and the cursor stay where it has the size of the one before. */
    function show(given) {
      const isSame = shape !== null && shape.rows === given.rows && shape.columns === given.columns;
      shape = given;
      if (!isSame) [sight, cursor, drawn] = [null, null, null];
      if (isSame && sight) look(sight.column, sight.columns, sight.row);
      else whole();
      read(false);
    }

    return { show, redraw: draw };
  }

  window.letheMap = { map };
})();
