// The colors that sRGB can show at a lightness, in the ab plane; press to read a color.

import { canvas, css, drawPlane, el, figure, labToRgb, mark, pointed, shows, slider, toAb } from "./common.js";

export function mount(root, data) {
  const state = { L: data.L, a: 20, b: 25 };
  const plane = canvas(300, 322, "the ab plane: a to the right, b upwards", true);
  const patch = el("div", { style: "width: 120px; height: 120px; border-radius: 4px" });
  const says = el("div", { class: "cl-says", role: "status" });
  const draw = (change) => {
    Object.assign(state, change);
    drawPlane(plane, state.L);
    mark(plane, state.a, state.b);
    const rgb = labToRgb(state.L, state.a, state.b);
    patch.style.background = shows(rgb) ? css(rgb) : "repeating-linear-gradient(45deg, #ccc 0 8px, #eee 8px 16px)";
    const lab = `L ${state.L}, a ${Math.round(state.a)}, b ${Math.round(state.b)}`;
    says.textContent = shows(rgb)
      ? `${lab}: red ${Math.round(rgb[0])}, green ${Math.round(rgb[1])}, blue ${Math.round(rgb[2])}`
      : `${lab}: no screen color is there at this lightness`;
  };
  pointed(
    plane,
    (x, y) => draw({ a: toAb(x, y)[0], b: toAb(x, y)[1] }),
    (dx, dy) => draw({ a: state.a + 5 * dx, b: state.b - 5 * dy }),
  );
  root.append(
    slider("lightness L", 0, 100, 1, state.L, (L) => draw({ L })),
    el("div", { class: "cl-row" }, figure(plane, "a: green to red; b: blue (below) to yellow (above)"), patch),
    says,
  );
  draw({});
}
