// Colors chosen by hand, spread by the network's own features: colorlib/affinity.py, hints.py and by_hand.py in
// JavaScript. A hint is { x, y, a, b, reach }: fractions of the width and height, its color, and from 0, this spot,
// to 1, everything like it.

import { labToRgb, rgbToLab } from "./color.js";
import { KERNEL } from "./kernel.js";
import { BILINEAR, resized } from "./resample.js";

const STEPS = [[0.07, 0.7, 0.5], [0.05, 0.25, 0.3], [0.03, 0.1, 0.1]]; // tau, reach in photo sides, share taken as it is
const NOTHING = 0.1; // affinity with "no hint": far from all hints the network's own colors stay
const SPOT = 0.012; // sigma of the exact spot around a hint, in photo sides
const SPOT_L = 10; // how far in L the exact spot crosses an edge: sigma
const APART = 2.5; // sigmas that hints are apart: a spot does not reach the next hint
const CELLS = 48; // places that are averaged when a distribution is smoothed: at most CELLS x CELLS
const LEAST_LOG = -10; // of an affinity that counts when a distribution is smoothed
const LEAST_SHARE = 1e-12; // of a bin in a smoothed distribution, so that it has a logarithm
const CLUSTERS = 6, BOLDNESS = 0.4; // things that a version colors apart; the temperature of their draws
const DIFFERENT = 6; // mean ab difference from which two versions count as different

/** Features scaled to length 1 at each place. */
export function unitFeatures({ data, height, width, channels }) {
    const out = new Float32Array(data.length);
    for (let at = 0; at < data.length; at += channels) {
        let square = 0;
        for (let c = 0; c < channels; c++) square += data[at + c] ** 2;
        const scale = 1 / Math.max(Math.sqrt(square), 1e-6);
        for (let c = 0; c < channels; c++) out[at + c] = data[at + c] * scale;
    }
    return { data: out, height, width, channels };
}

/** The centers of height x width cells as maps of y and x, in photo sides. */
function places(height, width) {
    const data = new Float32Array(height * width * 2), side = Math.sqrt(height * width);
    for (let y = 0, at = 0; y < height; y++)
        for (let x = 0; x < width; x++, at += 2) {
            data[at] = (y + 0.5) / side;
            data[at + 1] = (x + 0.5) / side;
        }
    return { data, height, width, channels: 2 };
}

/** The affinity, 0..1, of place i of unit features at `at` with place j of `others` at `othersAt`. */
function affinity(features, at, i, others, othersAt, j, tau, reach) {
    const C = features.channels;
    let cos = 0;
    for (let c = 0, p = i * C, q = j * C; c < C; c++, p++, q++) cos += features.data[p] * others.data[q];
    const dy = at.data[2 * i] - othersAt.data[2 * j], dx = at.data[2 * i + 1] - othersAt.data[2 * j + 1];
    return Math.exp(Math.min((cos - 1) / tau - (0.5 * (dy * dy + dx * dx)) / reach ** 2, 0));
}

/** Maps averaged over areas to at most CELLS x CELLS. */
function cells(maps) {
    const { height, width, channels } = maps;
    const across = areaShares(width), down = areaShares(height);
    const out = new Float32Array(down.length * across.length * channels);
    down.forEach((rows, y) =>
        across.forEach((columns, x) => {
            const to = (y * across.length + x) * channels;
            for (const [row, rowShare] of rows)
                for (const [column, share] of columns)
                    for (let c = 0, from = (row * width + column) * channels; c < channels; c++)
                        out[to + c] += rowShare * share * maps.data[from + c];
        }),
    );
    return { data: out, height: down.length, width: across.length, channels };
}

function areaShares(side) {
    const count = Math.min(side, CELLS), step = side / count;
    return Array.from({ length: count }, (_, i) => {
        const shares = [];
        for (let k = Math.floor(i * step); k < Math.min(side, Math.ceil((i + 1) * step)); k++)
            shares.push([k, (Math.min((i + 1) * step, k + 1) - Math.max(i * step, k)) / step]);
        return shares;
    });
}

