// A report in the page: its figures, drawn by the worker that made it, its statements and its warnings.
(() => {
  const { figure, follow } = window.letheFigure;

  /** Texts as the items of a list; nothing is touched where they are there already. */
  function list(place, texts) {
    const shown = [...place.children].map(({ textContent }) => textContent);
    if (shown.length === texts.length && shown.every((text, k) => text === texts[k])) return;
    place.replaceChildren(...texts.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }));
  }

  /** Where reports of a part of the page are shown: `drawn` holds figures, the others are lists. They are asked of `desk`. */
  function shown({ drawn, statements, warnings }, desk, trouble, part) {
    const figures = new Map();
    let drawing = null; // of all figures, one after the other
    let isOld = false; // whether they are to be drawn again after that

    async function drawAll() {
      do {
        isOld = false;
        for (const each of figures.values()) await each.draw();
      } while (isOld);
    }

    /** Draws all figures; what is asked for meanwhile is done once more. */
    function draw() {
      isOld = true;
      drawing ??= drawAll().catch(trouble).finally(() => { drawing = null; });
      return drawing;
    }

    function show(report) {
      const listed = report?.figures ?? [];
      for (const [id, each] of figures) {
        if (listed.some((one) => one.id === id)) continue;
        each.place.remove();
        figures.delete(id);
      }
      for (const { id, title } of listed) {
        if (figures.has(id)) {
          figures.get(id).call(title);
          continue;
        }
        const made = figure(id, title, trouble, part);
        made.from(desk);
        figures.set(id, made);
      }
      listed.forEach(({ id }, k) => {
        const { place } = figures.get(id);
        if (drawn.children[k] !== place) drawn.insertBefore(place, drawn.children[k] ?? null);
      });
      list(statements, (report?.statements ?? []).map(({ text }) => text));
      list(warnings, report?.warnings ?? []);
      return figures.size > 0 ? draw() : Promise.resolve();
    }

    /** Whether the settings ask for something else than what is drawn. */
    function fade(isStale) {
      for (const { place } of figures.values()) place.toggleAttribute('data-stale', isStale);
    }

    follow(drawn, () => drawn.clientWidth > 0 && figures.size > 0 && draw());
    return { show, fade };
  }

  window.letheReport = { shown, list };
})();
