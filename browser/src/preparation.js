// What the network sees: without a white border, long photos in pieces; and what it may say: blank pages stay gray.
// colorlib/preparation.py in JavaScript; a print's screen is in screen.js.

import { percentile } from "./inference.js";

const PIECE = 1024, OVERLAP = 256; // pixels of the longer side that the network sees at a time, in multiples of 32
const WHITE_BORDER = 75, BLACK_BORDER = 12; // L of a border: lighter, or darker
const EVEN = 2.5, ALIKE = 8; // L: how far a border's row varies, and its four sides differ
const MOST_BORDER = 0.3; // of a side
const BLANK = 2, STRUCTURED = 4; // contrast of L below which a page is blank, above which it is a photo, however faded
const FINE = 1.5, COARSE = 1 / 32; // sigmas at which contrast is looked at: pixels; of the page's shorter side
const RARE = [3, 97]; // percentiles outside of which L does not count
const LOST = 1.5; // times that a photo's contrast is higher at the fine sigma than at the coarse one

/** { top, bottom, left, right } of a photo inside its even border, for a plane of L; all of it where there is none. */
export function border({ data, height, width }) {
    const row = (y) => data.subarray(y * width, (y + 1) * width);
    const column = (x) => new Float32Array(height).map((_, y) => data[y * width + x]);
    const sides = [
        borderRows(row, height), borderRows((i) => row(height - 1 - i), height),
        borderRows(column, width), borderRows((i) => column(width - 1 - i), width),
    ];
    const counts = sides.map(({ count }) => count), levels = sides.map(({ level }) => level);
    if (Math.min(...counts) === 0 || Math.max(...levels) - Math.min(...levels) > ALIKE)
        return { top: 0, bottom: height, left: 0, right: width };
    return { top: counts[0], bottom: height - counts[1], left: counts[2], right: width - counts[3] };
}

/** How many lines from the first one are even and of one level, and that level; `line(i)` is a Float32Array. */
function borderRows(line, length) {
    const level = percentile(line(0).slice().sort(), 50);
    if (BLACK_BORDER < level && level < WHITE_BORDER) return { count: 0, level };
    for (let i = 0; i < Math.trunc(MOST_BORDER * length); i++) {
        const deviations = line(i).map((L) => Math.abs(L - level)).sort();
        if (percentile(deviations, 90) > EVEN) return { count: i, level };
    }
    return { count: 0, level };
}

/** A plane of L with the photo inside its border prepared by `prepare`, and mirrored over where the border was. */
export function withoutBorder(L, prepare) {
    const inside = border(L), photo = prepare(cut(L, inside));
    const mirror = (i, side) => (i < 0 ? -1 - i : i < side ? i : 2 * side - 1 - i);
    const data = new Float32Array(L.data.length);
    for (let y = 0, at = 0; y < L.height; y++)
        for (let x = 0; x < L.width; x++, at++)
            data[at] = photo.data[mirror(y - inside.top, photo.height) * photo.width + mirror(x - inside.left, photo.width)];
    return { ...L, data };
}

function cut({ data, width }, { top, bottom, left, right }) {
    const out = new Float32Array((bottom - top) * (right - left));
    for (let y = top; y < bottom; y++)
        out.set(data.subarray(y * width + left, y * width + right), (y - top) * (right - left));
    return { data: out, height: bottom - top, width: right - left };
}

/** How much of its colors a photo inside its border keeps, 0..1, by its L: a blank page has none. */
export function colorShare(L, inside = border(L)) {
    const share = (structure(cut(L, inside)) - BLANK) / (STRUCTURED - BLANK);
    return Math.min(Math.max(share, 0), 1);
}

/** Planes a and b times `share`, and gray outside of `inside`. */
export function shared(planes, share, { top, bottom, left, right }) {
    return planes.map(({ data, height, width }) => {
        const out = new Float32Array(data.length);
        for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++) out[y * width + x] = share * data[y * width + x];
        return { data: out, height, width };
    });
}

/** The contrast of L that a photo has and a page has not: slow changes of light, writing and grain do not count. */
export function structure(L) {
    const flat = flattened(blurred(L, FINE));
    const [low, high] = RARE.map((percent) => percentile(flat.data.slice().sort(), percent));
    const kept = { ...flat, data: flat.data.map((value) => Math.min(Math.max(value, low), high)) };
    const coarse = blurred(kept, COARSE * Math.min(L.height, L.width)).data.sort();
    return Math.min(high - low, LOST * (percentile(coarse, RARE[1]) - percentile(coarse, RARE[0])));
}

