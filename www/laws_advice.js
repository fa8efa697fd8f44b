// A form that asks how much may be forgotten.
(() => {
  /** Binds it; `own` says of which runs. */
  function adviser(form, desk, own) {
    const budget = form.elements.budget;
    const words = form.querySelector('.advice');
    let turn = 0;
    const tell = (text) => { words.textContent = text; };
    function clear() {
      turn += 1; // what was asked is about other runs
      tell('');
    }
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const text = budget.value.trim().replace(',', '.');
      const isGood = text !== '' && Number.isFinite(Number(text));
      budget.setAttribute('aria-invalid', String(!isGood));
      turn += 1;
      const now = turn;
      if (!isGood) return tell(`budget = "${budget.value}"; accepted: a number, in nats.`);
      tell('Resampling runs…');
      const advice = desk.ask({ advise: { budget: Number(text), own } });
      const said = await advice.then(({ sentence }) => sentence, ({ message }) => message);
      if (now === turn) tell(said);
    });
    return { clear };
  }

  window.letheLawsAdvice = { adviser };
})();
