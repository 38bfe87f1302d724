// The page's arithmetic equals the library's: ten photos made by tools/browser_vectors.py.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { lightness } from "../src/color.js";
import * as hints from "../src/hints.js";
import { annealedMean, atSeenSize, linesOf, mean, mirrored, padded, painter, seenSize, shrunk, stretched } from "../src/inference.js";
import { border, colorShare, inPieces, shared, structure, withoutBorder } from "../src/preparation.js";
import { fourier, screenCrop, screenPeriod, screenSide } from "../src/screen.js";

const LONGEST = 32; // as inference.LONGEST; the page has it from the manifest
const folder = new URL("vectors/", import.meta.url);
const names = readdirSync(folder).filter((name) => /^\d.*\.json\.gz$/.test(name));

function read(name) {
    const vector = JSON.parse(gunzipSync(readFileSync(new URL(name, folder))));
    const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
    for (const key of ["L", "seen", "ab"]) vector[key] = new Float32Array(bytes(vector[key]).buffer);
    for (const key of ["photo", "rgb"]) vector[key] = bytes(vector[key]);
    vector.maps = {};
    for (const [key, { data, shape: [views, height, width, channels] }] of Object.entries(vector.outputs)) {
        const numbers = Float32Array.from(new Int8Array(bytes(data).buffer), (value) => value / vector.steps[key]);
        const size = numbers.length / views;
        vector.maps[key] = Array.from({ length: views }, (_, v) => {
            const map = { data: numbers.slice(v * size, (v + 1) * size), height, width, channels };
            return v ? mirrored(map) : map;
        });
    }
    return vector;
}

function rgbaOf({ photo, height, width }) {
    const rgba = new Uint8ClampedArray(height * width * 4).fill(255);
    for (let i = 0; i < height * width; i++) rgba.set(photo.subarray(3 * i, 3 * i + 3), 4 * i);
    return rgba;
}

function cropped(rgba, width, { top, left, height: h, width: w }) {
    const data = new Float32Array(h * w);
    for (let y = 0; y < h; y++)
        lightness(rgba.subarray(4 * ((top + y) * width + left)).subarray(0, 4 * w), data.subarray(y * w, (y + 1) * w));
    return { data, height: h, width: w };
}

function largest(ours, theirs) {
    assert.equal(ours.length, theirs.length);
    return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
}

/** Everything from a photo to its colors, the network's part taken from the vector. */
function steps(vector) {
    const { height, width, settings, annealed_mean, bins, maps } = vector, rgba = rgbaOf(vector);
    const small = seenSize(height, width, settings.size, LONGEST), crop = screenCrop(height, width);
    const rows = (top) => ({ rgba: rgba.subarray(4 * width * top), count: height - top });
    assert.ok(!crop || !screenSide(screenPeriod(cropped(rgba, width, crop))), "no photo here is a print");
    const L = shrunk(rows, height, width, ...small), inside = border(L);
    const seen = withoutBorder(L, (photo) => stretched(photo, settings.levels));
    let logits = maps.logits, features = mean(maps.features);
    const step = (32 * Math.ceil(L.height / 32)) / features.height;
    if (settings.smooth) logits = hints.smoothedLogits(logits, features, annealed_mean.shift, settings.smooth);
    features = hints.cropped(features, Math.ceil(L.height / step), Math.ceil(L.width / step));
    const own = mean(logits.map((map) => annealedMean(map, bins, annealed_mean)));
    const planes = atSeenSize(own, Math.log2(step), L.height, L.width).map((plane) => ({ ...plane, data: plane.data.map((value) => value * vector.saturation) }));
    const kept = shared(planes, colorShare(L, inside), inside);
    const lines = linesOf(L, hints.hinted(kept, L, features, step, vector.hints, inside), settings.edges);
    const { colorsAt } = painter(lines, height, width);
    const row = (y) => rgba.subarray(4 * width * y, 4 * width * (y + 1));
    const spots = hints.spotsOf(vector.hints, height, width, (y, x) => colorsAt(row(y), y, x));
    const colored = rgba.slice();
    painter(lines, height, width, spots).paint(colored, 0);
    return { rgba, seen, planes, colored };
}

test("there are ten photos, of all kinds", () => {
    const vectors = names.map(read);
    assert.equal(vectors.length, 10);
    assert.ok(vectors.filter(({ hints }) => hints.length === 2).length >= 2, "two hints");
    assert.ok(vectors.some(({ settings }) => settings.smooth), "smooth");
    assert.ok(vectors.some(({ settings }) => settings.mirror) && vectors.some(({ settings }) => !settings.mirror));
});

