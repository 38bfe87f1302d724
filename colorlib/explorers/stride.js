// How large is a convolution's output? Input, kernel, stride and padding, drawn with the window at one place.

import { canvas, el, figure, slider } from "./common.js";

export function outputSize(n, k, s, p) {
  return n + 2 * p < k ? 0 : Math.floor((n + 2 * p - k) / s) + 1;
}

export function mount(root) {
  const state = { n: 6, k: 3, s: 2, p: 1, i: 0 };
  const input = canvas(300, 300, "the input, padded, with the window of one output");
  const output = canvas(300, 300, "the output");
  const says = el("div", { class: "cl-says", role: "status" });
  const set = (name) => (value) => draw({ [name]: value });
  const place = slider("which output", 1, 9, 1, 1, (value) => draw({ i: value - 1 }));
  root.append(
    slider("input size", 3, 10, 1, state.n, set("n")),
    slider("kernel size", 1, 5, 1, state.k, set("k")),
    slider("stride", 1, 3, 1, state.s, set("s")),
    slider("padding", 0, 2, 1, state.p, set("p")),
    place,
    el("div", { class: "cl-row" }, figure(input, "input; zeros of the padding hatched"), figure(output, "output")),
    says,
  );

  function draw(change) {
    Object.assign(state, change);
    const { n, k, s, p } = state;
    const m = outputSize(n, k, s, p);
    place.limit(Math.max(1, m * m));
    state.i = Math.min(state.i, Math.max(0, m * m - 1));
    const [row, column] = [Math.floor(state.i / Math.max(1, m)), state.i % Math.max(1, m)];
    const cell = 300 / (n + 2 * p);
    grid(input, n + 2 * p, cell, (x, y) => x < p || y < p || x >= n + p || y >= n + p);
    grid(output, m, cell, () => false);
    if (m) {
      outline(input, column * s * cell, row * s * cell, k * cell);
      outline(output, column * cell, row * cell, cell);
      says.textContent = `(${n} + 2\u00b7${p} \u2212 ${k}) / ${s} + 1, rounded down: ${m}. ${n} x ${n} becomes ${m} x ${m}.`;
    } else {
      says.textContent = `A kernel of ${k} x ${k} does not fit into ${n + 2 * p} x ${n + 2 * p}.`;
    }
  }
  draw({});
}

function grid(node, count, cell, padded) {
  const context = node.getContext("2d");
  context.clearRect(0, 0, node.width, node.height);
  context.lineWidth = 1;
  for (let y = 0; y < count; y++) {
    for (let x = 0; x < count; x++) {
      context.fillStyle = padded(x, y) ? "#ddd" : "#fff";
      context.fillRect(x * cell, y * cell, cell, cell);
      context.strokeStyle = "#999";
      context.strokeRect(x * cell + 0.5, y * cell + 0.5, cell - 1, cell - 1);
      if (padded(x, y)) {
        context.fillStyle = "#666";
        context.font = "12px system-ui";
        context.textAlign = "center";
        context.fillText("0", (x + 0.5) * cell, (y + 0.5) * cell + 4);
      }
    }
  }
}

function outline(node, x, y, size) {
  const context = node.getContext("2d");
  context.fillStyle = "rgb(0 114 178 / 25%)";
  context.fillRect(x, y, size, size);
  context.lineWidth = 3;
  context.strokeStyle = "#0072b2";
  context.strokeRect(x + 1.5, y + 1.5, size - 3, size - 3);
}
