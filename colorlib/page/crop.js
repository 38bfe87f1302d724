// Draws the crop box on the photo with the pointer. The sliders follow when the pointer is released.

function cropping(demo, model, listen) {
  let from = null, box = null;
  const frame = () => demo() && demo().classList.contains("cl-cropping") && demo().querySelector(".cl-gray .cl-frame");
  const place = (event) => {
    const { left, top, width, height } = frame().getBoundingClientRect();
    const within = (value) => Math.min(Math.max(value, 0), 1);
    return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
  };
  const show = (sides) => {
    for (const [side, value] of Object.entries(sides)) frame().style.setProperty(`--crop-${side}`, value);
  };

  listen(document, "pointerdown", (event) => {
    if (!frame() || event.button || !frame().contains(event.target)) return;
    from = place(event);
    box = null;
  });
  listen(document, "pointermove", (event) => {
    if (!from || !frame()) return;
    const to = place(event);
    const [left, right] = [from[0], to[0]].sort((one, other) => one - other);
    const [top, bottom] = [from[1], to[1]].sort((one, other) => one - other);
    box = { left, top, right, bottom };
    const percent = (value) => `${100 * value}%`;
    show({ left: percent(left), top: percent(top), right: percent(1 - right), bottom: percent(1 - bottom) });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    listen(document, end, () => {
      if (from && box && frame()) {
        model.send({ do: "drag", ...box });
        const drawn = frame();
        setTimeout(() => drawn.removeAttribute("style"), 600); // from then on the sliders' style applies
      }
      from = null;
    });
  }
}
