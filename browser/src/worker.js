// All heavy work, away from the page: it never waits. One job at a time; each can be cancelled.

import { labToRgb } from "./color.js";
import { labeledExif, PhotoError, withMetadata } from "./files.js";
import { labeled } from "./label.js";
import { Network } from "./network.js";
import { Photo } from "./photo.js";

const OPEN = 4; // photos kept open, the latest; others are decoded again when they are needed
const THUMBNAIL = 240; // the longer side of a thumbnail, in pixels

let network = null, base = "", loading = null;
const photos = new Map(); // key -> Photo, the latest last
const cancelled = new Set();
let work = Promise.resolve();

self.onmessage = ({ data: { id, job, ...options } }) => {
    if (job === "cancel") {
        cancelled.add(options.job_id);
        return;
    }
    work = work.then(() => answer(id, job, options));
};

async function answer(id, job, options) {
    const report = (done, total) => self.postMessage({ id, progress: { done, total } });
    const breathe = async (done) => {
        if (done !== undefined) report(done, 1);
        await new Promise((resolve) => setTimeout(resolve));
        if (cancelled.has(id)) throw new PhotoError("cancelled");
    };
    try {
        if (cancelled.has(id)) throw new PhotoError("cancelled");
        const { result, transfer = [] } = await jobs[job](options, report, breathe);
        await breathe(); // a cancellation may have come meanwhile
        self.postMessage({ id, result }, transfer);
    } catch (error) {
        const known = error instanceof PhotoError;
        if (!known) console.error(error);
        const memory = /memory|allocat|buffer/i.test(error?.message);
        self.postMessage({ id, error: known ? { code: error.code, values: error.values } : { code: memory ? "memory" : "unexpected", values: { error: String(error?.message ?? error) } } });
    } finally {
        cancelled.delete(id);
    }
}

const jobs = {
    async load(options, report) {
        base = options.base;
        loading ??= Network.load(base, report);
        try {
            network = await loading;
        } catch (error) {
            loading = null;
            throw error;
        }
        return { result: { settings: network.manifest.settings } };
    },

    /** The photo as it is, small enough for the screen. */
    async open({ key, file }) {
        const photo = await opened(key, file), { width, height } = photo.previewSize;
        const bitmap = await createImageBitmap(drawn(photo, width, height));
        const thumbnail = await smaller(photo.bitmap, photo);
        return { result: { bitmap, thumbnail, width: photo.width, height: photo.height }, transfer: [bitmap, thumbnail] };
    },

    async color({ key, file, options }, report, breathe) {
        const photo = await opened(key, file);
        await photo.ask(network, breathe);
        const canvas = await photo.colored(network, options, photo.previewSize, breathe);
        const thumbnail = await smaller(canvas, photo), bitmap = canvas.transferToImageBitmap();
        return { result: { bitmap, thumbnail }, transfer: [bitmap, thumbnail] };
    },

    /** Small pictures of the photo colored in several ways: `choices`, or with none the network's other ideas. */
    async versions({ key, file, choices }, report, breathe) {
        const photo = await opened(key, file);
        await photo.ask(network, breathe);
        const all = choices ?? photo.versions(network).map((_, i) => ({ version: i + 1 })), pictures = [];
        const scale = Math.min(1, THUMBNAIL / Math.max(photo.width, photo.height));
        const size = { width: Math.max(1, Math.round(photo.width * scale)), height: Math.max(1, Math.round(photo.height * scale)) };
        for (const options of all) {
            const canvas = await photo.colored(network, options, size);
            pictures.push({ options, bitmap: canvas.transferToImageBitmap() });
            await breathe();
        }
        return { result: pictures, transfer: pictures.map(({ bitmap }) => bitmap) };
    },

    async suggest({ key, file, point, saturation }, report, breathe) {
        const photo = await opened(key, file);
        await photo.ask(network, breathe);
        const { L, colors } = photo.suggest(network, point, saturation);
        return { result: { L, colors: colors.map(([a, b]) => labToRgb(L, a, b)) } };
    },

    /** The file of the photo in color at full size, labeled as `label` says. */
    async save({ key, file, options, kind, note, label, words }, report, breathe) {
        const photo = await opened(key, file);
        await photo.ask(network, breathe);
        let canvas = await photo.colored(network, options, photo, breathe);
        if (label !== "metadata") canvas = labeled(canvas, photo.bitmap, label, words);
        const blob = await canvas.convertToBlob({ type: `image/${kind}`, quality: 0.95 });
        const bytes = new Uint8Array(await blob.arrayBuffer());
        const exif = labeledExif(photo.about.exif, note);
        const saved = withMetadata(bytes, kind, exif, photo.about.dpi);
        return { result: { bytes: saved }, transfer: [saved.buffer] };
    },

    async close({ key }) {
        photos.get(key)?.close();
        photos.delete(key);
        return { result: true };
    },
};

async function opened(key, file) {
    let photo = photos.get(key);
    if (photo) photos.delete(key);
    else photo = await Photo.open(file);
    photos.set(key, photo);
    while (photos.size > OPEN) {
        const [oldest, old] = photos.entries().next().value;
        old.close();
        photos.delete(oldest);
    }
    return photo;
}

function drawn(photo, width, height) {
    const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, width, height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(photo.bitmap, 0, 0, width, height);
    return canvas;
}

function smaller(picture, { width, height }) {
    const scale = Math.min(1, THUMBNAIL / Math.max(width, height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return createImageBitmap(canvas);
}
