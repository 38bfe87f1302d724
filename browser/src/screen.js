// The dots of a printed photo: found by their period, and averaged over their area for the network's eyes.
// screen_period and descreened of colorlib/preparation.py in JavaScript.

const CROP = 512, PERIODS = [2.2, 14], PEAK = 400; // pixels looked at; the dots' period; how far its peak stands out
const LEAST = 64; // pixels of the shorter side, below which no screen is looked for

/** The middle of a photo in which a screen is looked for, { top, left, height, width }; null of a photo too small. */
export function screenCrop(height, width) {
    const [h, w] = [Math.min(height, CROP), Math.min(width, CROP)];
    if (Math.min(h, w) < LEAST) return null;
    return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}

/** The period, in pixels, of the dots in a crop of L; 0 where there are none. */
export function screenPeriod(crop) {
    const power = powerOf(crop), frequency = frequencies(crop), count = power.length;
    const inside = (i) => frequency[i] > 1 / PERIODS[1] && frequency[i] < 1 / PERIODS[0];
    let peak = 0, most = 0;
    for (let i = 0; i < count; i++)
        if (power[i] > most && inside(i)) {
            peak = i;
            most = power[i];
        }
    const ring = power.filter((_, i) => inside(i) && Math.abs(frequency[i] - frequency[peak]) < 0.1 * frequency[peak]).sort();
    const usual = (ring[(ring.length - 1) >> 1] + ring[ring.length >> 1]) / 2;
    return most > PEAK * usual + 1e-3 ? 1 / frequency[peak] : 0;
}

/** Across how many pixels L is averaged, twice, so that dots of this period are gone; 0: not at all. */
export function screenSide(period) {
    if (!period) return 0;
    const low = Math.floor(period);
    return Math.max(2, period - low === 0.5 ? low + (low % 2) : Math.round(period));
}

/** Average `count` numbers that lie `step` apart over `side` neighbors, twice, in place. */
export function averageTwice(values, start, step, count, side) {
    const before = side >> 1, own = new Float32Array(count);
    for (let times = 0; times < 2; times++) {
        for (let i = 0; i < count; i++) own[i] = values[start + step * i];
        const at = (i) => own[Math.min(Math.max(i, 0), count - 1)];
        let sum = 0;
        for (let i = -before; i < side - before; i++) sum += at(i);
        for (let i = 0; i < count; i++) {
            values[start + step * i] = sum / side;
            sum += at(i + side - before) - at(i - before);
        }
    }
}

/** How often waves repeat a pixel, in the order of `powerOf`. */
function frequencies({ height, width }) {
    const half = (width >> 1) + 1, out = new Float64Array(height * half);
    for (let y = 0, at = 0; y < height; y++) {
        const down = (y < (height + 1) >> 1 ? y : y - height) / height;
        for (let x = 0; x < half; x++) out[at++] = Math.sqrt(down * down + (x / width) ** 2);
    }
    return out;
}

function hann(side) {
    return new Float64Array(side).map((_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (side - 1)));
}

/** The power of each frequency, rows x (half of the columns + 1), of a crop under a Hann window. */
function powerOf({ data, height, width }) {
    const half = (width >> 1) + 1, mean = data.reduce((sum, L) => sum + L, 0) / data.length;
    const re = new Float64Array(half * height), im = new Float64Array(half * height); // a column after the other
    const across = fourier(width), down = fourier(height), windows = [hann(height), hann(width)];
    const row = new Float64Array(width), none = new Float64Array(width), power = new Float64Array(height * half);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) row[x] = (data[y * width + x] - mean) * windows[0][y] * windows[1][x];
        across(row, none.fill(0));
        for (let x = 0; x < half; x++) {
            re[x * height + y] = row[x];
            im[x * height + y] = none[x];
        }
    }
    for (let x = 0; x < half; x++) {
        const real = re.subarray(x * height, (x + 1) * height), imaginary = im.subarray(x * height, (x + 1) * height);
        down(real, imaginary);
        for (let y = 0; y < height; y++) power[y * half + x] = real[y] * real[y] + imaginary[y] * imaginary[y];
    }
    return power;
}

/** A function that turns real and imaginary parts, `n` each, into their discrete Fourier transform, in place. */
export function fourier(n) {
    if (!(n & (n - 1))) return fourierOfPower(n);
    let m = 1;
    while (m < 2 * n - 1) m *= 2;
    const inner = fourierOfPower(m), turn = (k) => (-Math.PI * ((k * k) % (2 * n))) / n; // Bluestein: as a convolution
    const cos = Float64Array.from({ length: n }, (_, k) => Math.cos(turn(k))), sin = Float64Array.from({ length: n }, (_, k) => Math.sin(turn(k)));
    const chirp = { re: new Float64Array(m), im: new Float64Array(m) };
    for (let k = 0; k < n; k++)
        for (const at of k ? [k, m - k] : [0]) [chirp.re[at], chirp.im[at]] = [cos[k], -sin[k]];
    inner(chirp.re, chirp.im);
    return (re, im) => {
        const a = { re: new Float64Array(m), im: new Float64Array(m) };
        for (let k = 0; k < n; k++) [a.re[k], a.im[k]] = times(re[k], im[k], cos[k], sin[k]);
        inner(a.re, a.im);
        for (let k = 0; k < m; k++) {
            const [real, imaginary] = times(a.re[k], a.im[k], chirp.re[k], chirp.im[k]);
            [a.re[k], a.im[k]] = [real, -imaginary]; // conjugated: forward once more is the way back
        }
        inner(a.re, a.im);
        for (let k = 0; k < n; k++) [re[k], im[k]] = times(a.re[k] / m, -a.im[k] / m, cos[k], sin[k]);
    };
}

function times(a, b, c, d) {
    return [a * c - b * d, a * d + b * c];
}

/** As `fourier`, for n a power of two. */
function fourierOfPower(n) {
    const cos = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
    const sin = Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
    const bits = Math.log2(n), swapped = Uint32Array.from({ length: n }, (_, i) => {
        let out = 0;
        for (let bit = 0; bit < bits; bit++) out |= ((i >> bit) & 1) << (bits - 1 - bit);
        return out;
    });
    return (re, im) => {
        for (let i = 0; i < n; i++) {
            const j = swapped[i];
            if (j <= i) continue;
            const real = re[i], imaginary = im[i];
            re[i] = re[j];
            im[i] = im[j];
            re[j] = real;
            im[j] = imaginary;
        }
        for (let size = 2; size <= n; size *= 2)
            for (let start = 0, half = size / 2, step = n / size; start < n; start += size)
                for (let k = 0; k < half; k++) {
                    const p = start + k, q = p + half, c = cos[k * step], s = sin[k * step];
                    const real = re[q] * c - im[q] * s, imaginary = re[q] * s + im[q] * c;
                    re[q] = re[p] - real;
                    im[q] = im[p] - imaginary;
                    re[p] += real;
                    im[p] += imaginary;
                }
    };
}
