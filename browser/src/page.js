// The page: photos come in, the worker colors them, the reader looks, corrects and saves.

import { Client } from "./client.js";
import { rgbToLab } from "./color.js";
import { $, $$, canvasOf, download, element } from "./dom.js";
import { Points } from "./points.js";
import { zipped } from "./zip.js";
import { currentLanguage, NOTE, preferred, setLanguage, t } from "./words.js";
import { Viewer } from "./viewer.js";

const SAMPLES = ["astronaut", "camera", "coffee", "rocket"];
const NATURAL = { saturation: 1, boldness: 50, version: 0 };
const CHOICES = [["natural", NATURAL], ["pale", { ...NATURAL, saturation: 0.6 }], ["vivid", { ...NATURAL, saturation: 1.3, boldness: 70 }]];

class App {
    photos = [];
    current = null;
    picking = false;
    failed = null; // why the network could not be loaded
    job = null; // the one that the reader can cancel

    constructor() {
        this.client = new Client(new URL("worker.js", document.baseURI), () => this.prepare());
        this.viewer = new Viewer($("#stage"), { pressed: (x, y) => this.points.add(x, y), moved: () => this.points?.place() });
        this.points = new Points(this);
    }

    async start() {
        this.translate(preferred(this.remembered("language"), navigator.languages));
        this.listen();
        await this.client.start();
        this.prepare();
        navigator.serviceWorker?.register("sw.js").catch(() => {}); // without one it only needs the network again
    }

    /** Load the network; photos that were chosen meanwhile wait for it. */
    prepare() {
        $("#retry").hidden = true;
        const progress = ({ done, total }) => {
            const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
            this.say(`${t("loading", { done: megabytes(done), total: megabytes(total) })} ${t("loading_once")}`, done / total);
        };
        this.ready = this.client.run("load", { base: document.baseURI }, progress);
        this.ready.then(
            () => this.say(this.photos.length ? "" : t("ready")),
            (error) => {
                this.say(this.sentence(error));
                $("#retry").hidden = false;
            },
        );
        for (const photo of this.photos) if (photo.status === "waiting") this.process(photo);
    }

    // ---- photos come in

    add(files) {
        const photos = [...files].map((file) => ({
            key: crypto.randomUUID?.() ?? String(Math.random()), file, name: file.name || "photo.jpg", status: "waiting",
            settings: { ...NATURAL, hints: [] }, before: null, after: null, thumbnail: null, versions: null, error: null,
        }));
        if (!photos.length) return this.note(t("error_nothing"));
        this.photos.push(...photos);
        this.select(photos[0]);
        photos.forEach((photo) => this.process(photo));
        this.showGallery();
    }

    /** Open and color a photo: as soon as it is open it is seen. */
    async process(photo) {
        try {
            await this.opened(photo);
            await this.ready;
            if (photo.cancelled) throw { code: "cancelled" };
            await this.colored(photo);
            photo.status = "colored";
            const count = this.photos.filter(({ status }) => status === "colored").length;
            const all = count > 1 && count === this.photos.length;
            this.say(all ? t("all_colored", { count }) : t("colored", { name: photo.name }));
        } catch (error) {
            this.fail(photo, error);
        }
        this.showState();
        this.showGallery();
    }

    async opened(photo) {
        this.say(t("opening", { name: photo.name }));
        if (photo.cancelled) throw { code: "cancelled" };
        const { bitmap, thumbnail, width, height } = await this.cancellable(this.client.run("open", { key: photo.key, file: photo.file }));
        Object.assign(photo, { width, height, before: bitmap, thumbnail: canvasOf(thumbnail) });
        if (photo === this.current) this.viewer.show(photo.before, photo.after, !photo.after);
        this.showState();
        this.showGallery();
    }

    async colored(photo) {
        const options = this.optionsOf(photo), before = photo.status;
        if (before === "waiting") this.say(t("coloring", { name: photo.name }));
        const work = this.client.run("color", { key: photo.key, file: photo.file, options });
        const { bitmap, thumbnail } = await (before === "waiting" ? this.cancellable(work) : work);
        photo.after?.close();
        Object.assign(photo, { after: bitmap, thumbnail: canvasOf(thumbnail) });
        if (photo === this.current) this.viewer.show(photo.before, photo.after);
        else this.forget(photo);
    }

    /** Large pictures are kept for the photo that is seen alone. */
    forget(photo) {
        photo.before?.close();
        photo.after?.close();
        Object.assign(photo, { before: null, after: null });
    }

    fail(photo, error) {
        if (error.code === "cancelled" && photo.status === "colored") return;
        photo.status = "failed";
        photo.error = this.sentence(error, photo);
        if (["offline", "no_network", "damaged_network"].includes(error.code)) {
            photo.status = "waiting";
            return;
        }
        if (error.code !== "cancelled") this.note(photo.error);
        else this.say(t("cancelled"));
        this.remove(photo);
    }

