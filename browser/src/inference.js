// Before and after the network: colorlib/inference.py and the annealed mean of colorlib/ab_bins.py in JavaScript.
// A plane is { data: Float32Array, height, width }; maps are { data, height, width, channels }, channels last.

import { lightness, putColor } from "./color.js";
import { addSpots } from "./hints.js";
import { BICUBIC, BILINEAR, BOX, enlarger, resized, resizedRows } from "./resample.js";
import { averageTwice } from "./screen.js";

const BLACK = 4, WHITE = 92; // where stretched levels put the darkest and the lightest hundredth of a photo, in L
const LEAST_RANGE = 15; // a photo of less contrast, in L, is not stretched as if it had none
const FLATNESS = 16; // variance of L under which an area counts as flat to the guided filter

/** Height and width of the copy that the network sees: shorter side `size`, longer side bounded. */
export function seenSize(height, width, size, longest) {
    const scale = Math.min(size / Math.min(height, width), (longest * size) / Math.max(height, width));
    return [Math.max(1, roundEven(height * scale)), Math.max(1, roundEven(width * scale))];
}

/** Rounded as Python rounds: a half goes to the even neighbor. */
function roundEven(x) {
    const low = Math.floor(x);
    return x - low === 0.5 ? low + (low % 2) : Math.round(x);
}

/**
 * A photo's L at the size the network sees, a plane; `rows(top)` gives { rgba, count } of the rows from `top` on. Dots of
 * a print are averaged over `side` pixels: across in each row, and down once the rows are short.
 */
export function shrunk(rows, height, width, outHeight, outWidth, side = 0) {
    const filter = outHeight < height ? BOX : BICUBIC;
    const line = new Float32Array(width);
    let strip = { rgba: null, count: 0 }, top = 0;
    const row = (y) => {
        if (y >= top + strip.count) {
            top = y;
            strip = rows(y);
        }
        lightness(strip.rgba.subarray((y - top) * width * 4, (y - top + 1) * width * 4), line);
        if (side) averageTwice(line, 0, 1, width, side);
        return line;
    };
    const down = (narrow) => {
        for (let x = 0; side && x < outWidth; x++) averageTwice(narrow, x, outWidth, height, side);
    };
    const data = resizedRows(row, height, width, outHeight, outWidth, filter, down);
    return { data: data.map((L) => Math.min(Math.max(L, 0), 100)), height: outHeight, width: outWidth };
}

/** The number below which `percent` of sorted numbers lie, between two of them where need be. */
export function percentile(sorted, percent) {
    const at = ((sorted.length - 1) * percent) / 100, low = Math.floor(at);
    return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}

/** L with its darkest hundredth at 4 and its lightest at 92; `strength` is how far, 0..1. */
export function stretched(L, strength) {
    if (!strength) return L;
    const sorted = L.data.slice().sort();
    let low = percentile(sorted, 1), high = percentile(sorted, 99);
    const room = Math.max(0, LEAST_RANGE - (high - low)) / 2;
    [low, high] = [low - room, high + room];
    const slope = (WHITE - BLACK) / (high - low);
    const level = (value) => value + strength * (BLACK + (value - low) * slope - value);
    return { ...L, data: L.data.map((value) => Math.min(Math.max(level(value), 0), 100)) };
}

/** L padded below and at the right to multiples of `multiple`, as a mirror would show it. */
export function padded(L, multiple) {
    const up = (side) => Math.ceil(side / multiple) * multiple;
    const height = up(L.height), width = up(L.width), data = new Float32Array(height * width);
    const mirror = (i, side) => (i % (2 * side) < side ? i % (2 * side) : 2 * side - 1 - (i % (2 * side)));
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
            data[y * width + x] = L.data[mirror(y, L.height) * L.width + mirror(x, L.width)];
    return { data, height, width };
}

/** Maps or a plane, left and right exchanged. */
export function mirrored({ data, height, width, channels = 1 }) {
    const out = new Float32Array(data.length);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
            const from = (y * width + width - 1 - x) * channels;
            out.set(data.subarray(from, from + channels), (y * width + x) * channels);
        }
    return { data: out, height, width, channels };
}

/** The mean of maps of one size. */
export function mean(maps) {
    if (maps.length === 1) return maps[0];
    const data = maps[0].data.map((_, i) => maps.reduce((sum, map) => sum + map.data[i], 0) / maps.length);
    return { ...maps[0], data };
}

/** ab, maps of 2 channels, of logits: the mean of each distribution, its peaks sharpened. `bins` are [a, b] pairs. */
export function annealedMean(logits, bins, { temperature, shift, gain, fade }) {
    const cells = logits.height * logits.width, Q = bins.length, ab = new Float32Array(cells * 2);
    const lengths = bins.map(([a, b]) => Math.hypot(a, b)), sharpened = new Float32Array(Q);
    const flat = Float32Array.from(bins.flat()), shifts = Float32Array.from(bins, (_, q) => shift[q] ?? shift);
    for (let cell = 0; cell < cells; cell++) {
        let most = -Infinity, sum = 0, a = 0, b = 0, length = 0;
        for (let q = 0; q < Q; q++) {
            sharpened[q] = (logits.data[cell * Q + q] - shifts[q]) / temperature;
            if (sharpened[q] > most) most = sharpened[q];
        }
        for (let q = 0; q < Q; q++) {
            if (sharpened[q] < most - 30) continue; // a share below 1e-13
            const share = Math.exp(sharpened[q] - most);
            sum += share;
            a += share * flat[2 * q];
            b += share * flat[2 * q + 1];
            length += share * lengths[q];
        }
        [a, b, length] = [a / sum, b / sum, length / sum];
        const faded = gain * (Math.sqrt(a * a + b * b + 1e-6) / (length + 1e-3)) ** fade;
        ab[2 * cell] = faded * a;
        ab[2 * cell + 1] = faded * b;
    }
    return { data: ab, height: logits.height, width: logits.width, channels: 2 };
}