for (const name of names)
    test(`${name}: L, the copy that the network sees, ab, and RGB within a level`, () => {
        const vector = read(name), { rgba, seen, planes, colored } = steps(vector);
        assert.ok(largest(lightness(rgba), vector.L) < 0.01);
        assert.ok(largest(seen.data, vector.seen) < 0.01);
        const ab = Float32Array.from(vector.ab, (_, i) => planes[i % 2].data[i >> 1]);
        assert.ok(largest(ab, vector.ab) < 0.05, `ab differs by ${largest(ab, vector.ab)}`);
        let over = 0, most = 0;
        for (let i = 0; i < vector.rgb.length; i++) {
            const difference = Math.abs(vector.rgb[i] - colored[4 * Math.floor(i / 3) + (i % 3)]);
            most = Math.max(most, difference);
            over += difference > 1;
        }
        assert.ok(over <= vector.rgb.length / 1000, `${over} of ${vector.rgb.length} values differ by more than 1, at most ${most}`);
    });

const prepared = JSON.parse(gunzipSync(readFileSync(new URL("preparation.json.gz", folder))));
const floats = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

for (const photo of prepared.photos)
    test(`${photo.name}: border, screen and blank page as the library finds them`, () => {
        const { height, width } = photo, gray = Buffer.from(photo.gray, "base64"), rgba = new Uint8ClampedArray(4 * height * width);
        gray.forEach((value, i) => rgba.set([value, value, value, 255], 4 * i));
        const crop = screenCrop(height, width), period = crop ? screenPeriod(cropped(rgba, width, crop)) : 0;
        assert.ok(Math.abs(period - photo.period) < 1e-6, `${period}, not ${photo.period}`);
        const rows = (top) => ({ rgba: rgba.subarray(4 * width * top), count: height - top });
        const L = shrunk(rows, height, width, ...seenSize(height, width, 32, LONGEST), screenSide(period));
        assert.deepEqual(Object.values(border(L)), photo.border);
        assert.ok(Math.abs(structure(L) - photo.structure) < 1e-3, `${structure(L)}, not ${photo.structure}`);
        assert.ok(Math.abs(colorShare(L) - photo.share) < 1e-3);
        const seen = withoutBorder(L, (inside) => stretched(inside, 0.5));
        assert.ok(largest(seen.data, floats(photo.seen)) < 0.01);
    });

test("among them are borders, a page, a faded photo and a print", () => {
    const { photos } = prepared;
    assert.ok(photos.some(({ period }) => period > 0) && photos.some(({ period }) => !period));
    assert.ok(photos.some(({ share }) => share === 0) && photos.some(({ share }) => 0 < share && share < 1));
    assert.ok(photos.filter(({ border: [top] }) => top > 0).length >= 2);
});

test("a long photo in pieces, lying and standing", async () => {
    const { width } = prepared.pieces, row = floats(prepared.pieces.row), expected = floats(prepared.pieces.maps);
    const lying = { data: Float32Array.from({ length: 32 * width }, (_, i) => row[i % width]), height: 32, width };
    const standing = { data: Float32Array.from({ length: 32 * width }, (_, i) => row[Math.floor(i / 32)]), height: width, width: 32 };
    const first = { true: ({ maps }) => maps.data.subarray(0, expected.length), false: ({ maps }) => maps.data.filter((_, i) => i % 16 < 2) };
    for (const plane of [lying, standing]) {
        const across = plane.width > 32, run = async ({ data, height, width: wide }) => {
            const size = { height: height / 4, width: wide / 4 }, out = new Float32Array(size.height * size.width * 2);
            for (let y = 0; y < height; y++)
                for (let x = 0; x < wide; x++) out[2 * ((y >> 2) * size.width + (x >> 2))] += data[y * wide + x] / 16;
            for (let i = 0; i < out.length / 2; i++) out[2 * i + 1] = across ? i % size.width : Math.floor(i / size.width);
            return { maps: { data: out, ...size, channels: 2 } };
        };
        assert.ok(largest(first[across](await inPieces(run, plane)), expected) < 1e-3);
    }
});

test("the Fourier transform, of any length", () => {
    for (const n of [8, 15, 97]) {
        const values = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i)), re = values.slice(), im = new Float64Array(n);
        fourier(n)(re, im);
        for (let k = 0; k < n; k++) {
            const sum = (wave) => values.reduce((total, value, i) => total + value * wave((2 * Math.PI * i * k) / n), 0);
            assert.ok(Math.abs(re[k] - sum(Math.cos)) < 1e-9 && Math.abs(im[k] + sum(Math.sin)) < 1e-9);
        }
    }
});

test("padding mirrors, also beyond the photo's own size", () => {
    const out = padded({ data: Float32Array.of(1, 2, 3), height: 1, width: 3 }, 8);
    assert.deepEqual([...out.data.slice(0, 8)], [1, 2, 3, 3, 2, 1, 1, 2]);
    assert.deepEqual([out.height, out.width], [8, 8]);
});