    optionsOf({ settings }) {
        const { saturation, boldness, version, hints } = settings;
        const points = hints.filter(({ rgb }) => rgb).map(({ x, y, rgb, reach }) => {
            const [, a, b] = rgbToLab(...rgb);
            return { x, y, a, b, reach };
        });
        return { saturation, temperature: 4 ** ((50 - boldness) / 50), version, hints: points };
    }

    /** Color the current photo again; while one is at work only the latest wish waits. */
    async recolor() {
        const photo = this.current;
        if (!photo || photo.status !== "colored") return;
        this.showSettings();
        if (this.recoloring) return void (this.again = true);
        this.recoloring = true;
        try {
            do {
                this.again = false;
                await this.colored(photo);
            } while (this.again && photo === this.current);
        } catch (error) {
            if (error.code !== "cancelled") this.note(this.sentence(error, photo));
        }
        this.recoloring = false;
        if (this.again && photo !== this.current) this.recolor();
        this.showGallery();
    }

    suggest(point) {
        const { key, file, settings } = this.current;
        return this.client.run("suggest", { key, file, point: { x: point.x, y: point.y }, saturation: settings.saturation });
    }

    async select(photo) {
        if (this.current && this.current !== photo && this.current.status === "colored") this.forget(this.current);
        this.current = photo;
        this.points.choose(null);
        if (photo?.status === "colored" && !photo.before) {
            try {
                await this.opened(photo);
                await this.colored(photo);
                this.say("");
            } catch (error) {
                this.note(this.sentence(error, photo));
            }
        } else if (photo) this.viewer.show(photo.before, photo.after, true);
        this.showState();
        this.showGallery();
    }

    remove(photo) {
        const at = this.photos.indexOf(photo);
        if (at < 0) return;
        this.photos.splice(at, 1);
        this.client.run("close", { key: photo.key }).catch(() => {});
        this.forget(photo);
        if (photo === this.current) {
            this.current = null;
            this.viewer.show(null, null);
            if (this.photos.length) this.select(this.photos[Math.min(at, this.photos.length - 1)]);
        }
        this.showState();
        this.showGallery();
    }

    // ---- photos go out

    get how() {
        const chosen = (name) => $(`#how input[name="${name}"]:checked`).value;
        return { kind: chosen("kind"), label: chosen("label") };
    }

    fileName(photo, taken = new Set()) {
        const stem = `${photo.name.replace(/\.[^.]*$/, "") || "photo"}_${t("file_ending")}`;
        const ending = this.how.kind === "png" ? ".png" : ".jpg";
        let name = stem + ending;
        for (let i = 2; taken.has(name); i++) name = `${stem}_${i}${ending}`;
        taken.add(name);
        return name;
    }

    bytesOf(photo, progress) {
        const options = this.optionsOf(photo);
        return this.cancellable(this.client.run("save", { key: photo.key, file: photo.file, options, ...this.how, note: NOTE, words: t("strip") }, progress));
    }

    async save() {
        const photo = this.current, button = $("#save");
        button.disabled = true;
        try {
            this.say(t("saving", { name: photo.name }), 0);
            const { bytes } = await this.bytesOf(photo, ({ done }) => this.say(t("saving", { name: photo.name }), done));
            const name = this.fileName(photo);
            download(name, bytes, `image/${this.how.kind}`);
            this.say(t("saved", { name }));
        } catch (error) {
            this.say(error.code === "cancelled" ? t("cancelled") : "");
            if (error.code !== "cancelled") this.note(this.sentence(error, photo));
        }
        button.disabled = false;
    }

    /** The points of the photo as a file beside it, from which the command line colors it in the same way. */
    savePoints() {
        const name = this.fileName(this.current).replace(/\.[^.]*$/, ".hints.json");
        download(name, new TextEncoder().encode(this.points.text), "application/json");
        this.say(t("saved", { name }));
    }

    async saveAll() {
        const photos = this.photos.filter(({ status }) => status === "colored"), taken = new Set(), files = [];
        $("#save-all").disabled = true;
        try {
            for (const [i, photo] of photos.entries()) {
                this.say(t("saving_all", { done: i + 1, count: photos.length }), i / photos.length);
                files.push({ name: this.fileName(photo, taken), bytes: (await this.bytesOf(photo)).bytes });
            }
            const name = `${t("zip_name")}.zip`;
            download(name, zipped(files), "application/zip");
            this.say(t("saved_all", { count: files.length, name }));
        } catch (error) {
            this.say(error.code === "cancelled" ? t("cancelled") : this.sentence(error));
        }
        $("#save-all").disabled = false;
    }

    // ---- what is seen

