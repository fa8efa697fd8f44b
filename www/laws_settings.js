// The settings of the laws: each control is a key of links; its value and what is accepted are the worker's.
(() => {
  const { state, read, adopt, listen } = window.letheLaws;

  /** Binds the controls inside `place`; `written` is called after a change that is good. */
  function settings(place, written) {
    const controls = new Map([...place.querySelectorAll('.ctl[data-law]')].map((ctl) => [ctl.dataset.law, {
      input: ctl.querySelector('input, select'),
      accepted: ctl.querySelector('.accepted'),
      error: ctl.querySelector('.err'),
    }]));
    let turn = 0;

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
        if (control.input.value !== value) control.input.value = value;
        tell(control, '');
      }
    }

    /** The link of what the controls say. */
    function link(key, text) {
      const pairs = state.reading.settings.map((each) => [each.key, each.key === key ? text : each.value]);
      return `#v=1&x=laws${pairs.map(([name, value]) => `&${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`).join('')}`;
    }

    async function change(key) {
      if (!state.reading) return;
      turn += 1;
      const own = turn;
      const control = controls.get(key);
      try {
        const reading = await read(link(key, control.input.value.trim()));
        if (own !== turn) return;
        if (reading.notices.length > 0) return tell(control, reading.notices.join(' '));
        adopt(reading);
        written();
      } catch (error) {
        if (own === turn) tell(control, error.message);
      }
    }

    for (const [key, { input }] of controls) input.addEventListener('change', () => change(key));
    listen((what) => what === 'settings' && show());
  }

  window.letheLawsSettings = { settings };
})();
