// The picture: before and after in one, with a line between to be moved; zoom and pan of both halves together.

const CLOSE = 28; // pixels from the line within which a press takes it
const MOST_ZOOM = 16;

export class Viewer {
    /**
     * `stage` holds a canvas, the range input of the line, its handle and the markers of hints. `events` has
     * `pressed(x, y)`, for a press that was no drag, and `moved()`, when the view has changed.
     */
    constructor(stage, events) {
        const find = (name) => stage.querySelector(name);
        Object.assign(this, { stage, events, canvas: find("canvas"), range: find(".cut"), handle: find(".handle") });
        Object.assign(this, { before: null, after: null, zoom: 1, x: 0.5, y: 0.5, pointers: new Map(), picking: false });
        this.range.addEventListener("input", () => this.draw());
        new ResizeObserver(() => this.draw()).observe(stage);
        for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"])
            this.canvas.addEventListener(name, (event) => this[name](event));
        this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
        this.canvas.addEventListener("keydown", (event) => this.keydown(event));
        this.canvas.addEventListener("dblclick", (event) => !this.picking && this.zoomTo(this.zoom > 1 ? 1 : 3, event));
    }

    /** Show a photo: its picture before and, when it is there, in color. `fresh` shows all of it. */
    show(before, after, fresh) {
        Object.assign(this, { before, after });
        if (fresh) Object.assign(this, { zoom: 1, x: 0.5, y: 0.5 });
        this.draw();
    }

    get cut() {
        return this.after ? Number(this.range.value) / 100 : 1;
    }

    /** Where the picture lies in the canvas, in CSS pixels. */
    get box() {
        const { clientWidth: w, clientHeight: h } = this.canvas, { width, height } = this.before;
        const scale = this.zoom * Math.min(w / width, h / height, Math.max(1, Math.min(w, h) / 160)); // small photos enlarged
        return { left: w / 2 - this.x * width * scale, top: h / 2 - this.y * height * scale, width: width * scale, height: height * scale };
    }

    draw() {
        if (!this.before) return;
        const ratio = devicePixelRatio || 1, { clientWidth: w, clientHeight: h } = this.canvas;
        this.canvas.width = Math.round(w * ratio);
        this.canvas.height = Math.round(h * ratio);
        this.keepInside();
        const pen = this.canvas.getContext("2d"), { left, top, width, height } = this.box;
        pen.scale(ratio, ratio);
        pen.imageSmoothingQuality = "high";
        pen.imageSmoothingEnabled = width * ratio < 4 * this.before.width;
        const line = this.line;
        if (this.after) {
            pen.drawImage(this.after, left, top, width, height);
            pen.save();
            pen.beginPath();
            pen.rect(0, 0, line, h);
            pen.clip();
        }
        pen.drawImage(this.before, left, top, width, height);
        if (this.after) pen.restore();
        this.handle.hidden = !this.after;
        this.handle.style.setProperty("--at", `${line}px`);
        this.handle.style.setProperty("--top", `${Math.max(0, top)}px`);
        this.handle.style.setProperty("--height", `${Math.min(h, top + height) - Math.max(0, top)}px`);
        this.events.moved();
    }

    /** Where the line is, in CSS pixels from the left: somewhere on what is seen of the picture. */
    get line() {
        const { left, width } = this.box, low = Math.max(0, left), high = Math.min(this.canvas.clientWidth, left + width);
        return low + this.cut * (high - low);
    }

    keepInside() {
        const { clientWidth: w, clientHeight: h } = this.canvas, { width, height } = this.box;
        const inside = (at, side, room) => (side <= room ? 0.5 : Math.min(Math.max(at, room / 2 / side), 1 - room / 2 / side));
        this.x = inside(this.x, width, w);
        this.y = inside(this.y, height, h);
    }

    /** Fractions of the picture's width and height at a place in the canvas. */
    fractions(offsetX, offsetY) {
        const { left, top, width, height } = this.box;
        return { x: (offsetX - left) / width, y: (offsetY - top) / height };
    }

    /** Zoom so that what is under the pointer stays there. */
    zoomTo(zoom, at = { offsetX: this.canvas.clientWidth / 2, offsetY: this.canvas.clientHeight / 2 }) {
        if (!this.before) return;
        const { x, y } = this.fractions(at.offsetX, at.offsetY);
        this.zoom = Math.min(Math.max(zoom, 1), MOST_ZOOM);
        const now = this.fractions(at.offsetX, at.offsetY);
        this.x += x - now.x;
        this.y += y - now.y;
        this.draw();
    }

    wheel(event) {
        event.preventDefault();
        this.zoomTo(this.zoom * Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) / 300), event);
    }

    pointerdown(event) {
        if (!this.before || event.button > 0) return;
        this.canvas.setPointerCapture(event.pointerId);
        this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
        this.start = { x: event.offsetX, y: event.offsetY, moved: this.pointers.size > 1 };
        const nearLine = Math.abs(event.offsetX - this.line) < CLOSE;
        this.dragging = this.after && (nearLine || (this.zoom === 1 && !this.picking)) ? "line" : "picture";
    }

    pointermove(event) {
        const last = this.pointers.get(event.pointerId);
        if (!last) return;
        const now = { x: event.offsetX, y: event.offsetY };
        if (Math.hypot(now.x - this.start.x, now.y - this.start.y) > 5) this.start.moved = true;
        if (this.pointers.size === 2) this.pinch(event.pointerId, last, now);
        else if (!this.start.moved) return;
        else if (this.dragging === "line") this.moveLine(now.x);
        else this.pan(now.x - last.x, now.y - last.y);
        this.pointers.set(event.pointerId, now);
    }

    pointerup(event) {
        if (!this.pointers.delete(event.pointerId) || this.start.moved) return;
        const { x, y } = this.fractions(event.offsetX, event.offsetY);
        if (this.picking && x >= 0 && x <= 1 && y >= 0 && y <= 1) this.events.pressed(x, y);
        else if (this.after && this.zoom === 1 && !this.picking) this.moveLine(event.offsetX);
    }

    pointercancel(event) {
        this.pointers.delete(event.pointerId);
    }

    pinch(id, last, now) {
        const [[, other]] = [...this.pointers].filter(([key]) => key !== id);
        const spread = (a) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
        const middle = { offsetX: (now.x + other.x) / 2, offsetY: (now.y + other.y) / 2 };
        this.pan((now.x - last.x) / 2, (now.y - last.y) / 2);
        this.zoomTo((this.zoom * spread(now)) / spread(last), middle);
    }

    moveLine(x) {
        const { left, width } = this.box, low = Math.max(0, left), high = Math.min(this.canvas.clientWidth, left + width);
        this.range.value = (100 * (x - low)) / (high - low);
        this.draw();
    }

    pan(dx, dy) {
        const { width, height } = this.box;
        this.x -= dx / width;
        this.y -= dy / height;
        this.draw();
    }

    keydown(event) {
        const step = 60, pans = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "+" || event.key === "=") this.zoomTo(this.zoom * 1.5);
        else if (event.key === "-") this.zoomTo(this.zoom / 1.5);
        else if (event.key === "0") this.zoomTo(1);
        else if (event.key in pans) this.pan(...pans[event.key]);
        else if (event.key === "Enter" && this.picking) this.events.pressed(this.x, this.y);
        else return;
        event.preventDefault();
    }
}
