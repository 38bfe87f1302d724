// The page's arithmetic equals the library's: ten photos made by tools/browser_vectors.py.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { lightness } from "../src/color.js";
import * as hints from "../src/hints.js";
import { annealedMean, atSeenSize, linesOf, mean, mirrored, padded, painter, seenSize, shrunk, stretched } from "../src/inference.js";

const folder = new URL("vectors/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json.gz"));

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

function largest(ours, theirs) {
    assert.equal(ours.length, theirs.length);
    return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
}

/** Everything from a photo to its colors, the network's part taken from the vector. */
function steps(vector) {
    const { height, width, settings, annealed_mean, bins, maps } = vector, rgba = rgbaOf(vector);
    const small = seenSize(height, width, settings.size, 4);
    const rows = (top) => ({ rgba: rgba.subarray(4 * width * top), count: height - top });
    const L = shrunk(rows, height, width, ...small), seen = stretched(L, settings.levels);
    let logits = maps.logits, features = mean(maps.features);
    const step = (32 * Math.ceil(L.height / 32)) / features.height;
    if (settings.smooth) logits = hints.smoothedLogits(logits, features, annealed_mean.shift, settings.smooth);
    features = hints.cropped(features, Math.ceil(L.height / step), Math.ceil(L.width / step));
    const own = mean(logits.map((map) => annealedMean(map, bins, annealed_mean)));
    const planes = atSeenSize(own, Math.log2(step), L.height, L.width).map((plane) => ({ ...plane, data: plane.data.map((value) => value * vector.saturation) }));
    const lines = linesOf(L, hints.hinted(planes, L, features, step, vector.hints), settings.edges);
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

// The library leaves borders out of what the network sees, and this page does not yet: a known difference.
const todo = (name) => name.startsWith("8_hubble") && "leave out borders and neutralize blank pages, as preparation.py";

for (const name of names)
    test(`${name}: L, the copy that the network sees, ab, and RGB within a level`, { todo: todo(name) }, () => {
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

test("padding mirrors, also beyond the photo's own size", () => {
    const out = padded({ data: Float32Array.of(1, 2, 3), height: 1, width: 3 }, 8);
    assert.deepEqual([...out.data.slice(0, 8)], [1, 2, 3, 3, 2, 1, 1, 2]);
    assert.deepEqual([out.height, out.width], [8, 8]);
});
