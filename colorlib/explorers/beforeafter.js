// Two photos on top of each other and a slider between them.

import { el } from "./common.js";

export function mount(root, { before, after }) {
  const style = "grid-area: 1 / 1; width: 100%; margin: 0";
  const top = el("img", { src: after, alt: "after: in color", style });
  const input = el("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "before and after" });
  const draw = () => (top.style.clipPath = `inset(0 0 0 ${input.value}%)`);
  input.addEventListener("input", draw);
  const pair = el("div", { style: "display: grid" }, el("img", { src: before, alt: "before: gray", style }), top);
  root.append(pair, input);
  draw();
}
