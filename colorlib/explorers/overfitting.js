// Scrub through a training run: the two losses, and what the network makes of a photo it learned and of one it did not.

import { canvas, el, slider } from "./common.js";

export function mount(root, { epochs, losses, pictures, floor }) {
  const chart = canvas(600, 240, "loss on the photos learned and on photos held out, by epoch");
  const row = el("div", { class: "cl-row" });
  const says = el("div", { class: "cl-says", role: "status" });
  const scrub = slider("step", 1, epochs.length, 1, 1, (i) => draw(i - 1));
  root.append(scrub, chart, says, row);

  function draw(i) {
    plot(chart, losses, floor, i);
    const numbers = Object.entries(losses).map(([name, values]) => `${name} ${values[i].toFixed(0)}`);
    says.textContent = `epoch ${epochs[i]}: ${numbers.join(", ")}; leaving them gray ${floor.toFixed(0)}`;
    row.replaceChildren(
      ...Object.entries(pictures[i]).map(([title, src]) =>
        el("figure", {}, el("img", { src, alt: `${title}, epoch ${epochs[i]}`, width: 200 }), el("figcaption", {}, title)),
      ),
    );
  }
  draw(0);
}

const COLORS = ["#0072b2", "#d55e00"];

function plot(node, losses, floor, at) {
  const context = node.getContext("2d");
  const most = 1.1 * Math.max(floor, ...Object.values(losses).flat());
  const count = Object.values(losses)[0].length;
  const [left, right, top, bottom] = [40, node.width - 90, 10, node.height - 24];
  const x = (i) => left + ((right - left) * i) / Math.max(1, count - 1);
  const y = (loss) => bottom - ((bottom - top) * loss) / most;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, node.width, node.height);
  context.font = "12px system-ui";
  line([[left, y(floor)], [right, y(floor)]], "#777", [5, 4]);
  label("gray", y(floor), "#555");
  line([[x(at), top], [x(at), bottom]], "#bbb", []);
  Object.entries(losses).forEach(([name, values], i) => {
    line(values.map((loss, j) => [x(j), y(loss)]), COLORS[i], i ? [8, 3] : []);
    context.fillStyle = COLORS[i];
    context.beginPath();
    context.arc(x(at), y(values[at]), 5, 0, 2 * Math.PI);
    context.fill();
    label(name, y(values[count - 1]), COLORS[i]);
  });
  label("0", bottom, "#555", 12);
  label("epochs", node.height - 6, "#555", (left + right) / 2);

  function line(points, color, dash) {
    context.setLineDash(dash);
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.beginPath();
    points.forEach(([px, py], i) => (i ? context.lineTo(px, py) : context.moveTo(px, py)));
    context.stroke();
    context.setLineDash([]);
  }

  function label(text, py, color, px = right + 6) {
    context.fillStyle = color;
    context.fillText(text, px, py + 4);
  }
}