/** Maps averaged over the places with similar features, each weighted by its affinity. */
export function smoothed(maps, features, tau, reach = 0.5) {
    const { height, width } = maps, at = places(height, width).data, small = cells(features);
    const own = fourfold(unitFeatures(features)), others = fourfold(unitFeatures(small)), C = own.channels;
    const othersAt = cells(places(height, width)).data, { used, values } = usedChannels(cells(maps)), Q = values.channels;
    const out = new Float32Array(maps.data.length), count = small.height * small.width;
    const fours = (count + 3) & ~3; // rows are added four at a time, those beyond the last with weight 0
    const { dots, add, arrays } = kernel([C, count * C, fours, fours * Q, Q]), [one, all, weights, rows, sums] = arrays;
    all.set(others.data);
    rows.fill(0);
    rows.set(values.data);
    weights.fill(0);
    for (let i = 0; i < height * width; i++) {
        one.set(own.data.subarray(i * C, i * C + C));
        dots(one.byteOffset, all.byteOffset, weights.byteOffset, count, 4 * C);
        const total = toWeights(weights.subarray(0, count), at[2 * i], at[2 * i + 1], othersAt, tau, 0.5 / reach ** 2);
        sums.fill(0);
        add(weights.byteOffset, rows.byteOffset, sums.byteOffset, fours, 4 * Q);
        used.forEach((c, q) => (out[i * maps.channels + c] = sums[q] / total));
    }
    return { ...maps, data: out };
}

/** Turn the cosines of one place with all others into affinities, in place; their sum. */
function toWeights(weights, y, x, othersAt, tau, nearness) {
    let total = 0;
    for (let j = 0; j < weights.length; j++) {
        const dy = y - othersAt[2 * j], dx = x - othersAt[2 * j + 1];
        const log = (weights[j] - 1) / tau - nearness * (dy * dy + dx * dx);
        weights[j] = log < LEAST_LOG ? 0 : Math.exp(Math.min(log, 0));
        total += weights[j];
    }
    return total;
}

let instance = null;

/** The innermost loops, see kernel.wat, and arrays of these lengths in their memory. */
function kernel(lengths) {
    instance ??= new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(atob(KERNEL), (c) => c.charCodeAt(0))));
    const { memory, dots, add } = instance.exports, starts = [16]; // each at a multiple of 16 bytes
    for (const length of lengths) starts.push(starts.at(-1) + ((4 * length + 15) & ~15));
    const missing = starts.at(-1) - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    return { dots, add, arrays: lengths.map((length, i) => new Float32Array(memory.buffer, starts[i], length)) };
}

/** Maps with zeros added so that their channels are a multiple of four. */
function fourfold({ data, height, width, channels }) {
    const more = (channels + 3) & ~3, out = new Float32Array(height * width * more);
    for (let i = 0; i < height * width; i++) out.set(data.subarray(i * channels, (i + 1) * channels), i * more);
    return { data: out, height, width, channels: more };
}

/** The channels of maps that are anywhere above a ten-thousandth: of the bins, most are not; and their values. */
function usedChannels({ data, height, width, channels }) {
    const most = new Float32Array(channels), count = height * width;
    data.forEach((value, i) => (most[i % channels] = Math.max(most[i % channels], value)));
    const used = [...most.keys()].filter((c) => most[c] > 1e-4), values = new Float32Array(count * used.length);
    for (let i = 0; i < count; i++) used.forEach((c, k) => (values[i * used.length + k] = data[i * channels + c]));
    return { used, values: fourfold({ data: values, height, width, channels: used.length }) };
}

/** The mean distribution over the bins of several views' logits, corrected by `shift`; maps of Q channels. */
export function shares(logits, shift) {
    const { height, width, channels: Q } = logits[0], out = new Float32Array(height * width * Q);
    const own = new Float64Array(Q);
    for (const { data } of logits)
        for (let at = 0; at < out.length; at += Q) {
            let most = -Infinity, sum = 0;
            for (let q = 0; q < Q; q++) most = Math.max(most, (own[q] = data[at + q] - (shift[q] ?? shift)));
            for (let q = 0; q < Q; q++) sum += own[q] = Math.exp(own[q] - most);
            for (let q = 0; q < Q; q++) out[at + q] += own[q] / sum / logits.length;
        }
    return { data: out, height, width, channels: Q };
}

