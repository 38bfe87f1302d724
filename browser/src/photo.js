// One photo: its file decoded, what the network says of it, and its colors, for a preview or at full size.

import { claimedSize, dpiOf, exifOf, isComplete, kindOf, PhotoError } from "./files.js";
import { annealedMean, atSeenSize, linesOf, mean, mirrored, padded, painter, seenSize, shrunk, stretched } from "./inference.js";
import * as hints from "./hints.js";
import { lightness } from "./color.js";
import { border, colorShare, inPieces, shared, withoutBorder } from "./preparation.js";
import { screenCrop, screenPeriod, screenSide } from "./screen.js";

export const MOST_MEGAPIXELS = 100;
const STRIP = 1 << 20; // pixels worked on at a time
const PREVIEW = 2.2e6; // pixels of a preview, at most: photos up to that are shown as they are
const HEAD = 1 << 20; // bytes in which a file states its size

export class Photo {
    /** The photo in a file. Raises PhotoError. */
    static async open(file) {
        const name = file.name || "photo";
        if (!file.size) throw new PhotoError("empty", { name });
        const bytes = new Uint8Array(await file.arrayBuffer().catch(() => { throw new PhotoError("unreadable", { name }); }));
        const kind = kindOf(bytes);
        if (!kind) throw new PhotoError("no_photo", { name });
        const size = claimedSize(bytes.subarray(0, HEAD), kind) ?? claimedSize(bytes, kind);
        if (size) checkSize(name, ...size);
        if (!isComplete(bytes, kind)) throw new PhotoError("cut", { name });
        let bitmap;
        try {
            bitmap = await createImageBitmap(new Blob([bytes]));
        } catch {
            throw new PhotoError(["heic", "tiff"].includes(kind) ? "kind" : "damaged", { name, kind: kind.toUpperCase() });
        }
        checkSize(name, bitmap.width, bitmap.height);
        return new Photo(name, bitmap, { exif: exifOf(bytes, kind), dpi: dpiOf(bytes, kind), kind });
    }

    constructor(name, bitmap, about) {
        Object.assign(this, { name, bitmap, about, height: bitmap.height, width: bitmap.width });
        this.answer = null;
    }

    close() {
        this.bitmap.close();
    }

    /** RGBA of the rows from `top` on, as many as a strip holds, laid on white; `size` is another size of the photo. */
    rows(top, size = this, count = Math.max(1, Math.floor(STRIP / size.width))) {
        count = Math.min(count, size.height - top);
        const canvas = new OffscreenCanvas(size.width, count);
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        if (!pen) throw new PhotoError("too_large_here", { name: this.name });
        pen.fillStyle = "white";
        pen.fillRect(0, 0, size.width, count);
        pen.imageSmoothingQuality = "high";
        pen.drawImage(this.bitmap, 0, -top, size.width, size.height);
        return { rgba: pen.getImageData(0, 0, size.width, count).data, count };
    }

    get previewSize() {
        const scale = Math.min(1, Math.sqrt(PREVIEW / (this.width * this.height)));
        return { height: Math.max(1, Math.round(this.height * scale)), width: Math.max(1, Math.round(this.width * scale)) };
    }

    /** Ask the network, once; `breathe` lets a cancellation in between. */
    async ask(network, breathe = async () => {}) {
        if (this.answer) return;
        const { settings, multiple, longest, doublings } = network.manifest;
        const [height, width] = seenSize(this.height, this.width, settings.size, longest);
        const L = shrunk((top) => this.rows(top), this.height, this.width, height, width, this.screenSide());
        const seen = padded(withoutBorder(L, (inside) => stretched(inside, settings.levels)), multiple);
        const run = async (view) => (await breathe(), network.run(view));
        const views = [await inPieces(run, seen)];
        if (settings.mirror) {
            const { features, logits } = await inPieces(run, { ...seen, data: mirrored(seen).data });
            views.push({ features: mirrored(features), logits: mirrored(logits) });
        }
        const step = 2 ** doublings, features = mean(views.map((view) => view.features));
        this.answer = answerOf(network.manifest, L, views.map((view) => view.logits), features, step);
    }