    /** One line at the foot of the page; with `part`, 0..1, a bar beside it. */
    say(sentence, part = null) {
        $("#status").textContent = sentence;
        $("#progress").hidden = part === null;
        $("#progress").value = part ?? 0;
    }

    sentence({ code, values = {} }, photo) {
        return t(`error_${code}`, { name: photo?.name, ...values, error: values?.error ?? code });
    }

    note(sentence) {
        const line = element("li", {}, element("span", { textContent: sentence }));
        const close = element("button", { type: "button", className: "quiet", "aria-label": t("dismiss"), textContent: "×" });
        close.onclick = () => {
            line.remove();
            $("#notes").hidden = !$("#notes ul").children.length;
        };
        line.append(close);
        $("#notes ul").append(line);
        $("#notes").hidden = false;
    }

    /** A promise of a job that the button Cancel ends. */
    cancellable(promise) {
        this.jobs ??= new Set();
        this.jobs.add(promise);
        $("#cancel").hidden = false;
        const done = () => {
            this.jobs.delete(promise);
            $("#cancel").hidden = !this.jobs.size;
        };
        promise.then(done, done);
        return promise;
    }

    showState() {
        const photo = this.current, state = !photo ? "empty" : photo.after ? "colored" : "working";
        document.body.dataset.state = state;
        $("#empty").hidden = state !== "empty";
        $("#work").hidden = state === "empty";
        $("#gallery").hidden = state === "empty";
        $("#bar").hidden = state !== "colored";
        if (!photo) return this.pick(false);
        $("#name").textContent = photo.name;
        $("#stage canvas").setAttribute("aria-label", t("picture", { name: photo.name }));
        this.viewer.draw();
        if (state === "colored") {
            this.showSettings();
            this.showChoices(photo);
        }
    }

    showSettings() {
        const { settings } = this.current, percent = (value) => `${Math.round(100 * value)} %`;
        $("#saturation").value = settings.saturation;
        $("#boldness").value = settings.boldness;
        $("output[for=saturation]").textContent = percent(settings.saturation);
        $("output[for=boldness]").textContent = `${settings.boldness} %`;
        for (const button of $$("#choices button")) {
            const same = Object.entries(JSON.parse(button.dataset.settings)).every(([name, value]) => settings[name] === value);
            button.setAttribute("aria-pressed", same);
        }
    }

    /** The strip of versions: natural, pale, vivid at once, and other ideas as soon as they are found. */
    async showChoices(photo) {
        if (photo.versions) return this.putChoices(photo);
        photo.versions = [];
        this.putChoices(photo);
        const ask = (choices) => this.client.run("versions", { key: photo.key, file: photo.file, choices }).catch(() => []);
        const usual = await ask(CHOICES.map(([, settings]) => this.optionsOf({ settings: { ...settings, hints: [] } })));
        photo.versions = usual.map(({ bitmap }, i) => ({ name: CHOICES[i][0], canvas: canvasOf(bitmap), settings: CHOICES[i][1] }));
        this.putChoices(photo);
        if (photo !== this.current) return;
        const ideas = (await ask(null)).map(({ options: { version }, bitmap }) => ({
            number: version, canvas: canvasOf(bitmap), settings: { ...NATURAL, version },
        }));
        photo.versions.push(...ideas);
        this.putChoices(photo);
    }

    putChoices(photo) {
        if (photo !== this.current) return;
        const focused = [...$("#choices").children].indexOf(document.activeElement?.closest("#choices li"));
        $("#choices").replaceChildren(...photo.versions.map(({ name, number, canvas, settings }) => {
            const words = name ? t(name) : t("version", { number });
            const button = element("button", { type: "button", "aria-pressed": false }, canvas, element("span", { textContent: words }));
            button.dataset.settings = JSON.stringify(settings);
            button.onclick = () => {
                Object.assign(photo.settings, settings);
                this.recolor();
            };
            return element("li", {}, button);
        }));
        if (focused >= 0) $("#choices").children[focused]?.firstChild.focus();
        this.showSettings();
    }

    showGallery() {
        const focused = document.activeElement?.closest?.("#photos li")?.dataset.key;
        $("#save-all").hidden = this.photos.filter(({ status }) => status === "colored").length < 2;
        $("#photos").hidden = this.photos.length < 2;
        $("#photos").replaceChildren(...this.photos.map((photo) => {
            const picture = photo.thumbnail ?? element("canvas", { width: 1, height: 1 });
            const open = element("button", { type: "button", className: "open", "aria-current": photo === this.current, onclick: () => this.select(photo) }, picture, element("span", { textContent: photo.name }));
            const remove = element("button", { type: "button", className: "remove", "aria-label": t("remove", { name: photo.name }), onclick: () => this.remove(photo) }, element("span", { textContent: "×" }));
            const item = element("li", {}, open, remove);
            item.dataset.key = photo.key;
            return item;
        }));
        if (focused) $$("#photos li").find(({ dataset }) => dataset.key === focused)?.querySelector("button").focus();
    }