/** Logits whose distributions are averaged over views and over places with similar features: one view. */
export function smoothedLogits(logits, features, shift, tau) {
    const maps = smoothed(shares(logits, shift), features, tau), Q = maps.channels;
    const data = maps.data.map((share, i) => Math.log(Math.max(share, LEAST_SHARE)) + (shift[i % Q] ?? shift));
    return [{ ...maps, data }];
}

/** Maps without the places of the padding. */
export function cropped({ data, width, channels }, height, narrower) {
    const out = new Float32Array(height * narrower * channels);
    for (let y = 0; y < height; y++) {
        const from = y * width * channels;
        out.set(data.subarray(from, from + narrower * channels), y * narrower * channels);
    }
    return { data: out, height, width: narrower, channels };
}

/** a and b as sRGB can hold them at L. */
export function shownAB(a, b, L) {
    const [, ...ab] = rgbToLab(...labToRgb(L, a, b));
    return ab;
}

/** Row and column of a hint in an array of that size. */
export function pointOf({ x, y }, height, width) {
    return [Math.min(Math.trunc(y * height), height - 1), Math.min(Math.trunc(x * width), width - 1)];
}

/** Planes a and b averaged over step x step pixels, as maps of 2 channels. */
export function meanCells(planes, step) {
    const { height, width } = planes[0], down = Math.ceil(height / step), across = Math.ceil(width / step);
    const data = new Float32Array(down * across * 2);
    planes.forEach((plane, c) => {
        for (let y = 0; y < down * step; y++)
            for (let x = 0; x < across * step; x++)
                data[(Math.floor(y / step) * across + Math.floor(x / step)) * 2 + c] +=
                    plane.data[Math.min(y, height - 1) * width + Math.min(x, width - 1)] / step ** 2;
    });
    return { data, height: down, width: across, channels: 2 };
}

/** Planes a and b plus a correction, maps of 2 channels with one place for step x step pixels; in a border they stay. */
export function corrected(planes, correction, step, inside) {
    return planes.map((plane, c) => {
        const data = correction.data.filter((_, i) => i % 2 === c);
        const small = { data, height: correction.height, width: correction.width };
        const full = resized(small, small.height * step, small.width * step, BILINEAR);
        const out = plane.data.slice();
        for (let y = inside.top; y < inside.bottom; y++)
            for (let x = inside.left; x < inside.right; x++) out[y * plane.width + x] += full.data[y * full.width + x];
        return { ...plane, data: out };
    });
}

/** ab after hints: each color spread to the places that look alike and are near; `points` are [row, column]. */
export function spread(ab, features, points, colors, reaches) {
    const { height, width } = ab, directions = unitFeatures(features), at = places(height, width);
    const hinted = points.map(([row, column]) => row * width + column);
    let now = Float64Array.from(ab.data);
    for (const [tau, far, asItIs] of STEPS) {
        const there = hinted.map((i) => [now[2 * i], now[2 * i + 1]]), next = now.slice();
        for (let i = 0; i < height * width; i++) {
            let total = 1e-12;
            const wanted = [0, 0], before = [0, 0];
            hinted.forEach((j, n) => {
                const weight = affinity(directions, at, i, directions, at, j, tau, far * reachOf(reaches[n]));
                total += weight;
                for (const c of [0, 1]) {
                    wanted[c] += weight * colors[n][c];
                    before[c] += weight * there[n][c];
                }
            });
            for (const c of [0, 1]) {
                const old = asItIs * now[2 * i + c] + ((1 - asItIs) * before[c]) / total;
                next[2 * i + c] += (total / (total + NOTHING)) * (wanted[c] / total - old);
            }
        }
        now = next;
    }
    return { ...ab, data: Float32Array.from(now) };
}

/** What the steps' reach is multiplied by: 1 for a reach of 0.5, infinite for 1. */
function reachOf(reach) {
    return reach >= 1 ? Infinity : Math.max(Math.tan((Math.min(reach, 0.999) * Math.PI) / 2), 1e-3);
}

/**
 * Planes a and b after hints; one in the border outside of `inside` does not spread. `L` is the small copy's, `features`
 * are without padding, `step` pixels for each place.
 */