/** A plane without the best surface of second degree: less its projections on these, made orthogonal. */
function flattened({ data, height, width }) {
    const left = new Float64Array(data), earlier = [];
    for (const [ofY, ofX] of [[0, 0], [0, 1], [1, 0], [0, 2], [1, 1], [2, 0]]) {
        const own = new Float64Array(left.length), rows = powers(height, ofY), columns = powers(width, ofX);
        for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++) own[i++] = rows[y] * columns[x];
        for (const other of earlier) subtract(own, other);
        const length = Math.sqrt(dot(own, own));
        if (length < 3e-5 * Math.sqrt(own.length)) continue; // a photo of one or two rows: all is said already
        for (let i = 0; i < own.length; i++) own[i] /= length;
        earlier.push(own);
        subtract(left, own);
    }
    return { data: left, height, width };
}

/** The powers of numbers that rise from -1 to 1. */
function powers(side, exponent) {
    return new Float64Array(side).map((_, i) => (side > 1 ? (2 * i) / (side - 1) - 1 : -1) ** exponent);
}

function dot(p, q) {
    let sum = 0;
    for (let i = 0; i < p.length; i++) sum += p[i] * q[i];
    return sum;
}

/** Take out of `values`, in place, what lies along `direction`, which has length 1. */
function subtract(values, direction) {
    const factor = dot(values, direction);
    for (let i = 0; i < values.length; i++) values[i] -= factor * direction[i];
}

/** A plane blurred by a Gaussian; what lies outside is as the edge is. */
export function blurred({ data, height, width }, sigma) {
    const radius = Math.trunc(4 * sigma + 0.5), taps = 2 * radius + 1;
    const raw = new Float64Array(taps).map((_, i) => Math.exp((-0.5 * (i - radius) ** 2) / sigma ** 2));
    const sum = raw.reduce((a, b) => a + b), weights = raw.map((weight) => weight / sum);
    const down = data.slice(), out = data.slice(), line = new Float64Array(Math.max(height, width) + 2 * radius);
    const run = (from, to, start, step, count) => {
        for (let i = -radius; i < count + radius; i++)
            line[i + radius] = from[start + step * Math.min(Math.max(i, 0), count - 1)];
        for (let i = 0; i < count; i++) {
            let value = 0;
            for (let k = 0; k < taps; k++) value += weights[k] * line[i + k];
            to[start + step * i] = value;
        }
    };
    for (let x = 0; x < width; x++) run(data, down, x, width, height);
    for (let y = 0; y < height; y++) run(down, out, y * width, 1, width);
    return { data: out, height, width };
}

/**
 * What the network says of a long photo, seen piece by piece; the pieces overlap, and fade into each other. `run(L)`
 * gives maps by name for a plane whose sides are multiples of 32.
 */
export async function inPieces(run, L) {
    const tall = L.height > L.width, length = tall ? L.height : L.width;
    if (length <= PIECE + OVERLAP) return run(L);
    const sums = {};
    for (let start = 0, stop = 0; stop < length; start += PIECE - OVERLAP) {
        stop = Math.min(start + PIECE, length);
        const part = tall ? { top: start, bottom: stop, left: 0, right: L.width } : { top: 0, bottom: L.height, left: start, right: stop };
        for (const [name, maps] of Object.entries(await run(cut(L, part)))) {
            const scale = (stop - start) / (tall ? maps.height : maps.width);
            sums[name] ??= emptyMaps(maps, tall, length / scale);
            add(sums[name], maps, tall, start / scale, faded((stop - start) / scale, OVERLAP / scale, start > 0, stop < length));
        }
    }
    return sums;
}

function emptyMaps({ height, width, channels }, tall, length) {
    const size = tall ? { height: length, width } : { height, width: length };
    return { data: new Float32Array(size.height * size.width * channels), ...size, channels };
}

/** Add a piece's maps to the sums of all; the weights of two that overlap sum to 1. */
function add(sums, maps, tall, start, weights) {
    const { height, width, channels } = maps;
    for (let y = 0, from = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
            const weight = weights[tall ? y : x];
            let to = ((tall ? y + start : y) * sums.width + (tall ? x : x + start)) * channels;
            for (let c = 0; c < channels; c++) sums.data[to++] += weight * maps.data[from++];
        }
}

/** A piece's weights: 1, rising and falling where another piece overlaps it. */
function faded(length, overlap, atStart, atEnd) {
    return new Float32Array(length).map((_, i) => {
        const rising = atStart ? (i + 0.5) / overlap : 1, falling = atEnd ? (length - i - 0.5) / overlap : 1;
        return Math.min(rising, 1) * Math.min(falling, 1);
    });
}
