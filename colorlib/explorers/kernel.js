// A kernel of 3 x 3 numbers over a crop of a gray picture: the nine products, their sum, and the picture of all sums.

import { canvas, el, figure, pointed, select, slider } from "./common.js";

const KERNELS = {
  "lighter left than right": [1, 0, -1, 1, 0, -1, 1, 0, -1],
  "lighter above than below": [1, 1, 1, 0, 0, 0, -1, -1, -1],
  "blur (mean)": Array(9).fill(1 / 9),
  sharpen: [0, -1, 0, -1, 5, -1, 0, -1, 0],
};

export function convolved(picture, kernel) {
  return picture.slice(2).map((_, y) =>
    picture[0].slice(2).map((_, x) => kernel.reduce((sum, k, i) => sum + k * picture[y + Math.floor(i / 3)][x + (i % 3)], 0)),
  );
}

export function mount(root, { picture }) {
  const [rows, columns] = [picture.length, picture[0].length];
  const scale = Math.floor(280 / Math.max(rows, columns));
  const state = { x: Math.floor(columns / 2) - 1, y: Math.floor(rows / 2) - 1, kernel: [...Object.values(KERNELS)[0]] };
  const before = canvas(columns * scale, rows * scale, "the crop, nine pixels framed", true);
  const after = canvas((columns - 2) * scale, (rows - 2) * scale, "the sum at every place");
  const says = el("div", { class: "cl-says", role: "status" });
  const across = slider("column", 0, columns - 3, 1, state.x, (x) => draw({ x }));
  const down = slider("row", 0, rows - 3, 1, state.y, (y) => draw({ y }));
  const cells = state.kernel.map((value, i) =>
    el("input", { type: "number", step: "any", value, "aria-label": `kernel number ${i + 1}`, input: typed }),
  );
  const grid = el("div", { style: "display: grid; grid-template-columns: repeat(3, 4em); gap: 4px" }, ...cells);

  function typed() {
    draw({ kernel: cells.map((cell) => Number(cell.value) || 0) });
  }

  function chosen(name) {
    KERNELS[name].forEach((value, i) => (cells[i].value = Math.round(value * 1000) / 1000));
    draw({ kernel: [...KERNELS[name]] });
  }

  function draw(change) {
    Object.assign(state, change);
    across.set(state.x);
    down.set(state.y);
    paint(before, picture, scale, 0, 255);
    const sums = convolved(picture, state.kernel);
    const most = Math.max(1, ...sums.flat().map(Math.abs));
    const signed = sums.flat().some((sum) => sum < 0);
    paint(after, sums, scale, signed ? -most : 0, most);
    frame(before, state.x * scale, state.y * scale, 3 * scale);
    frame(after, state.x * scale, state.y * scale, scale);
    const terms = state.kernel.map((k, i) => [k, picture[state.y + Math.floor(i / 3)][state.x + (i % 3)]]);
    const short = (value) => String(Math.round(value * 100) / 100).replace("-", "\u2212");
    says.textContent =
      terms.map(([k, p]) => `${short(k)}\u00b7${p}`).join(" + ") + ` = ${short(sums[state.y][state.x])}`;
  }

  const clip = (value, most) => Math.min(most, Math.max(0, value));
  pointed(
    before,
    (x, y) => draw({ x: clip(Math.floor(x * columns) - 1, columns - 3), y: clip(Math.floor(y * rows) - 1, rows - 3) }),
    (dx, dy) => draw({ x: clip(state.x + dx, columns - 3), y: clip(state.y + dy, rows - 3) }),
  );
  const sizes = `${columns} x ${rows} in, ${columns - 2} x ${rows - 2} out`;
  root.append(
    el("div", { class: "cl-row" }, figure(before, "press, drag, or use the arrow keys"), figure(after, sizes), grid),
    select("kernel", Object.keys(KERNELS), chosen),
    across,
    down,
    says,
  );
  draw({});
}

function paint(node, values, scale, low, high) {
  const context = node.getContext("2d");
  values.forEach((row, y) =>
    row.forEach((value, x) => {
      const level = Math.round((255 * (value - low)) / (high - low));
      context.fillStyle = `rgb(${level} ${level} ${level})`;
      context.fillRect(x * scale, y * scale, scale, scale);
    }),
  );
}

function frame(node, x, y, size) {
  const context = node.getContext("2d");
  for (const [width, style] of [[4, "#fff"], [2, "#d55e00"]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.strokeRect(x, y, size, size);
  }
}
