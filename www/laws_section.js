// The view of the laws, and its parts.
(() => {
  const laws = window.letheLaws;
  const { adviser } = window.letheLawsAdvice;
  const view = document.getElementById('laws');
  const find = (part) => view.querySelector(`[data-part="${part}"]`);

  const advice = adviser(find('advise'), laws.gatherer, false);
  const own = window.letheLawsOwn.own(find('own'));
  window.letheLawsTexts.texts(find('texts'));
  window.letheLawsView = window.letheView.view('laws', laws, {
    title: 'Scaling laws of forgetting',
    fitting: (fitted) => ['Fitting', fitted ? `resample ${fitted.done.toLocaleString('en-US')} of ${fitted.of.toLocaleString('en-US')}` : ''],
    own: own.add,
    report: (report) => report === null && advice.clear(),
    show: ({ isWhole }) => { find('advise-section').hidden = !isWhole; },
  });
})();