    /** Across how many pixels the dots of a print are averaged; 0 where there are none. */
    screenSide() {
        const crop = screenCrop(this.height, this.width);
        if (!crop) return 0;
        const { rgba } = this.rows(crop.top, this, crop.height), data = new Float32Array(crop.height * crop.width);
        for (let y = 0; y < crop.height; y++) {
            const at = 4 * (y * this.width + crop.left);
            lightness(rgba.subarray(at, at + 4 * crop.width), data.subarray(y * crop.width, (y + 1) * crop.width));
        }
        return screenSide(screenPeriod({ data, height: crop.height, width: crop.width }));
    }

    /** Planes a and b at the size the network sees, after `options`: saturation, temperature, version, hints. */
    ab({ manifest }, { saturation = 1, temperature = 1, version = 0, hints: points = [] }) {
        const { L, logits, step, share, inside } = this.answer, mean_ = manifest.annealed_mean;
        const own = mean(logits.map((map) => annealedMean(map, manifest.bins, { ...mean_, temperature: mean_.temperature * temperature })));
        let planes = shared(atSeenSize(own, manifest.doublings, L.height, L.width), share, inside);
        if (version) planes = this.version(manifest, planes, version);
        planes = planes.map((plane) => ({ ...plane, data: plane.data.map((value) => value * saturation) }));
        return hints.hinted(planes, L, this.answer.features, step, points, inside);
    }

    /** How many other versions there are. */
    versions({ manifest }) {
        if (!this.answer.versions) {
            const { L, logits, features, step, share, inside } = this.answer, { annealed_mean: settings, bins } = manifest;
            const own = mean(logits.map((map) => annealedMean(map, bins, settings)));
            const planes = shared(atSeenSize(own, manifest.doublings, L.height, L.width), share, inside);
            const versions = hints.versions(planes, this.shares(manifest), features, bins, settings.gain, step, share);
            this.answer.versions = versions;
        }
        return this.answer.versions;
    }

    version(manifest, planes, number) {
        const chosen = this.versions({ manifest })[number - 1];
        return chosen ? hints.corrected(planes, chosen, this.answer.step, this.answer.inside) : planes;
    }

    shares(manifest) {
        const { logits, features } = this.answer;
        return hints.cropped(hints.shares(logits, manifest.annealed_mean.shift), features.height, features.width);
    }

    /** The likeliest colors at a point, as [a, b], and the photo's L there. */
    suggest({ manifest }, { x, y }, saturation = 1) {
        const { L, step } = this.answer, [row, column] = hints.pointOf({ x, y }, L.height, L.width), Q = manifest.bins.length;
        const shares = this.shares(manifest), at = (Math.floor(row / step) * shares.width + Math.floor(column / step)) * Q;
        const colors = hints.suggestions(shares.data.subarray(at, at + Q), manifest.bins);
        const scale = manifest.annealed_mean.gain * saturation;
        return { L: L.data[row * L.width + column], colors: colors.map((color) => color.map((value) => value * scale)) };
    }

    /** A canvas of the photo in color, at full size or as `size`. */
    async colored(network, options, size = this, breathe = async () => {}) {
        const { height, width } = size;
        const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d", { willReadFrequently: true });
        if (!pen) throw new PhotoError("too_large_here", { name: this.name });
        const lines = linesOf(this.answer.L, this.ab(network, options), network.manifest.settings.edges);
        const { colorsAt } = painter(lines, height, width);
        const at = (row, column) => colorsAt(this.rows(row, size, 1).rgba, row, column);
        const { paint } = painter(lines, height, width, hints.spotsOf(options.hints ?? [], height, width, at));
        for (let top = 0; top < height; ) {
            const { rgba, count } = this.rows(top, size);
            paint(rgba, top);
            pen.putImageData(new ImageData(rgba, width, count), 0, top);
            top += count;
            await breathe(top / height);
        }
        return canvas;
    }
}

function answerOf({ settings, annealed_mean }, L, logits, features, step) {
    if (settings.smooth) logits = hints.smoothedLogits(logits, features, annealed_mean.shift, settings.smooth);
    features = hints.cropped(features, Math.ceil(L.height / step), Math.ceil(L.width / step));
    const inside = border(L);
    return { L, logits, features, step, inside, share: colorShare(L, inside), versions: null };
}

function checkSize(name, width, height) {
    const megapixels = (width * height) / 1e6;
    if (!megapixels) throw new PhotoError("damaged", { name });
    if (megapixels > MOST_MEGAPIXELS)
        throw new PhotoError("too_large", { name, width, height, megapixels: Math.round(megapixels), most: MOST_MEGAPIXELS });
}