    pick(picking) {
        this.picking = this.viewer.picking = picking;
        $("#stage").classList.toggle("picking", picking);
        $("#correct").setAttribute("aria-pressed", picking);
        $("#correct").textContent = t(picking ? "correct_done" : "correct");
        this.panel(picking ? "point" : "choose");
        this.points.choose(null);
        if (picking) this.viewer.range.value = 0;
        else if (this.viewer.range.value === "0") this.viewer.range.value = 50;
        this.viewer.draw();
    }

    panel(name) {
        for (const other of ["choose", "adjust", "point"]) $(`#${other}-panel`).hidden = other !== name;
        $("#adjust").setAttribute("aria-expanded", name === "adjust");
    }

    translate(language) {
        setLanguage(language);
        document.documentElement.lang = language;
        document.title = t("title");
        for (const node of $$("[data-t]")) node.textContent = t(node.dataset.t);
        $("#language").textContent = t("language");
        $("#language").lang = language === "en" ? "de" : "en";
        $(".cut").setAttribute("aria-label", t("compare"));
        $(".zoom").setAttribute("aria-label", t("zoom_in"));
        for (const name of ["in", "out", "fit"]) {
            $(`#zoom-${name}`).setAttribute("aria-label", t(`zoom_${name}`));
            $(`#zoom-${name}`).title = t(`zoom_${name}`);
        }
        for (const button of $$("#samples button")) button.setAttribute("aria-label", t("sample", { name: button.dataset.name }));
        if (this.current) {
            this.showState();
            this.pick(this.picking);
        }
        this.showGallery();
    }

    remembered(name, value) {
        try {
            if (value !== undefined) localStorage.setItem(name, value);
            return localStorage.getItem(name);
        } catch {
            return null; // storage is switched off
        }
    }

    listen() {
        for (const button of $$(".choose")) button.onclick = () => $("#files").click();
        for (const button of $$(".camera")) button.onclick = () => $("#snapshot").click();
        for (const input of [$("#files"), $("#snapshot")])
            input.onchange = () => {
                if (input.files.length) this.add(input.files);
                input.value = "";
            };
        $("#samples").append(...SAMPLES.map((name) => this.sample(name)));
        $("#language").onclick = () => {
            this.translate(currentLanguage() === "en" ? "de" : "en");
            this.remembered("language", currentLanguage());
            this.say("");
        };
        $("#cancel").onclick = () => {
            for (const photo of this.photos) photo.cancelled = photo.status === "waiting";
            [...(this.jobs ?? [])].forEach((promise) => promise.cancel());
        };
        $("#retry").onclick = () => this.prepare();
        $("#correct").onclick = () => this.pick(!this.picking);
        $("#adjust").onclick = () => {
            if (this.picking) this.pick(false);
            this.panel($("#adjust-panel").hidden ? "adjust" : "choose");
        };
        $("#options").onclick = () => $("#how").showModal();
        $("#save").onclick = () => this.save();
        $("#save-here").onclick = () => {
            $("#how").close();
            this.save();
        };
        $("#save-all").onclick = () => this.saveAll();
        $("#zoom-in").onclick = () => this.viewer.zoomTo(this.viewer.zoom * 1.5);
        $("#zoom-out").onclick = () => this.viewer.zoomTo(this.viewer.zoom / 1.5);
        $("#zoom-fit").onclick = () => this.viewer.zoomTo(1);
        for (const name of ["saturation", "boldness"])
            $(`#${name}`).oninput = (event) => {
                this.current.settings[name] = Number(event.target.value);
                this.recolor();
            };
        document.addEventListener("paste", (event) => event.clipboardData.files.length && this.add(event.clipboardData.files));
        this.listenToDrops();
    }

    listenToDrops() {
        const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
        document.addEventListener("dragover", (event) => {
            if (!files(event)) return;
            event.preventDefault();
            $("#dropping").hidden = false;
        });
        document.addEventListener("dragleave", (event) => !event.relatedTarget && ($("#dropping").hidden = true));
        document.addEventListener("drop", (event) => {
            if (!files(event)) return;
            event.preventDefault();
            $("#dropping").hidden = true;
            this.add(event.dataTransfer.files);
        });
    }

    sample(name) {
        const address = `model/samples/${name}.jpg`;
        const open = async () => this.add([new File([await (await fetch(address)).blob()], `${name}.jpg`, { type: "image/jpeg" })]);
        const button = element("button", { type: "button", onclick: open }, element("img", { src: address, alt: "", width: 132, height: 132 }));
        button.dataset.name = name;
        button.setAttribute("aria-label", t("sample", { name }));
        return element("li", {}, button);
    }
}

new App().start();