export function hinted(planes, L, features, step, hints, inside) {
    hints = hints.filter((hint) => isInside(pointOf(hint, L.height, L.width), inside));
    if (!hints.length) return planes;
    const low = meanCells(planes, step);
    const at = hints.map((hint) => pointOf(hint, L.height, L.width));
    const colors = hints.map(({ a, b }, i) => shownAB(a, b, L.data[at[i][0] * L.width + at[i][1]]));
    const points = at.map(([row, column]) => [Math.floor(row / step), Math.floor(column / step)]);
    const after = spread(low, features, points, colors, hints.map(({ reach }) => reach));
    const data = after.data.map((value, i) => value - low.data[i]);
    return corrected(planes, { ...low, data }, step, inside);
}

function isInside([row, column], { top, bottom, left, right }) {
    return top <= row && row < bottom && left <= column && column < right;
}

/**
 * The spots that make hints exact at full size: [{ row, column, sigma, L, missing: [a, b] }]. `colorsAt(row, column)`
 * gives [L, a, b] of the photo so far; of two hints at one pixel the later one counts.
 */
export function spotsOf(hints, height, width, colorsAt) {
    const unique = new Map(hints.map((hint) => [pointOf(hint, height, width).join(), hint]));
    const spots = [...unique.values()].map((hint) => {
        const [row, column] = pointOf(hint, height, width), [L, a, b] = colorsAt(row, column);
        const shown = shownAB(hint.a, hint.b, L);
        return { row, column, L, rest: [shown[0] - a, shown[1] - b] };
    });
    const distance = (p, q) => Math.hypot(p.row - q.row, p.column - q.column);
    for (const spot of spots) {
        const apart = Math.min(...spots.filter((other) => other !== spot).map((other) => distance(spot, other)));
        spot.sigma = Math.min(Math.max(apart / APART, 0.3), Math.max(SPOT * Math.sqrt(height * width), 0.3));
    }
    const matrix = spots.map((p) =>
        spots.map((q) => Math.exp(-(distance(p, q) ** 2) / (2 * q.sigma ** 2) - (p.L - q.L) ** 2 / (2 * SPOT_L ** 2))),
    );
    const missing = solved(matrix, spots.map(({ rest }) => rest));
    return spots.map((spot, i) => ({ ...spot, missing: missing[i] }));
}

/** Add spots to the colors a and b of row y; `L` is that row's. */
export function addSpots(spots, y, L, a, b) {
    for (const { row, column, sigma, L: own, missing } of spots) {
        const room = Math.ceil(3 * sigma);
        if (Math.abs(y - row) > room) continue;
        for (let x = Math.max(0, column - room); x < Math.min(L.length, column + room + 1); x++) {
            const far = ((y - row) ** 2 + (x - column) ** 2) / (2 * sigma ** 2);
            const weight = Math.exp(-far - (L[x] - own) ** 2 / (2 * SPOT_L ** 2));
            a[x] += weight * missing[0];
            b[x] += weight * missing[1];
        }
    }
}

