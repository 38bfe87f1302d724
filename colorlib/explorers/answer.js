// A thing has one of two colors and gray does not tell which. Place an answer: which one has the smallest loss?

import { canvas, css, drawPlane, el, figure, labToRgb, mark, pointed, slider, toAb } from "./common.js";

export function squaredError(answer, colors, share) {
  const of = (lab) => (answer[0] - lab[1]) ** 2 + (answer[1] - lab[2]) ** 2;
  return share * of(colors[0]) + (1 - share) * of(colors[1]);
}

export function crossEntropy(said, share) {
  return -share * Math.log(said) - (1 - share) * Math.log(1 - said);
}

export function mount(root, { names, colors }) {
  const state = { share: 0.5, a: 0, b: 0, said: 0.9 };
  const L = (colors[0][0] + colors[1][0]) / 2;
  const plane = canvas(260, 280, "the ab plane with the two true colors and your answer", true);
  const patch = el("div", { style: "width: 100px; height: 70px; border-radius: 4px" });
  const squared = el("div", { class: "cl-says", role: "status" });
  const entropy = el("div", { class: "cl-says", role: "status" });
  const mean = () => [1, 2].map((i) => state.share * colors[0][i] + (1 - state.share) * colors[1][i]);

  function draw(change) {
    Object.assign(state, change);
    drawPlane(plane, L);
    colors.forEach((lab) => mark(plane, lab[1], lab[2], css(labToRgb(...lab))));
    mark(plane, state.a, state.b);
    patch.style.background = css(labToRgb(L, state.a, state.b));
    const [loss, least] = [[state.a, state.b], mean()].map((ab) => squaredError(ab, colors, state.share));
    squared.textContent = `squared error of your answer: ${Math.round(loss)}; smallest possible: ${Math.round(least)}`;
    const [yours, best] = [crossEntropy(state.said, state.share), crossEntropy(state.share, state.share)];
    entropy.textContent = `cross-entropy of your answer: ${yours.toFixed(3)}; smallest possible: ${best.toFixed(3)}`;
  }
  pointed(
    plane,
    (x, y) => draw({ a: toAb(x, y)[0], b: toAb(x, y)[1] }),
    (dx, dy) => draw({ a: state.a + 4 * dx, b: state.b - 4 * dy }),
  );
  const best = el("button", { type: "button", click: () => draw({ a: mean()[0], b: mean()[1] }) }, "show the best color");
  root.append(
    slider(`share of ${names[0]}`, 0.05, 0.95, 0.05, state.share, (share) => draw({ share })),
    el("div", { class: "cl-row" }, figure(plane, "your answer is one color: press or use the arrow keys"), patch, best),
    squared,
    slider(`you say ${names[0]} with`, 0.01, 0.99, 0.01, state.said, (said) => draw({ said })),
    entropy,
  );
  draw({});
}
