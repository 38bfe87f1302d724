// sRGB <-> CIE Lab (D65, 2 degree observer), and colors fitted into sRGB at constant L: colorlib/color.py in JavaScript.
// L is 0..100, a and b about -110..110. Pixels are RGBA bytes, as canvases have them.

const RGB_TO_XYZ = [
    [0.412453, 0.35758, 0.180423],
    [0.212671, 0.71516, 0.072169],
    [0.019334, 0.119193, 0.950227],
];
const WHITE = [0.95047, 1, 1.08883];
const TO_XYZ = RGB_TO_XYZ.map((row, i) => row.map((value) => value / WHITE[i])); // relative to white
const TO_RGB = inverse(TO_XYZ);
const SLACK = 1e-4; // how far outside 0..1 linear light may lie and still count as inside sRGB
const LIGHTNESSES = 256, HUES = 1024; // cells of the table of the most colorful colors
const STEPS = 1 << 14; // of the table of CIE's f(t), between which it is a straight line

const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => decodeGamma(byte / 255)); // sRGB byte -> linear light
const SRGB = Uint8Array.from({ length: 65536 }, (_, i) => Math.round(255 * encodeGamma(i / 65535))); // and back
const F = Float64Array.from({ length: STEPS + 2 }, (_, i) => cubeRoot(i / STEPS));
export const L_OF_GRAY = Float32Array.from(LINEAR, (light) => 116 * cubeRoot(light) - 16); // of a gray pixel's byte

function decodeGamma(srgb) {
    return srgb > 0.04045 ? ((srgb + 0.055) / 1.055) ** 2.4 : srgb / 12.92;
}

function encodeGamma(linear) {
    return linear > 0.0031308 ? 1.055 * linear ** (1 / 2.4) - 0.055 : linear * 12.92;
}

function cubeRoot(t) {
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}

function cubed(f) {
    return f > 0.2068966 ? f * f * f : (f - 16 / 116) / 7.787;
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]) {
    const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    const adjugate = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ];
    return adjugate.map((row) => row.map((value) => value / det));
}

/** Lab [L, a, b] of an sRGB color of three bytes. */
export function rgbToLab(red, green, blue) {
    const light = [LINEAR[red], LINEAR[green], LINEAR[blue]];
    const [x, y, z] = TO_XYZ.map((row) => cubeRoot(row[0] * light[0] + row[1] * light[1] + row[2] * light[2]));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** L of RGBA pixels, written into `L`, a Float32Array with one number a pixel. */
export function lightness(rgba, L = new Float32Array(rgba.length / 4)) {
    const [r, g, b] = TO_XYZ[1];
    for (let i = 0, at = 0; i < L.length; i++, at += 4) {
        const red = rgba[at], green = rgba[at + 1], blue = rgba[at + 2];
        if (red === green && red === blue) {
            L[i] = L_OF_GRAY[red];
        } else {
            const t = STEPS * (r * LINEAR[red] + g * LINEAR[green] + b * LINEAR[blue]), cell = t | 0;
            L[i] = 116 * (F[cell] + (t - cell) * (F[cell + 1] - F[cell])) - 16;
        }
    }
    return L;
}

const light = new Float64Array(3); // the working place of toLinear: linear red, green and blue

function toLinear(L, a, b) {
    const fy = (L + 16) / 116;
    const x = cubed(fy + a / 500), y = cubed(fy), z = cubed(fy - b / 200);
    light[0] = TO_RGB[0][0] * x + TO_RGB[0][1] * y + TO_RGB[0][2] * z;
    light[1] = TO_RGB[1][0] * x + TO_RGB[1][1] * y + TO_RGB[1][2] * z;
    light[2] = TO_RGB[2][0] * x + TO_RGB[2][1] * y + TO_RGB[2][2] * z;
    return (
        light[0] < -SLACK || light[1] < -SLACK || light[2] < -SLACK ||
        light[0] > 1 + SLACK || light[1] > 1 + SLACK || light[2] > 1 + SLACK
    );
}

let chromas = null;

/** The chroma that sRGB can show all over each cell of lightness and hue. */
function mostChroma() {
    if (chromas) return chromas;
    const corners = new Float64Array((LIGHTNESSES + 1) * HUES);
    for (let hue = 0; hue < HUES; hue++) {
        const angle = (2 * Math.PI * hue) / HUES, cos = Math.cos(angle), sin = Math.sin(angle);
        for (let row = 0; row <= LIGHTNESSES; row++) {
            let low = 0, high = 200; // beyond every color of sRGB, 134 at most
            for (let step = 0; step < 16; step++) {
                const middle = (low + high) / 2;
                if (toLinear((100 * row) / LIGHTNESSES, cos * middle, sin * middle)) high = middle;
                else low = middle;
            }
            corners[row * HUES + hue] = low;
        }
    }
    const at = (row, hue) => corners[row * HUES + (hue % HUES)];
    chromas = new Float32Array(LIGHTNESSES * HUES);
    for (let row = 0; row < LIGHTNESSES; row++)
        for (let hue = 0; hue < HUES; hue++)
            chromas[row * HUES + hue] = Math.min(
                at(row, hue), at(row, hue + 1), at(row + 1, hue), at(row + 1, hue + 1),
            );
    return chromas;
}

/** How much a and b are scaled down so that sRGB can show the color, 1 where it can. */
export function fit(L, a, b) {
    if (!toLinear(L, a, b)) return 1;
    const row = Math.min((L * LIGHTNESSES) / 100, LIGHTNESSES - 1) | 0;
    const hue = Math.floor((Math.atan2(b, a) * HUES) / (2 * Math.PI));
    return mostChroma()[row * HUES + ((hue % HUES) + HUES) % HUES] / Math.hypot(a, b);
}

function byte(linear) {
    return SRGB[linear <= 0 ? 0 : linear >= 1 ? 65535 : (linear * 65535 + 0.5) | 0];
}

/** Write the sRGB color of L, a, b into RGBA pixels; a color that sRGB cannot show becomes grayer, not lighter. */
export function putColor(rgba, at, L, a, b) {
    if (toLinear(L, a, b)) {
        const scale = fit(L, a, b);
        toLinear(L, a * scale, b * scale);
    }
    rgba[at] = byte(light[0]);
    rgba[at + 1] = byte(light[1]);
    rgba[at + 2] = byte(light[2]);
    rgba[at + 3] = 255;
}

/** The sRGB color of L, a, b as three bytes. */
export function labToRgb(L, a, b) {
    const rgba = new Uint8Array(4);
    putColor(rgba, 0, L, a, b);
    return [...rgba.subarray(0, 3)];
}