/** The solution of matrix * x = right, by elimination; `right` has two columns. */
function solved(matrix, right) {
    const rows = matrix.map((row, i) => [...row, ...right[i]]), n = rows.length;
    for (let i = 0; i < n; i++) {
        const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
        [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
        for (let k = 0; k < n; k++) {
            if (k === i) continue;
            const factor = rows[k][i] / rows[i][i];
            for (let c = i; c < n + 2; c++) rows[k][c] -= factor * rows[i][c];
        }
    }
    return rows.map((row, i) => [row[n] / row[i], row[n + 1] / row[i]]);
}

/** The likeliest colors at a place, the likeliest first, as [a, b]: the means of groups of bins. */
export function suggestions(place, bins, count = 9) {
    const order = bins.map((_, q) => q).sort((p, q) => place[q] - place[p]).slice(0, 10 * count);
    const groups = grouped(order.map((q) => bins[q]), order.map((q) => place[q] + 1e-9), count);
    const colors = groups.centers.map((center, k) => ({ center, weight: groups.weights[k] }));
    return colors.filter(({ weight }) => weight > 0).sort((p, q) => q.weight - p.weight).map(({ center }) => center);
}

/** k-means of weighted points: the first centers are far apart and heavy, so that the same points give the same. */
function grouped(points, weights, count, rounds = 20) {
    const far = (p, q) => p.reduce((sum, value, i) => sum + (value - q[i]) ** 2, 0);
    const centers = [points[0].slice()], nearest = points.map(() => Infinity);
    while (centers.length < Math.min(count, points.length)) {
        points.forEach((point, i) => (nearest[i] = Math.min(nearest[i], far(point, centers.at(-1)))));
        const best = nearest.reduce((top, d, i) => (d * weights[i] > nearest[top] * weights[top] ? i : top), 0);
        centers.push(points[best].slice());
    }
    let labels = [], sums = [];
    for (let round = 0; round < rounds; round++) {
        labels = points.map((point) => {
            const distances = centers.map((center) => far(point, center));
            return distances.indexOf(Math.min(...distances));
        });
        sums = centers.map(() => 0);
        const totals = centers.map((center) => center.map(() => 0));
        points.forEach((point, i) => {
            sums[labels[i]] += weights[i];
            point.forEach((value, c) => (totals[labels[i]][c] += weights[i] * value));
        });
        totals.forEach((total, k) => sums[k] && (centers[k] = total.map((value) => value / sums[k])));
    }
    return { centers, labels, weights: sums };
}

/** Random numbers 0..1, the same for the same seed. */
function randomNumbers(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

/**
 * Other plausible ways to color a photo: up to `count` corrections, maps of 2 channels, of its own `planes`. Each group
 * of places with like features gets one likely color; those that can have only one get that. `share` is how much of
 * its color the photo has: of a blank page 0.
 */
export function versions(planes, distribution, features, bins, gain, step, share = 1, count = 4) {
    const directions = unitFeatures(features), at = places(features.height, features.width), Q = bins.length;
    const N = features.height * features.width, C = features.channels, low = meanCells(planes, step);
    const points = Array.from({ length: N }, (_, i) => [
        ...directions.data.subarray(i * C, i * C + C), 0.5 * at.data[2 * i], 0.5 * at.data[2 * i + 1],
    ]);
    const { labels, centers } = grouped(points, points.map(() => 1), CLUSTERS, 8);
    const K = centers.length, member = new Float32Array(N * K);
    labels.forEach((label, i) => (member[i * K + label] = 1));
    const things = smoothed({ data: member, height: low.height, width: low.width, channels: K }, features, 0.05, 0.25).data;
    const chances = centers.map((_, k) => likelihoods(distribution, labels, k, Q));
    const own = centers.map((_, k) => [0, 1].map((c) => weightedMean(things, low.data, k, c, N, K)));
    const random = randomNumbers(1), kept = [new Float32Array(2 * N)];
    for (let attempt = 0; attempt < 20 * count && kept.length <= count; attempt++) {
        const drawn = chances.map((p) => bins[draw(p, random())]);
        const data = new Float32Array(2 * N);
        for (let i = 0; i < N; i++)
            for (let k = 0; k < K; k++)
                for (const c of [0, 1]) data[2 * i + c] += share * things[i * K + k] * (gain * drawn[k][c] - own[k][c]);
        const difference = (other) => {
            let sum = 0;
            for (let i = 0; i < N; i++) sum += Math.hypot(data[2 * i] - other[2 * i], data[2 * i + 1] - other[2 * i + 1]);
            return sum / N;
        };
        if (Math.min(...kept.map(difference)) >= DIFFERENT) kept.push(data);
    }
    return kept.slice(1).map((data) => ({ data, height: low.height, width: low.width, channels: 2 }));
}

function weightedMean(things, values, k, c, N, K) {
    let sum = 0, total = 0;
    for (let i = 0; i < N; i++) {
        sum += things[i * K + k] * values[2 * i + c];
        total += things[i * K + k];
    }
    return sum / Math.max(total, 1e-9);
}

function likelihoods({ data }, labels, k, Q) {
    const logs = new Float64Array(Q);
    let count = 0;
    labels.forEach((label, i) => {
        if (label !== k) return;
        count++;
        for (let q = 0; q < Q; q++) logs[q] += Math.log(data[i * Q + q] + 1e-9);
    });
    const sharpened = logs.map((log) => log / Math.max(count, 1) / BOLDNESS), most = Math.max(...sharpened);
    const raw = sharpened.map((value) => Math.exp(value - most)), sum = raw.reduce((a, b) => a + b, 0);
    return raw.map((value) => value / sum);
}

function draw(chances, number) {
    let sum = 0;
    for (let q = 0; q < chances.length; q++) if ((sum += chances[q]) > number) return q;
    return chances.length - 1;
}

