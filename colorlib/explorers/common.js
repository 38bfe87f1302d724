// What the explorers share: elements, sliders, Lab colors. Plain modules; nothing is fetched.

const STYLE = `
.cl-explorer { background: #f2f2f2; border-radius: 6px; color: #222; font: 14px/1.4 system-ui, sans-serif;
  max-width: 720px; padding: 12px 16px; box-sizing: border-box; }
.cl-explorer canvas { background: #fff; max-width: 100%; height: auto; touch-action: none; image-rendering: pixelated; }
.cl-explorer canvas:focus-visible, .cl-explorer input:focus-visible, .cl-explorer select:focus-visible {
  outline: 3px solid #0072b2; outline-offset: 2px; }
.cl-row { align-items: flex-start; display: flex; flex-wrap: wrap; gap: 12px 20px; }
.cl-slider { align-items: center; display: grid; gap: 8px; grid-template-columns: 9em minmax(8em, 16em) 4em; margin: 4px 0; }
.cl-explorer input[type="range"] { min-height: 28px; width: 100%; }
.cl-explorer input[type="number"] { width: 3.6em; }
.cl-explorer output, .cl-explorer .cl-says { font-variant-numeric: tabular-nums; }
.cl-explorer figure { margin: 0; }
.cl-explorer figcaption { color: #444; font-size: 13px; }
.cl-explorer img { display: block; max-width: 100%; }
`;

/** An element with attributes (functions become listeners) and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** A labeled range input with its value beside it; `change(value)` is called on every move. */
export function slider(label, min, max, step, value, change) {
  const output = el("output", {}, String(value));
  const input = el("input", { type: "range", min, max, step, value, "aria-label": label });
  input.addEventListener("input", () => {
    output.textContent = input.value;
    change(Number(input.value));
  });
  const row = el("label", { class: "cl-slider" }, el("span", {}, label), input, output);
  row.set = (next) => {
    input.value = next;
    output.textContent = input.value;
  };
  row.limit = (most) => {
    input.max = most;
    row.set(Math.min(Number(input.value), most));
  };
  return row;
}

export function select(label, options, change) {
  const input = el("select", { "aria-label": label }, ...options.map((name) => el("option", {}, name)));
  input.addEventListener("change", () => change(input.value));
  return el("label", { class: "cl-slider" }, el("span", {}, label), input);
}

export function canvas(width, height, label, focusable = false) {
  const node = el("canvas", { width, height, role: "img", "aria-label": label });
  if (focusable) node.tabIndex = 0;
  return node;
}

export function figure(picture, caption) {
  return el("figure", {}, picture, el("figcaption", {}, caption));
}

/** Call `move(x, y)` with 0..1 positions while a canvas is pressed, and `step(dx, dy)` for arrow keys. */
export function pointed(node, move, step) {
  const at = (event) => {
    const box = node.getBoundingClientRect();
    const inside = (value) => Math.min(1, Math.max(0, value));
    move(inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height));
  };
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    at(event);
  });
  node.addEventListener("pointermove", (event) => event.buttons && at(event));
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  node.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    step(...keys[event.key]);
  });
}

/** Lab (D65) to sRGB 0..255, not clipped. */
export function labToRgb(L, a, b) {
  const y = (L + 16) / 116;
  const cube = (t) => (t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));
  const [X, Y, Z] = [0.95047 * cube(y + a / 500), cube(y), 1.08883 * cube(y - b / 200)];
  const linear = [
    3.2404542 * X - 1.5371385 * Y - 0.4985314 * Z,
    -0.969266 * X + 1.8760108 * Y + 0.041556 * Z,
    0.0556434 * X - 0.2040259 * Y + 1.0572252 * Z,
  ];
  return linear.map((c) => 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
}

export function shows(rgb) {
  return rgb.every((value) => value >= -0.5 && value <= 255.5);
}

export function css(rgb) {
  return `rgb(${rgb.map((value) => Math.round(Math.min(255, Math.max(0, value)))).join(" ")})`;
}

export const AB = { left: -95, right: 105, bottom: -115, top: 100 };

/** Draw the colors of the ab plane at a lightness into a canvas; where sRGB has none, light gray. */
export function drawPlane(node, L) {
  const context = node.getContext("2d");
  const image = context.createImageData(node.width, node.height);
  for (let y = 0, i = 0; y < node.height; y++) {
    for (let x = 0; x < node.width; x++, i += 4) {
      const [a, b] = toAb(x / node.width, y / node.height);
      const rgb = labToRgb(L, a, b);
      const drawn = shows(rgb) ? rgb : [232, 232, 232];
      image.data.set([...drawn, 255], i);
    }
  }
  context.putImageData(image, 0, 0);
  context.strokeStyle = "#888";
  context.beginPath();
  const [x, y] = toPlane(node, 0, 0);
  context.moveTo(x, 0);
  context.lineTo(x, node.height);
  context.moveTo(0, y);
  context.lineTo(node.width, y);
  context.stroke();
}

export function toAb(x, y) {
  return [AB.left + x * (AB.right - AB.left), AB.top + y * (AB.bottom - AB.top)];
}

export function toPlane(node, a, b) {
  return [((a - AB.left) / (AB.right - AB.left)) * node.width, ((AB.top - b) / (AB.top - AB.bottom)) * node.height];
}

export function mark(node, a, b, color = "#000") {
  const context = node.getContext("2d");
  const [x, y] = toPlane(node, a, b);
  for (const [width, style] of [[5, "#fff"], [2, color]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.stroke();
  }
  context.lineWidth = 1;
}

/** Mount an explorer into every place that waits for it. */
export function mountAll(key, mount, data) {
  if (!document.getElementById("cl-explorer-style")) {
    document.head.append(el("style", { id: "cl-explorer-style" }, STYLE));
  }
  for (const root of document.querySelectorAll(`[data-explorer="${key}"]:not([data-ready])`)) {
    root.dataset.ready = "yes";
    root.replaceChildren();
    mount(root, data);
  }
}
