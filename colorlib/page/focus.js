// Moves the focus on when the focused element is hidden, disabled or replaced, so that it never goes to the page's top.

function focusing(demo, inside, listen) {
  let focused = null; // the element that had the focus last
  let opener = ""; // the class of the button that opened the crop or the canvas
  listen(document, "focusin", (event) => { focused = inside(event) ? event.target : null; });
  listen(document, "pointerdown", (event) => {
    const target = "button, a, input, select, canvas, [tabindex]";
    if (!inside(event) || !event.target.closest(target)) focused = null; // the user left it
  }, true);
  listen(document, "click", (event) => {
    const button = inside(event) && event.target.closest(".cl-crop-open, .cl-hand-open");
    if (button) opener = button.matches(".cl-crop-open") ? ".cl-crop-open" : ".cl-hand-open";
    else if (inside(event) && event.target.closest(".cl-start, .cl-keep")) opener = "";
  }, true);

  const there = (element) => element.isConnected && element.getClientRects().length && !element.disabled;
  const first = (selector) => selector && [...demo().querySelectorAll(selector)].find(there);
  function refocus() {
    if (document.activeElement !== document.body || !focused || there(focused)) return;
    const name = focused.dataset.focus || "";
    const next =
      first(name && `[data-focus="${CSS.escape(name)}"]`) ||
      first(".cl-crop .noUi-handle, .cl-crop .ui-slider-handle") || // cropping has started
      first("canvas.cl-hand-photo") || // coloring by hand has started
      first(name.startsWith("others") && ".cl-version[aria-pressed=true], .cl-version") ||
      first(opener) || // one of them has ended
      first(".cl-start, .cl-download") ||
      first(name && name !== "start" && ".cl-previous h2"); // the last card was deleted
    if (!next) return; // the page is busy: the next element is not known yet
    next.focus({ preventScroll: true });
    if (next.matches("canvas")) next.closest(".cl-hand-panel-box").scrollIntoView({ block: "start" });
  }
  return refocus;
}