/** One channel of maps as a plane. */
export function channel({ data, height, width, channels }, c) {
    const plane = new Float32Array(height * width);
    for (let i = 0; i < plane.length; i++) plane[i] = data[i * channels + c];
    return { data: plane, height, width };
}

/** Planes a and b at the size the network sees, of low ab `(maps of 2 channels)` that covers the padded copy. */
export function atSeenSize(ab, doublings, height, width) {
    return [0, 1].map((c) => {
        let plane = channel(ab, c);
        for (let i = 0; i < doublings; i++) plane = resized(plane, 2 * plane.height, 2 * plane.width, BILINEAR);
        const data = new Float32Array(height * width);
        for (let y = 0; y < height; y++)
            data.set(plane.data.subarray(y * plane.width, y * plane.width + width), y * width);
        return { data, height, width };
    });
}

/** The mean of each pixel's neighborhood, `side` x `side`; what lies outside is as the edge is. */
export function boxMean(plane, side) {
    const { height, width } = plane, half = (side - 1) / 2;
    const across = new Float64Array(height * width), out = new Float32Array(height * width);
    const run = (from, to, start, step, count) => {
        const at = (i) => from[start + step * Math.min(Math.max(i, 0), count - 1)];
        let sum = 0;
        for (let i = -half; i <= half; i++) sum += at(i);
        for (let i = 0; i < count; i++) {
            to[start + step * i] = sum / side;
            sum += at(i + half + 1) - at(i - half);
        }
    };
    for (let y = 0; y < height; y++) run(plane.data, across, y * width, 1, width);
    for (let x = 0; x < width; x++) run(across, out, x, width, height);
    return { data: out, height, width };
}

/** For each of the planes a and b its line { slope, offset }: slope * L + offset is it, smoothed but along L's edges. */
export function guidedLines(L, planes) {
    const side = 1 + 2 * Math.max(1, roundEven(Math.min(L.height, L.width) / 32));
    const plane = (value) => ({ ...L, data: L.data.map((_, i) => value(i)) });
    const blur = (value) => boxMean(plane(value), side);
    const meanL = blur((i) => L.data[i]), meanSquare = blur((i) => L.data[i] ** 2);
    return planes.map(({ data }) => {
        const own = blur((i) => data[i]), product = blur((i) => L.data[i] * data[i]);
        const variance = (i) => meanSquare.data[i] - meanL.data[i] ** 2 + FLATNESS;
        const slope = plane((i) => (product.data[i] - meanL.data[i] * own.data[i]) / variance(i));
        return {
            slope: boxMean(slope, side),
            offset: blur((i) => own.data[i] - slope.data[i] * meanL.data[i]),
        };
    });
}

/** The low-resolution result as lines, following L's edges where `edges` says so; what `painter` enlarges. */
export function linesOf(L, planes, edges) {
    return edges ? guidedLines(L, planes) : planes.map((offset) => ({ slope: null, offset }));
}

/**
 * What gives the pixels of a photo of `height` x `width` the colors of `lines` and `spots`: `paint(rgba, top)` its rows
 * from `top` on, in place, under their own lightness; `colorsAt(rgba, y, x)` is [L, a, b] in row y, without spots.
 */
export function painter(lines, height, width, spots = []) {
    const rows = lines.map(({ slope, offset }) => ({
        slope: slope && enlarger(slope, height, width),
        offset: enlarger(offset, height, width),
    }));
    const L = new Float32Array(width), slope = new Float32Array(width);
    const ab = [new Float32Array(width), new Float32Array(width)];
    const prepare = (rgba, y) => {
        lightness(rgba, L);
        rows.forEach((row, c) => {
            row.offset(y, ab[c]);
            if (!row.slope) return;
            row.slope(y, slope);
            for (let x = 0; x < width; x++) ab[c][x] += slope[x] * L[x];
        });
    };
    const paint = (rgba, top) => {
        for (let start = 0, y = top; start < rgba.length; start += 4 * width, y++) {
            prepare(rgba.subarray(start, start + 4 * width), y);
            addSpots(spots, y, L, ab[0], ab[1]);
            for (let x = 0, at = start; x < width; x++, at += 4) putColor(rgba, at, L[x], ab[0][x], ab[1][x]);
        }
    };
    const colorsAt = (rgba, y, x) => {
        prepare(rgba, y);
        return [L[x], ab[0][x], ab[1][x]];
    };
    return { paint, colorsAt };
}
