// The schedule editor: a bar of p(t) for each stretch of fine-tuning, moved by pointer or by keys, and what the kernel
// foresees for it. A question goes to the worker as soon as the last one is answered, always the newest.
(() => {
  const SEGMENTS = 20;
  const STEP = 0.01;
  const PAGE = 0.1;
  const LOSSES = ['old_task_end', 'old_task_average', 'old_task_worst', 'id_end'];

  const percent = (p) => `${Number((100 * p).toPrecision(3))} %`;
  const shown = (x) => String(Number(x.toPrecision(2))).replace('-', '−');
  // Small fractions matter most: the height of a bar is the root of its p.
  const height = (p) => Math.sqrt(p);

  /** Binds the editor in `place`; `desks` gives a quick worker, a slow one that takes a while, and the page's link. */
  function editor(place, figure, desks, trouble) {
    const bars = place.querySelector('.bars');
    const find = (name) => place.querySelector(`[data-part="${name}"]`);
    let fractions = [];
    let starts = [];
    let steps = 0;
    let newest = null; // when the schedule that waits to be asked was made
    let isAsking = false;

    function build() {
      bars.replaceChildren(...fractions.map((_, k) => {
        const bar = document.createElement('div');
        bar.role = 'slider';
        bar.tabIndex = k === 0 ? 0 : -1;
        bar.ariaOrientation = 'vertical';
        bar.ariaValueMin = '0';
        bar.ariaValueMax = '1';
        bar.setAttribute('aria-describedby', 'theory-editor-help');
        return bar;
      }));
    }

    function label() {
      starts.forEach((start, k) => {
        bars.children[k].ariaLabel = `Replay in steps ${start} to ${(starts[k + 1] ?? steps) - 1}`;
      });
    }

    function paint() {
      fractions.forEach((p, k) => {
        const bar = bars.children[k];
        bar.style.setProperty('--p', `${100 * height(p)}%`);
        bar.ariaValueNow = String(p);
        bar.ariaValueText = percent(p);
      });
    }

    /** Another schedule, wished for at this moment. */
    function change(wished, when = performance.now()) {
      fractions = wished;
      if (bars.children.length !== fractions.length) build();
      paint();
      newest = when;
      if (!isAsking) foresee();
    }

    async function foresee() {
      isAsking = true;
      while (newest !== null) {
        const asked = newest;
        newest = null;
        try {
          const schedule = { fractions, sheet: window.letheFigure.sheet(figure.look()), link: desks.link() };
          const foreseen = await desks.quick().ask({ schedule });
          figure.show(foreseen);
          tell(foreseen);
          place.dataset.computedMillis = foreseen.millis.toFixed(2);
          place.dataset.shownMillis = (performance.now() - asked).toFixed(2);
        } catch (error) {
          trouble(error);
        }
      }
      isAsking = false;
    }

    function tell({ outcome, uniform, starts: found, link }) {
      starts = found;
      label();
      find('spent').textContent = percent(outcome.mean_replay);
      for (const name of LOSSES) {
        const row = find(name);
        const [own, other, change] = row.querySelectorAll('td');
        own.textContent = shown(outcome[name]);
        other.textContent = shown(uniform[name]);
        const ratio = uniform[name] > 0 ? outcome[name] / uniform[name] - 1 : 0;
        change.textContent = Math.abs(ratio) < 5e-4 ? 'the same' : `${shown(Math.abs(100 * ratio))} % ${ratio < 0 ? 'less' : 'more'}`;
      }
      find('run').href = link;
      place.dataset.fractions = JSON.stringify(outcome.fractions);
    }

    const set = (k, p, when) => change(fractions.with(k, Math.min(1, Math.max(0, Number(p.toFixed(4))))), when);

    // By pointer: whatever bar it is over takes the height it is at, so that one stroke draws a schedule.
    let stroke = null; // the bar the stroke came from
    function pull(event) {
      const box = bars.getBoundingClientRect();
      const k = Math.min(fractions.length - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * fractions.length)));
      const up = Math.min(1, Math.max(0, (box.bottom - event.clientY) / box.height));
      const p = Number((up * up).toFixed(4));
      const wished = fractions.slice();
      // A quick stroke skips bars: those between have the same height.
      const from = stroke === null || stroke === k ? k : stroke + Math.sign(k - stroke);
      wished.fill(p, Math.min(from, k), Math.max(from, k) + 1);
      stroke = k;
      focus(k);
      change(wished, event.timeStamp);
    }
    bars.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || fractions.length === 0) return;
      event.preventDefault();
      bars.setPointerCapture(event.pointerId);
      stroke = null;
      pull(event);
    });
    bars.addEventListener('pointermove', (event) => bars.hasPointerCapture(event.pointerId) && pull(event));

    // By keys: up and down change a bar, left and right go to the next; one of them is a stop of Tab.
    function focus(k) {
      for (const bar of bars.children) bar.tabIndex = -1;
      bars.children[k].tabIndex = 0;
      bars.children[k].focus({ preventScroll: true });
    }
    const keys = {
      ArrowUp: (p) => p + STEP,
      ArrowDown: (p) => p - STEP,
      PageUp: (p) => p + PAGE,
      PageDown: (p) => p - PAGE,
      Home: () => 0,
      End: () => 1,
    };
    bars.addEventListener('keydown', (event) => {
      const k = [...bars.children].indexOf(event.target);
      if (k < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const beside = { ArrowLeft: k - 1, ArrowRight: k + 1 }[event.key];
      if (beside !== undefined) focus(Math.min(fractions.length - 1, Math.max(0, beside)));
      else if (keys[event.key]) set(k, keys[event.key](fractions[k]), event.timeStamp);
      else return;
      event.preventDefault();
    });

    const wish = find('budget');
    function budget() {
      const value = Number(wish.value.replace(',', '.').replace(/\s*%$/, ''));
      const isGood = wish.value.trim() !== '' && value >= 0 && value <= 100;
      wish.setAttribute('aria-invalid', String(!isGood));
      if (!isGood) throw new Error(`budget = "${wish.value}"; accepted: 0 to 100 % of the loss weight.`);
      return value / 100;
    }

    /** Starts from a schedule that anybody would think of, or from one that the kernel prescribes. */
    async function begin(button) {
      const asked = window.letheTheory.terms({ budget: budget(), segments: fractions.length });
      const { way, objective } = button.dataset;
      if (way) return change(await desks.quick().ask({ usual: { way, budget: asked.budget, segments: asked.segments } }));
      const isOver = find('working');
      button.ariaBusy = 'true';
      isOver.textContent = 'The kernel looks for the best schedule…';
      try {
        change(await (await desks.slow()).ask({ prescribe: { objective, terms: asked } }));
        isOver.textContent = '';
      } catch (error) {
        isOver.textContent = '';
        throw error;
      } finally {
        button.ariaBusy = null;
      }
    }
    for (const button of place.querySelectorAll('[data-way], [data-objective]')) {
      button.addEventListener('click', () => begin(button).catch(trouble));
    }
    find('scale').addEventListener('click', () => {
      try {
        change(scaled(fractions, budget()));
      } catch (error) {
        trouble(error);
      }
    });

    return {
      /** A network has been analysed: foresees the schedule that is here, or uniform replay at p. */
      open({ steps: count, replay }) {
        steps = count;
        const segments = Math.min(SEGMENTS, steps);
        change(fractions.length === segments ? fractions : new Array(segments).fill(replay));
      },
      redraw: () => fractions.length > 0 && change(fractions),
    };
  }

  /** The schedule times what makes its mean the budget, where none may be above 1. */
  function scaled(fractions, budget) {
    const times = (factor) => fractions.map((p) => Math.min(1, Math.floor(p * factor * 1e6) / 1e6));
    const mean = (values) => values.reduce((sum, p) => sum + p, 0) / values.length;
    const least = Math.min(...fractions.filter((p) => p > 0));
    if (least === Infinity) return fractions.map(() => budget);
    let [low, high] = [0, 1 / least];
    for (let turn = 0; turn < 60; turn += 1) {
      const middle = (low + high) / 2;
      if (mean(times(middle)) > budget) high = middle;
      else low = middle;
    }
    return times(low);
  }

  window.letheEditor = { editor };
})();
