// Temperature, lambda and strength over stored distributions: what becomes of the probabilities, and of their mean.

import { canvas, css, el, figure, labToRgb, select, slider, toPlane } from "./common.js";

/** How much each bin counts: one over its mixture with the uniform distribution, 1 in the mean over the prior. */
export function weights(prior, mix, strength) {
  const raw = prior.map((p) => ((1 - mix) * p + mix / prior.length) ** -strength);
  const mean = raw.reduce((sum, w, q) => sum + w * prior[q], 0);
  return raw.map((w) => w / mean);
}

/** A distribution with its peaks sharpened, after adding `extra` times the logarithm of the weights. */
export function adjusted(share, w, extra, temperature) {
  const raw = share.map((p, q) => (p * w[q] ** extra) ** (1 / temperature));
  const sum = raw.reduce((total, p) => total + p, 0);
  return raw.map((p) => p / sum);
}

export function meanColor(share, bins) {
  return [0, 1].map((i) => share.reduce((sum, p, q) => sum + p * bins[q][i], 0));
}

export function mount(root, { shares, prior, bins, trained }) {
  const state = { which: Object.keys(shares)[0], temperature: 1, lambda: 0.5, strength: trained };
  const plane = canvas(320, 344, "a distribution over the bins of the ab plane");
  const patch = el("div", { style: "width: 120px; height: 120px; border-radius: 4px" });
  const says = el("div", { class: "cl-says", role: "status" });

  function draw(change) {
    Object.assign(state, change);
    const share = adjusted(shares[state.which], weights(prior, state.lambda, 1), state.strength - trained, state.temperature);
    const [a, b] = meanColor(share, bins);
    squares(plane, share, bins);
    patch.style.background = css(labToRgb(60, a, b));
    const chroma = Math.hypot(a, b);
    const top = share.indexOf(Math.max(...share));
    says.textContent =
      `mean color: a ${a.toFixed(0)}, b ${b.toFixed(0)}, chroma ${chroma.toFixed(0)}; ` +
      `likeliest bin: a ${bins[top][0]}, b ${bins[top][1]} with ${(100 * share[top]).toFixed(0)} %`;
  }
  root.append(
    select("distribution", Object.keys(shares), (which) => draw({ which })),
    slider("temperature T", 0.05, 1.5, 0.05, state.temperature, (temperature) => draw({ temperature })),
    slider("lambda", 0, 1, 0.05, state.lambda, (lambda) => draw({ lambda })),
    slider("strength", 0, 1, 0.05, state.strength, (strength) => draw({ strength })),
    el("div", { class: "cl-row" }, figure(plane, "area of a square: its probability; ring: the mean"), figure(patch, "the mean at L = 60")),
    says,
  );
  draw({});
}

function squares(node, share, bins) {
  const context = node.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, node.width, node.height);
  const most = Math.max(...share);
  const [left] = toPlane(node, 0, 0);
  const [right] = toPlane(node, 10, 0);
  const full = right - left;
  bins.forEach(([a, b], q) => {
    const [x, y] = toPlane(node, a, b);
    context.strokeStyle = "#ddd";
    context.strokeRect(x - full / 2, y - full / 2, full, full);
    const side = full * Math.sqrt(share[q] / most);
    context.fillStyle = css(labToRgb(60, a, b));
    context.fillRect(x - side / 2, y - side / 2, side, side);
  });
  const [x, y] = toPlane(node, ...meanColor(share, bins));
  for (const [width, style] of [[5, "#fff"], [2, "#000"]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.stroke();
  }
  context.lineWidth = 1;
}
