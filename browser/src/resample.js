// Planes of numbers at another size, as Pillow resizes images of mode "F".

export const BOX = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };
export const BILINEAR = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
export const BICUBIC = {
    support: 2,
    weight(x) {
        const d = Math.abs(x);
        if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
        return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    },
};

/** For each of `outSize` outputs the first input that counts, and the weights of it and those after it. */
export function coefficients(inSize, outSize, filter) {
    const scale = inSize / outSize, stretch = Math.max(scale, 1);
    return Array.from({ length: outSize }, (_, i) => {
        const center = (i + 0.5) * scale;
        const first = Math.max(0, Math.trunc(center - filter.support * stretch + 0.5));
        const end = Math.min(inSize, Math.trunc(center + filter.support * stretch + 0.5));
        const weights = new Float64Array(end - first).map((_, k) => filter.weight((first + k - center + 0.5) / stretch));
        const sum = weights.reduce((a, b) => a + b, 0);
        return { first, weights: weights.map((weight) => weight / sum) };
    });
}

/**
 * A plane resized to `outHeight` x `outWidth`, Float32Array. Its rows are asked for one after the other: `row(y)` is a
 * Float32Array of `width` numbers, so that a large photo's L need not exist as a plane. `between` may change the columns
 * of the plane that is narrow already, `height` x `outWidth`, in place.
 */
export function resizedRows(row, height, width, outHeight, outWidth, filter, between = () => {}) {
    const across = coefficients(width, outWidth, filter), down = coefficients(height, outHeight, filter);
    const narrow = new Float32Array(height * outWidth);
    for (let y = 0; y < height; y++) {
        const values = row(y);
        for (let x = 0; x < outWidth; x++) {
            const { first, weights } = across[x];
            let sum = 0;
            for (let k = 0; k < weights.length; k++) sum += weights[k] * values[first + k];
            narrow[y * outWidth + x] = sum;
        }
    }
    between(narrow);
    const out = new Float32Array(outHeight * outWidth);
    for (let y = 0; y < outHeight; y++) {
        const { first, weights } = down[y];
        for (let x = 0; x < outWidth; x++) {
            let sum = 0;
            for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[(first + k) * outWidth + x];
            out[y * outWidth + x] = sum;
        }
    }
    return out;
}

/** A plane `{ data, height, width }` resized to a new one. */
export function resized({ data, height, width }, outHeight, outWidth, filter) {
    const row = (y) => data.subarray(y * width, (y + 1) * width);
    return { data: resizedRows(row, height, width, outHeight, outWidth, filter), height: outHeight, width: outWidth };
}

/** A function `row(y, out)` that writes row y of a plane enlarged to `height` x `width`, bilinear, into a Float32Array. */
export function enlarger(plane, height, width) {
    const across = coefficients(plane.width, width, BILINEAR), down = coefficients(plane.height, height, BILINEAR);
    const taps = Math.max(...across.map(({ weights }) => weights.length));
    const firsts = Int32Array.from(across, ({ first }) => first), shares = new Float32Array(width * taps);
    across.forEach(({ weights }, x) => shares.set(weights, x * taps));
    const narrow = new Float32Array(plane.width + taps); // what lies beyond the plane has no weight
    return (y, out) => {
        const { first, weights } = down[y];
        narrow.fill(0);
        for (let k = 0; k < weights.length; k++)
            for (let x = 0, at = (first + k) * plane.width; x < plane.width; x++)
                narrow[x] += weights[k] * plane.data[at + x];
        for (let x = 0, at = 0; x < width; x++) {
            let sum = 0;
            for (let k = 0; k < taps; k++, at++) sum += shares[at] * narrow[firsts[x] + k];
            out[x] = sum;
        }
        return out;
    };
}
