// The settings of an experiment: each control is a key of links; its value and what is accepted are the worker's.
(() => {
  const { line } = window.letheDesk;

  /** Boxes to tick as one input, whose value lists those that are ticked. */
  function listOf(boxes) {
    const each = (act) => (...given) => boxes.forEach((box) => box[act](...given));
    return {
      get value() { return boxes.filter(({ checked }) => checked).map(({ value }) => value).join(','); },
      set value(text) { for (const box of boxes) box.checked = text.split(',').includes(box.value); },
      setAttribute: each('setAttribute'),
      removeAttribute: each('removeAttribute'),
      addEventListener: each('addEventListener'),
    };
  }

  function inputOf(ctl) {
    const boxes = [...ctl.querySelectorAll('input[type=checkbox]')];
    return boxes.length > 0 ? listOf(boxes) : ctl.querySelector('input, select');
  }

  /** Binds the controls inside `place` to the runs of the experiment `name`; `written` is called after a change that is good. */
  function settings(place, name, { state, read, adopt, listen }, written) {
    const controls = new Map([...place.querySelectorAll('.ctl[data-setting]')].map((ctl) => [ctl.dataset.setting, {
      input: inputOf(ctl),
      accepted: ctl.querySelector('.accepted'),
      error: ctl.querySelector('.err'),
      given: '', // by the worker
      isEdited: false, // and not yet read
    }]));
    const inTurn = line(); // each change is one of the settings that the one before has left

    function tell({ input, error }, words) {
      error.textContent = words;
      if (words) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    }

    function show() {
      for (const { key, value, accepted } of state.reading?.settings ?? []) {
        const control = controls.get(key);
        if (!control) continue;
        if (control.accepted) control.accepted.textContent = accepted;
        control.given = value;
        if (control.isEdited) continue;
        if (control.input.value !== value) control.input.value = value;
        tell(control, '');
      }
    }

    /** The link of what the controls say. */
    function link(key, text) {
      const pairs = state.reading.settings.map((each) => [each.key, each.key === key ? text : each.value]);
      return `#v=1&x=${name}${pairs.map(([own, value]) => `&${own}=${encodeURIComponent(value).replaceAll('%2C', ',')}`).join('')}`;
    }

    async function change(key, control, text) {
      const before = state.reading;
      if (before === null) return;
      try {
        const reading = await read(link(key, text));
        if (state.reading !== before) return; // another link was opened
        if (reading.notices.length > 0) return tell(control, reading.notices.join(' '));
        adopt(reading);
        written();
      } catch (error) {
        tell(control, error.message);
      }
    }

    for (const [key, control] of controls) {
      const { input } = control;
      input.addEventListener('input', () => { control.isEdited = input.value !== control.given; });
      input.addEventListener('change', () => {
        const text = input.value.trim();
        inTurn(() => {
          control.isEdited = input.value.trim() !== text;
          return change(key, control, text);
        });
      });
    }
    listen((what) => what === 'settings' && show());
  }

  window.letheSettings = { settings };
})();
