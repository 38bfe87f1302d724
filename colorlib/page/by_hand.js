// The canvas for coloring a photo by hand. Python owns the hints, their history and the picture. This file draws them
// and handles the mouse, touch and the keyboard. A hint is {x, y, color, reach}.

const RADIUS = 9; // of a marker in CSS pixels
const NEAR = 16; // a click selects a marker within this distance, which is larger for a finger
const SLOP = 6; // a pointer that moves less than this is a click
const HOLD = 600; // milliseconds of a long press

const make = (kind, parent, className, text) => {
  const element = document.createElement(kind);
  if (className) element.className = className;
  if (text) element.textContent = text;
  parent.append(element);
  return element;
};
const hex = (r, g, b) => "#" + [r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("");
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function render({ model, el }) {
  const end = new AbortController();
  const listen = (target, kind, act, options) => target.addEventListener(kind, act, { signal: end.signal, ...options });
  el.classList.add("cl-hand-box");
  const root = make("div", el, "cl-hand");
  const bar = make("div", root, "cl-hand-bar");
  const button = (text, act, parent = bar, title = "") => {
    const made = make("button", parent, "", text);
    made.type = "button";
    if (title) made.title = title;
    listen(made, "click", act);
    return made;
  };

  // the state: the hints, the selected one, the view, the pictures
  let hints = JSON.parse(model.get("hints"));
  let selected = -1;
  let taking = -1; // the version that clicks take colors from
  let cursor = { x: 0.5, y: 0.5 }; // the keyboard's cross, as fractions
  let view = { scale: 1, x: 0, y: 0 }; // the zoom (1: all of it), and the corner in CSS pixels
  const pictures = { colored: null, gray: null };
  let before = false;
  let versions = [];
  let waiting = false; // for Python's answer
  let pending = false;

  const undo = button("Undo", () => model.send({ undo: true }), bar, "Ctrl+Z");
  const redo = button("Redo", () => model.send({ redo: true }), bar, "Ctrl+Y");
  button("−", () => zoom(1 / 1.4), bar, "Smaller (-)").setAttribute("aria-label", "Zoom out");
  button("+", () => zoom(1.4), bar, "Larger (+)").setAttribute("aria-label", "Zoom in");
  button("Fit", () => { view = { scale: 1, x: 0, y: 0 }; draw(); }, bar, "All of the photo (0)");
  const original = button("Black and white", () => { before = !before; original.setAttribute("aria-pressed", before); draw(); });
  original.setAttribute("aria-pressed", "false");
  button("Other versions", () => { status.textContent = "Making other versions ..."; model.send({ versions: true }); });

  const canvas = make("canvas", root, "cl-hand-photo");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const keys = "Enter adds a hint at the cross, arrow keys move, Tab goes to its colors, Delete removes, Ctrl+Z undoes.";
  canvas.setAttribute("aria-label", `The photo. ${keys}`);
  const pen = canvas.getContext("2d");
  const status = make("div", root, "cl-hand-status");
  status.setAttribute("role", "status");

  const panel = make("div", root, "cl-hand-panel");
  const likely = make("div", panel, "cl-hand-row");
  make("span", likely, "cl-hand-label", "Likely here");
  const swatches = make("span", likely, "cl-hand-swatches");
  const chosen = make("div", panel, "cl-hand-row");
  const color = make("input", make("label", chosen, "", "Color "), "cl-hand-color");
  color.type = "color";
  button("Leave this gray", () => change({ color: "#808080" }), chosen);
  button("Remove", () => remove(selected), chosen, "Delete");
  const reached = make("label", panel, "cl-hand-row cl-hand-reach");
  make("span", reached, "", "This spot");
  const reach = make("input", reached);
  Object.assign(reach, { type: "range", min: 0, max: 1, step: 0.05 });
  reach.setAttribute("aria-label", "Reach, from this spot to everything like it");
  make("span", reached, "", "Everything like it");
  const strip = make("div", root, "cl-hand-strip");

  // Python's answers

  async function show(name) {
    const bytes = model.get(name);
    if (!bytes || !bytes.byteLength) return;
    pictures[name] = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    resize();
  }
  const names = () => {
    const count = `${hints.length} ${hints.length === 1 ? "hint" : "hints"}.`;
    const mode = taking >= 0 ? `A click takes the color of version ${taking + 1}.` : "Click the photo to add one.";
    status.textContent = model.get("note") || `${count} ${mode}`;
  };
  function changed() {
    hints = JSON.parse(model.get("hints"));
    if (selected >= hints.length) select(-1);
    refresh();
  }
  function steps() {
    undo.disabled = !model.get("can_undo");
    redo.disabled = !model.get("can_redo");
  }
  function refresh() {
    panel.hidden = !hints[selected];
    if (hints[selected]) {
      color.value = hints[selected].color;
      reach.value = hints[selected].reach;
    }
    names();
    draw();
  }
  function suggest() {
    swatches.replaceChildren();
    for (const [i, suggestion] of JSON.parse(model.get("suggestions")).entries()) {
      const swatch = button("", () => change({ color: suggestion }), swatches, suggestion);
      swatch.className = "cl-hand-swatch";
      swatch.style.background = suggestion;
      swatch.setAttribute("aria-label", `Likely color ${i + 1}, ${suggestion}`);
    }
  }
  async function offer() {
    const given = JSON.parse(model.get("versions"));
    versions = await Promise.all(given.map(async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const drawn = document.createElement("canvas");
      [drawn.width, drawn.height] = [image.naturalWidth, image.naturalHeight];
      drawn.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0);
      return drawn;
    }));
    strip.replaceChildren();
    if (versions.length) make("span", strip, "cl-hand-label", "Take colors from");
    versions.forEach((drawn, i) => {
      const thumb = button("", () => {
        taking = taking === i ? -1 : i;
        [...strip.querySelectorAll("button")].forEach((other, j) => other.setAttribute("aria-pressed", j === taking));
        names();
      }, strip, "Then click the photo where you want its color");
      thumb.setAttribute("aria-label", `Version ${i + 1}`);
      thumb.setAttribute("aria-pressed", "false");
      thumb.append(drawn);
    });
    names();
  }
  const on = (event, act) => { model.on(event, act); end.signal.addEventListener("abort", () => model.off(event, act)); };
  on("change:colored", () => show("colored"));
  on("change:gray", () => show("gray"));
  on("change:hints", changed);
  on("change:can_undo", steps);
  on("change:can_redo", steps);
  on("change:selected", () => { selected = model.get("selected"); refresh(); });
  on("change:suggestions", suggest);
  on("change:versions", offer);
  on("change:note", names);
  on("change:done", () => {
    waiting = false;
    if (pending) send(pending.dragging);
  });

  // changing hints

  function send(dragging = false) {
    if (waiting) { // one request at a time: a drag makes more moves than can be colored
      pending = { dragging };
      return;
    }
    [waiting, pending] = [true, false];
    model.set({ dragging, selected, hints: JSON.stringify(hints), asked: model.get("asked") + 1 });
    model.save_changes();
  }
  listen(document, "click", (event) => { // a pending change belongs to the result that is kept or saved
    if (!waiting || !event.target.closest || !event.target.closest(".cl-keep, .cl-by-hand .jupyter-button")) return;
    model.send({ hints: JSON.stringify(hints), selected }); // sent at once; changes of the state may wait
  }, { capture: true });
  function select(i) {
    if (i === selected) return;
    selected = i;
    swatches.replaceChildren();
    refresh();
    model.set("selected", i);
    model.save_changes();
  }
  function change(part, dragging = false) {
    if (!hints[selected]) return;
    hints[selected] = { ...hints[selected], ...part };
    refresh();
    send(dragging);
  }
  let addedAt = -1e9;
  function add(x, y) {
    addedAt = performance.now();
    hints.push({ x, y, color: colorAt(x, y), reach: 0.5 });
    selected = hints.length - 1;
    swatches.replaceChildren();
    refresh();
    send();
  }
  function remove(i) {
    if (i < 0) return;
    hints.splice(i, 1);
    selected = -1;
    refresh();
    send();
  }
  function colorAt(x, y) {
    const source = taking >= 0 ? versions[taking] : pictures.colored;
    const one = document.createElement("canvas").getContext("2d");
    const at = [Math.min(Math.floor(x * source.width), source.width - 1), Math.min(Math.floor(y * source.height), source.height - 1)];
    one.drawImage(source, ...at, 1, 1, 0, 0, 1, 1);
    return hex(...one.getImageData(0, 0, 1, 1).data.slice(0, 3));
  }
  listen(color, "input", () => change({ color: color.value }, true));
  listen(color, "change", () => change({ color: color.value }));
  listen(reach, "input", () => change({ reach: Number(reach.value) }, true));
  listen(reach, "change", () => change({ reach: Number(reach.value) }));

  // the view

  const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });
  function resize() {
    const picture = pictures.colored;
    if (!picture || !canvas.clientWidth) return;
    canvas.style.aspectRatio = `${picture.width} / ${picture.height}`;
    canvas.style.maxWidth = `min(100%, calc(var(--tall, 80vh) * ${picture.width / picture.height}))`; // --tall comes from the page
    const sharp = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * sharp);
    canvas.height = Math.round((canvas.clientWidth * picture.height / picture.width) * sharp);
    draw();
  }
  function place(x, y) { // fractions -> CSS pixels in the canvas
    const { width, height } = size();
    return [view.x + x * width * view.scale, view.y + y * height * view.scale];
  }
  function point(event) { // a pointer's place as fractions and as CSS pixels in the canvas
    const box = canvas.getBoundingClientRect();
    const { width, height } = size();
    const at = [(event.clientX - box.left) * (width / box.width), (event.clientY - box.top) * (height / box.height)];
    return { at, x: (at[0] - view.x) / (width * view.scale), y: (at[1] - view.y) / (height * view.scale) };
  }
  function move(x, y) {
    const { width, height } = size();
    view.x = clamp(x, width * (1 - view.scale), 0);
    view.y = clamp(y, height * (1 - view.scale), 0);
    draw();
  }
  function zoom(times, at) {
    const { width, height } = size();
    const [x, y] = at || [width / 2, height / 2];
    const scale = clamp(view.scale * times, 1, 12);
    const ratio = scale / view.scale;
    view.scale = scale;
    move(x - (x - view.x) * ratio, y - (y - view.y) * ratio);
  }
  function draw() {
    const picture = before && pictures.gray ? pictures.gray : pictures.colored;
    if (!picture) return;
    const sharp = canvas.width / Math.max(1, canvas.clientWidth);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const { width, height } = size();
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, view.x, view.y, width * view.scale, height * view.scale);
    hints.forEach((hint, i) => marker(...place(hint.x, hint.y), hint.color, i === selected));
    if (document.activeElement === canvas && selected < 0) cross(...place(cursor.x, cursor.y));
  }
  function marker(x, y, fill, strong) {
    const ring = (radius, style, width) => {
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.lineWidth = width;
      pen.strokeStyle = style;
      pen.stroke();
    };
    pen.beginPath();
    pen.arc(x, y, RADIUS - 2, 0, 2 * Math.PI);
    pen.fillStyle = fill;
    pen.fill();
    ring(RADIUS - 1.5, "#fff", 3);
    ring(RADIUS + 0.5, "#222", 1.5);
    if (strong) ring(RADIUS + 4, "#ffb000", 3);
  }
  function cross(x, y) {
    for (const [style, width] of [["#222", 4], ["#fff", 2]]) {
      pen.beginPath();
      pen.moveTo(x - 10, y); pen.lineTo(x + 10, y);
      pen.moveTo(x, y - 10); pen.lineTo(x, y + 10);
      pen.lineWidth = width;
      pen.strokeStyle = style;
      pen.stroke();
    }
  }

  // pointers: mouse, pen, fingers

  const down = new Map();
  let held = null; // { hint, moved, at, timer } of the first pointer
  let pinch = 0;
  const nearest = (at, touch) => {
    let [best, distance] = [-1, touch ? 1.6 * NEAR : NEAR];
    hints.forEach((hint, i) => {
      const [x, y] = place(hint.x, hint.y);
      const far = Math.hypot(x - at[0], y - at[1]);
      if (far < distance) [best, distance] = [i, far];
    });
    return best;
  };
  listen(canvas, "pointerdown", (event) => {
    if (event.button > 0 || !pictures.colored) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
    const { at } = point(event);
    down.set(event.pointerId, at);
    if (down.size > 1) { // a second finger starts a zoom and cancels what the first one did
      clearTimeout(held && held.timer);
      held = null;
      pinch = spread();
      return;
    }
    const hint = nearest(at, event.pointerType === "touch");
    const press = hint >= 0 && event.pointerType !== "mouse";
    held = { hint, at, moved: false, start: { ...view } };
    if (press) held.timer = setTimeout(() => { held = null; remove(hint); }, HOLD);
    if (hint >= 0) select(hint);
  });
  const spread = () => {
    const [one, other] = [...down.values()];
    return Math.hypot(one[0] - other[0], one[1] - other[1]);
  };
  const middle = () => {
    const [one, other = one] = [...down.values()];
    return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
  };
  listen(canvas, "pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    const { at, x, y } = point(event);
    const from = middle();
    down.set(event.pointerId, at);
    if (down.size > 1) { // the photo stays under the fingers
      const [now, to] = [spread(), middle()];
      if (pinch > 0 && now > 0) zoom(now / pinch, from);
      move(view.x + to[0] - from[0], view.y + to[1] - from[1]);
      pinch = now;
      return;
    }
    if (!held) return;
    if (Math.hypot(at[0] - held.at[0], at[1] - held.at[1]) > SLOP) {
      held.moved = true;
      clearTimeout(held.timer);
    }
    if (!held.moved) return;
    if (held.hint >= 0) change({ x: clamp(x, 0, 1), y: clamp(y, 0, 1) }, true);
    else move(held.start.x + at[0] - held.at[0], held.start.y + at[1] - held.at[1]);
  });
  const released = (event, cancelled) => {
    const many = down.size > 1;
    if (!down.delete(event.pointerId) || many || !held) return;
    const { hint, moved, timer } = held;
    held = null;
    clearTimeout(timer);
    if (hint >= 0 && moved) send();
    else if (hint < 0 && !moved && !cancelled) {
      const { x, y } = point(event);
      if (x >= 0 && x <= 1 && y >= 0 && y <= 1) add(x, y);
    }
  };
  listen(canvas, "pointerup", (event) => released(event, false));
  listen(canvas, "pointercancel", (event) => released(event, true));
  listen(canvas, "dblclick", (event) => {
    const recent = performance.now() - addedAt < 700; // the first click of a double click has just added the hint
    if (!recent) remove(nearest(point(event).at, false));
  });
  listen(canvas, "contextmenu", (event) => {
    event.preventDefault();
    remove(nearest(point(event).at, true));
  });
  listen(canvas, "wheel", (event) => {
    if (!event.ctrlKey && view.scale === 1 && event.deltaY > 0) return; // lets the page scroll
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), point(event).at);
  }, { passive: false });

  // the keyboard

  listen(canvas, "focus", draw);
  listen(canvas, "blur", draw);
  listen(root, "keydown", (event) => {
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      model.send(key === "y" || event.shiftKey ? { redo: true } : { undo: true });
    } else if (event.target === canvas && !event.ctrlKey && !event.metaKey && press(event)) {
      // done
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function press({ key, shiftKey }) {
    if (ARROWS[key]) {
      const [right, lower] = ARROWS[key].map((step) => step * (shiftKey ? 0.05 : 0.01));
      const from = selected >= 0 ? hints[selected] : cursor;
      const to = { x: clamp(from.x + right, 0, 1), y: clamp(from.y + lower, 0, 1) };
      if (selected >= 0) change(to);
      cursor = to;
      draw();
    } else if (key === "Enter" || key === " ") add(cursor.x, cursor.y);
    else if (key === "Delete" || key === "Backspace") remove(selected);
    else if (key === "Escape") select(-1);
    else if (key === "n" && hints.length) select((selected + 1) % hints.length);
    else if (key === "+" || key === "=") zoom(1.4);
    else if (key === "-") zoom(1 / 1.4);
    else if (key === "0") { view = { scale: 1, x: 0, y: 0 }; draw(); }
    else return false;
    return true;
  }

  const observer = new ResizeObserver(resize);
  observer.observe(root);
  const speak = () => { // on the page, page.js translates
    if (root.closest(".cl-demo")) return;
    const home = root.closest(".cl-by-hand") || root; // includes the save buttons
    const language = translator(model.get("languages"), () => home, () => language.apply());
    const texts = new MutationObserver(language.apply);
    texts.observe(home, { childList: true, characterData: true, subtree: true, attributeFilter: ["title", "aria-label"] });
    end.signal.addEventListener("abort", () => texts.disconnect());
    language.apply();
  };
  const speaking = requestAnimationFrame(speak); // when it is in the document
  changed();
  steps();
  suggest();
  offer();
  show("gray");
  show("colored");
  return () => {
    end.abort();
    observer.disconnect();
    cancelAnimationFrame(speaking);
  };
}

export default { render };
