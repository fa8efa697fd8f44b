// A figure that a worker draws: its SVG put into the page, its table and its files.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const LEAST = { pareto: 640 }; // CSS pixels: three panels side by side, which a phone scrolls
  const PNG_RATIO = 3; // pixels per CSS pixel: sharp in print
  const PATIENCE_MS = 250; // of a window that is being resized
  const template = document.getElementById('drawn-figure');
  const announce = (words) => { document.getElementById('announce').textContent = words; };

  const theme = () => root.dataset.theme ?? (dark.matches ? 'dark' : 'light');

  /** SVG text as an element. The page's policy refuses style attributes; what this one says is inherited here. */
  function drawn(text) {
    const svg = new DOMParser().parseFromString(text.replace(/ style="[^"]*"/, ''), 'image/svg+xml').documentElement;
    if (svg.localName !== 'svg') throw new Error('The figure was not drawn: it is no SVG.');
    return document.adoptNode(svg);
  }

  function save(name, blob) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    announce(`${name} saved`);
  }

  async function png(svg, { width, height }) {
    const picture = new Image();
    picture.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    await picture.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width * PNG_RATIO, height * PNG_RATIO];
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(picture.src);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('The PNG was not made: the browser could not encode it.');
    return new Uint8Array(await blob.arrayBuffer());
  }

  function element(tag, text, parent) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    parent?.append(made);
    return made;
  }

  /** Fills the table's dialog, which the button opens. */
  function fillTable({ title, summary, columns, rows }) {
    document.getElementById('table-title').textContent = title;
    const table = document.createElement('table');
    element('caption', summary, table);
    const head = element('tr', undefined, element('thead', undefined, table));
    for (const column of columns) element('th', column, head).scope = 'col';
    const body = element('tbody', undefined, table);
    for (const row of rows) {
      const line = element('tr', undefined, body);
      for (const cell of row) element('td', cell, line);
    }
    document.getElementById('table-scroll').replaceChildren(table);
  }

  /** How a figure is wanted, as workers read it. */
  const sheet = ({ width = 760, height = 420, theme: look = 'light', file = false } = {}) => (
    { width, height, dark: look === 'dark', file });

  /** A place for one figure of a part of the page; `trouble` is told what goes wrong with it. */
  function figure(id, title, trouble, part) {
    const place = template.content.firstElementChild.cloneNode(true);
    const plot = place.querySelector('.room');
    let desk = null;
    place.id = `${part}-fig-${id}`;
    place.dataset[part] = id;

    /** What it is called, which may change with what it shows. */
    function call(name) {
      place.querySelector('h3').textContent = name;
      place.querySelector('.acts').ariaLabel = `${name}, as`;
      plot.ariaLabel = name;
      for (const button of place.querySelectorAll('.acts button')) {
        const act = button.dataset.save;
        button.ariaLabel = `${act === 'table' ? 'Table' : `Save ${act.toUpperCase()}`}: ${name}`;
      }
    }
    call(title);

    const size = () => ({
      width: Math.max(LEAST[id] ?? 240, Math.floor(plot.clientWidth)),
      height: Math.max(160, Math.floor(plot.clientHeight)),
    });
    const look = (more) => ({ ...size(), theme: theme(), ...more });
    const asked = (more) => desk.ask({ figure: { id, sheet: sheet(look(more)) } });

    function show({ svg, summary, notes }) {
      const picture = drawn(svg);
      plot.replaceChildren(picture);
      // What scrolls must be within reach of the keys.
      if (picture.width.baseVal.value > plot.clientWidth + 1) plot.tabIndex = 0;
      else plot.removeAttribute('tabindex');
      place.querySelector('.sum').textContent = [summary, ...notes].join(' ');
    }

    const acts = {
      table: async () => fillTable(await asked()),
      csv: async () => save(`lethe-${id}.csv`, new Blob([(await asked()).csv], { type: 'text/csv' })),
      svg: async () => save(`lethe-${id}.svg`, new Blob([(await asked({ file: true })).svg], { type: 'image/svg+xml' })),
      png: async () => {
        const { svg } = await asked({ file: true });
        const bytes = await png(svg, size());
        const source = `${location.href.split('#')[0]}${/<metadata>([^<]*)/.exec(svg)?.[1].replaceAll('&amp;', '&') ?? ''}`;
        const stamped = await desk.ask({ stamp: { png: bytes, source } });
        save(`lethe-${id}.png`, new Blob([stamped], { type: 'image/png' }));
      },
    };
    for (const button of place.querySelectorAll('.acts button')) {
      button.addEventListener('click', () => desk && acts[button.dataset.save]().catch(trouble));
    }

    return {
      place,
      look,
      call,
      show,
      /** From now on a figure of this worker's analysis. */
      from: (given) => { desk = given; },
      draw: async () => { if (desk) show(await asked()); },
    };
  }

  /** Calls `repaint` when the theme changes, and when this element has another width. */
  function follow(element, repaint) {
    let shown = theme();
    const recolour = () => {
      if (theme() === shown) return;
      shown = theme();
      repaint();
    };
    new MutationObserver(recolour).observe(root, { attributes: true, attributeFilter: ['data-theme'] });
    dark.addEventListener('change', recolour);
    let wide = 0;
    let resizing = 0;
    new ResizeObserver(([{ contentRect }]) => {
      if (Math.abs(contentRect.width - wide) < 1) return;
      wide = contentRect.width;
      clearTimeout(resizing);
      resizing = setTimeout(repaint, PATIENCE_MS);
    }).observe(element);
  }

  window.letheFigure = { figure, sheet, follow, save, announce };
})();
