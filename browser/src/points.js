// Colors by hand: points on the picture, each with a color and a reach, and the panel to choose them.

import { $, $$, element, hex, svg } from "./dom.js";
import { t } from "./words.js";

const STEP = 0.01; // that an arrow key moves a point, in fractions of the picture

export class Points {
    /** `app` has the viewer, the current photo, `recolor()` and `suggest(point)`. */
    constructor(app) {
        Object.assign(this, { app, layer: $("#points"), panel: $("#point-panel"), current: null });
    }

    get all() {
        return this.app.current?.settings.hints ?? [];
    }

    /** The points that have a color. */
    get colored() {
        return this.all.filter(({ rgb }) => rgb);
    }

    /** The points as the text of a file that `colorlib colorize --hints` reads: colorlib.hints.to_json. */
    get text() {
        const rows = this.colored.map(({ x, y, rgb, reach }) => JSON.stringify({ x, y, color: hex(rgb), reach }));
        return `{"hints": [\n ${rows.join(",\n ")}\n]}\n`;
    }

    /** Add a point without a color yet, and offer colors for it. */
    async add(x, y) {
        const point = { x, y, reach: 0.5, rgb: null };
        this.all.push(point);
        this.place();
        await this.choose(point);
    }

    /** Make a point the current one, and show its panel. */
    async choose(point) {
        this.current = point;
        this.place();
        this.panel.replaceChildren(element("h2", { textContent: t("likely") }));
        if (!point) return this.showPanel();
        const { L, colors } = await this.app.suggest(point).catch(() => ({ L: 50, colors: [] }));
        if (this.current === point) this.showPanel(L, colors);
    }

    showPanel(L, colors = []) {
        const point = this.current;
        if (!point) {
            const middle = element("button", { type: "button", textContent: t("correct_keyboard"), onclick: () => this.add(this.app.viewer.x, this.app.viewer.y) });
            const clear = element("button", { type: "button", className: "quiet", textContent: t("remove_points"), hidden: !this.all.length, onclick: () => this.clear() });
            const save = element("button", { type: "button", className: "quiet", textContent: t("save_points"), hidden: !this.colored.length, onclick: () => this.app.savePoints() });
            const buttons = element("div", { className: "actions" }, middle, save, clear);
            return this.panel.replaceChildren(element("h2", { textContent: t("correct_how") }), buttons);
        }
        const swatches = element("div", { className: "swatches", role: "group", "aria-label": t("likely") });
        colors.forEach((rgb, i) => swatches.append(this.swatch(t("likely_color", { number: i + 1 }), rgb)));
        const gray = Math.round(255 * Math.min(Math.max(L / 100, 0.1), 0.95));
        swatches.append(this.swatch(t("gray"), [gray, gray, gray]), this.picker());
        const remove = element("button", { type: "button", className: "quiet", textContent: t("remove_point"), onclick: () => this.remove(point) });
        this.panel.replaceChildren(element("h2", { textContent: t("likely") }), swatches, this.reach(point), remove);
    }

    swatch(name, rgb) {
        const same = this.current.rgb && hex(this.current.rgb) === hex(rgb);
        const drawing = svg(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="${hex(rgb)}"/></svg>`);
        const press = (event) => {
            $$("[aria-pressed]", this.panel).forEach((other) => other.setAttribute("aria-pressed", other === event.currentTarget));
            this.set({ rgb });
        };
        return element("button", { type: "button", title: name, "aria-label": `${name}, ${hex(rgb)}`, "aria-pressed": Boolean(same), onclick: press }, drawing);
    }

    picker() {
        const input = element("input", { type: "color", value: hex(this.current.rgb ?? [150, 110, 80]) });
        input.addEventListener("input", () => {
            this.set({ rgb: [1, 3, 5].map((at) => parseInt(input.value.slice(at, at + 2), 16)) });
        });
        return element("label", { className: "other" }, input, element("span", { textContent: t("other_color") }));
    }

    reach(point) {
        const input = element("input", { type: "range", min: 0.05, max: 1, step: 0.05, value: point.reach });
        input.addEventListener("input", () => this.set({ reach: Number(input.value) }));
        const ends = element("span", { className: "ends" }, element("span", { textContent: t("reach_spot") }), element("span", { textContent: t("reach_all") }));
        return element("label", { className: "reach" }, element("span", { textContent: t("reach") }), input, ends);
    }

    set(change) {
        Object.assign(this.current, change);
        this.place();
        if (this.current.rgb) this.app.recolor();
    }

    remove(point) {
        this.all.splice(this.all.indexOf(point), 1);
        this.choose(null);
        this.app.recolor();
        this.app.viewer.canvas.focus();
    }

    clear() {
        this.all.length = 0;
        this.choose(null);
        this.app.recolor();
    }

    /** Put the markers where their points are seen. */
    place() {
        const visible = this.app.picking && this.app.viewer.before ? this.all : [];
        while (this.layer.children.length > visible.length) this.layer.lastChild.remove();
        while (this.layer.children.length < visible.length) this.layer.append(this.marker());
        const { left, top, width, height } = visible.length ? this.app.viewer.box : {};
        visible.forEach((point, i) => {
            const node = this.layer.children[i], color = point.rgb ? hex(point.rgb) : "none";
            node.style.setProperty("--x", `${left + point.x * width}px`);
            node.style.setProperty("--y", `${top + point.y * height}px`);
            node.setAttribute("aria-current", point === this.current);
            node.setAttribute("aria-label", t("point_label", { number: i + 1, color: point.rgb ? color : "–" }));
            $("circle", node).setAttribute("fill", color === "none" ? "#0000" : color);
        });
    }

    marker() {
        const drawing = svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"><circle cx="15" cy="15" r="10" stroke="#fff" stroke-width="4"/><circle cx="15" cy="15" r="12.5" fill="none" stroke="#222" stroke-width="1.5"/></svg>');
        const node = element("button", { type: "button" }, drawing);
        const point = () => this.all[[...this.layer.children].indexOf(node)];
        node.addEventListener("click", () => this.choose(point()));
        node.addEventListener("keydown", (event) => this.keydown(event, point()));
        node.addEventListener("pointerdown", (event) => node.setPointerCapture(event.pointerId));
        node.addEventListener("pointermove", (event) => {
            if (!node.hasPointerCapture(event.pointerId) || Math.hypot(event.movementX, event.movementY) === 0) return;
            const { left, top } = this.app.viewer.canvas.getBoundingClientRect();
            this.move(point(), this.app.viewer.fractions(event.clientX - left, event.clientY - top));
        });
        node.addEventListener("pointerup", () => this.app.recolor());
        return node;
    }

    move(point, { x, y }) {
        point.x = Math.min(Math.max(x, 0), 1);
        point.y = Math.min(Math.max(y, 0), 1);
        this.place();
    }

    keydown(event, point) {
        const steps = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
        if (event.key === "Delete" || event.key === "Backspace") this.remove(point);
        else if (event.key in steps) {
            this.move(point, { x: point.x + steps[event.key][0], y: point.y + steps[event.key][1] });
            if (point.rgb) this.app.recolor();
        } else return;
        event.preventDefault();
    }
}
