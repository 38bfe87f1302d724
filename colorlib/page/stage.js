// The picture: a slider between before and after, and a zoom that shows both halves at the same place.

function stage(demo, model, listen) {
  let zoom = 1, left = 0, top = 0; // the visible part: its upper left corner as fractions of the photo
  let key = "", asked = 0;
  const touches = new Map();
  const pair = () => demo() && demo().querySelector(".cl-pair");
  const frame = () => pair() && [...pair().querySelectorAll(".cl-frame")].find((each) => each.offsetWidth);
  const room = () => 1 - 1 / zoom;
  const within = (value, most) => Math.min(Math.max(value, 0), most);

  function draw() {
    if (!pair()) return;
    left = within(left, room());
    top = within(top, room());
    const style = pair().style;
    style.setProperty("--zoom", zoom);
    style.setProperty("--x", `${-100 * left * zoom}%`);
    style.setProperty("--y", `${-100 * top * zoom}%`);
    pair().classList.toggle("cl-zoomed", zoom > 1);
    for (const button of demo().querySelectorAll("[data-zoom]")) {
      button.disabled = button.dataset.zoom !== "in" ? zoom === 1 : zoom >= 16;
    }
    clearTimeout(asked);
    if (zoom > 1) asked = setTimeout(askForDetail, 250);
  }

  function askForDetail() {
    const part = { left, top, width: 1 / zoom, height: 1 / zoom };
    const pixels = Math.round(frame().offsetWidth * Math.min(2, window.devicePixelRatio || 1));
    model.send({ do: "crop", key, ...part, pixels });
  }

  function zoomTo(next, event) {
    next = within(next, 16) < 1.05 ? 1 : within(next, 16);
    const box = frame().getBoundingClientRect();
    const x = event ? within((event.clientX - box.left) / box.width, 1) : 0.5;
    const y = event ? within((event.clientY - box.top) / box.height, 1) : 0.5;
    left += x / zoom - x / next;
    top += y / zoom - y / next;
    zoom = next;
    draw();
  }

  function refresh() { // after a new picture
    if (!pair() || pair().dataset.key === key) return draw();
    [zoom, left, top, key] = [1, 0, 0, pair().dataset.key];
    draw();
  }

  function showDetail(message, buffers) {
    if (!pair() || message.key !== key) return;
    const layers = pair().querySelectorAll(".cl-layer");
    buffers.forEach((buffer, i) => {
      if (!layers[i]) return;
      const old = layers[i].querySelector(".cl-detail");
      const image = new Image();
      image.className = "cl-detail";
      image.alt = "";
      const [x, y, width, height] = message.box.map((part) => `${100 * part}%`);
      image.style.cssText = `left: ${x}; top: ${y}; width: ${width}; height: ${height}`;
      image.src = URL.createObjectURL(new Blob([buffer], { type: "image/jpeg" }));
      image.onload = () => {
        URL.revokeObjectURL(image.src);
        if (old) old.remove();
      };
      layers[i].append(image);
    });
  }

  const cut = (event) => {
    const range = pair().querySelector(".cl-slider input");
    const box = frame().getBoundingClientRect();
    range.value = (100 * (event.clientX - box.left)) / box.width;
    range.oninput();
  };
  const nearCut = (event) => {
    const range = pair().querySelector(".cl-slider input");
    if (!range || demo().dataset.view === "beside") return false;
    const box = frame().getBoundingClientRect();
    return zoom === 1 || Math.abs(event.clientX - box.left - (range.value / 100) * box.width) < 30;
  };
  const onPicture = (event) => pair() && !demo().classList.contains("cl-cropping") && event.target.closest && event.target.closest(".cl-frame, .cl-slider") && pair().contains(event.target);

  let moving = "";
  listen(document, "pointerdown", (event) => {
    if (!onPicture(event) || event.button) return;
    touches.set(event.pointerId, event);
    const range = pair().querySelector(".cl-slider input");
    if (range) range.focus({ preventScroll: true });
    moving = touches.size > 1 ? "pinch" : nearCut(event) ? "cut" : zoom > 1 ? "pan" : "";
    if (moving === "cut") cut(event);
  });
  listen(document, "mousedown", (event) => onPicture(event) && event.preventDefault()); // keeps the focus on the slider
  listen(document, "pointermove", (event) => {
    const before = touches.get(event.pointerId);
    if (!before || !pair()) return;
    const box = frame().getBoundingClientRect();
    if (moving === "cut") cut(event);
    if (moving === "pan") {
      left -= (event.clientX - before.clientX) / box.width / zoom;
      top -= (event.clientY - before.clientY) / box.height / zoom;
      draw();
    }
    if (moving === "pinch" && touches.size === 2) {
      const other = [...touches].find(([id]) => id !== event.pointerId)[1];
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
      zoomTo((zoom * apart(event)) / Math.max(1, apart(before)), middle);
    }
    touches.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    listen(document, end, (event) => {
      touches.delete(event.pointerId);
      if (!touches.size) moving = "";
    });
  }
  listen(document, "wheel", (event) => { // the wheel scrolls the page until the picture has been clicked
    if (!onPicture(event) || !(event.ctrlKey || event.metaKey || pair().contains(document.activeElement))) return;
    event.preventDefault();
    zoomTo(zoom * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event);
  }, { passive: false });
  listen(document, "dblclick", (event) => onPicture(event) && zoomTo(zoom > 1 ? 1 : 3, event));
  listen(document, "click", (event) => {
    const button = event.target.closest && event.target.closest("[data-zoom]");
    if (!button || !demo() || !demo().contains(button) || !pair()) return;
    zoomTo(button.dataset.zoom === "in" ? zoom * 1.6 : button.dataset.zoom === "out" ? zoom / 1.6 : 1);
  });
  listen(document, "keydown", (event) => {
    if (!pair() || !pair().contains(document.activeElement)) return;
    const pan = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "+" || event.key === "=") zoomTo(zoom * 1.6);
    else if (event.key === "-") zoomTo(zoom / 1.6);
    else if (event.key === "0") zoomTo(1);
    else if (pan && event.shiftKey) {
      left += (0.15 * pan[0]) / zoom;
      top += (0.15 * pan[1]) / zoom;
      draw();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  return { refresh, showDetail };
}
