// What the page must do before, or without, the wasm program: fold the settings on narrow screens, keep the
// run in the address when jumping inside the page, and say so if the program never starts.
(() => {
  const root = document.documentElement;
  const narrow = matchMedia("(max-width: 1180px)").matches;
  const settings = document.getElementById("settings");
  if (narrow || /[#&]proj=1\b/.test(location.hash)) settings.open = false;

  for (const slider of document.querySelectorAll("input[type=range]")) {
    const share = (slider.value - slider.min) / (slider.max - slider.min);
    slider.style.setProperty("--v", `${100 * share}%`);
  }

  // The view that the link asks for: the lab, or one of those that the program leaves alone.
  const view = () => {
    const [, own] = /[#&]x=(laws|associations)(&|$)/.exec(location.hash) ?? [];
    if (own) root.dataset.view = own;
    else delete root.dataset.view;
  };
  addEventListener("hashchange", view);
  view();

  // "#how" would replace the run that the hash holds.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const place = control(target) ?? target;
    const focus = place.matches("[tabindex], input, select") ? place : place.querySelector("[tabindex='-1']");
    place.scrollIntoView({ block: place.matches("input, select") ? "center" : "start" });
    focus?.focus({ preventScroll: true });
  });

  // Of a setting's controls the one that this kind of experiment shows.
  function control(target) {
    const key = target.closest(".ctl")?.dataset.key;
    const all = key ? [...document.querySelectorAll(`.ctl[data-key="${key}"] :is(input, select)`)] : [];
    return all.find((each) => each.getClientRects().length > 0);
  }

  // The program sets data-ready on <html> once its controls work.
  const patience = 20_000;
  const fail = (reason) => {
    if (root.hasAttribute("data-ready") || root.hasAttribute("data-failed")) return;
    root.setAttribute("data-failed", "");
    document.getElementById("start-reason").textContent = reason;
    document.getElementById("status-text").textContent = "Not started";
  };
  if (typeof WebAssembly !== "object") fail("This browser has no WebAssembly.");
  addEventListener("error", (event) => {
    const file = event.target?.src || event.target?.href;
    fail(event.message ? `${event.message}.` : `A part of the program could not be loaded${file ? `: ${file}` : ""}.`);
  }, true);
  addEventListener("unhandledrejection", (event) => fail(`${event.reason}.`));
  setTimeout(() => fail("The program has not answered for 20 seconds."), patience);
})();
