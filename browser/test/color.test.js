// Colors outside sRGB become grayer, never lighter or darker.

import assert from "node:assert/strict";
import { test } from "node:test";

import { labToRgb, lightness, rgbToLab } from "../src/color.js";
import { compiled } from "../kernel.mjs";
import { smoothed } from "../src/hints.js";
import { KERNEL } from "../src/kernel.js";
import { boxMean } from "../src/inference.js";
import { BICUBIC, BILINEAR, BOX, enlarger, resized } from "../src/resample.js";

test("known colors", () => {
    const close = (ours, theirs) => ours.forEach((value, i) => assert.ok(Math.abs(value - theirs[i]) < 0.02, `${ours} ${theirs}`));
    close(rgbToLab(255, 255, 255), [100, 0, 0]);
    close(rgbToLab(255, 0, 0), [53.24, 80.09, 67.2]);
    close(rgbToLab(0, 0, 255), [32.3, 79.19, -107.86]);
    close(rgbToLab(0, 0, 0), [0, 0, 0]);
});

test("every color comes back as it was", () => {
    for (let i = 0; i < 4096; i++) {
        const color = [(i & 15) * 17, ((i >> 4) & 15) * 17, ((i >> 8) & 15) * 17];
        labToRgb(...rgbToLab(...color)).forEach((value, c) => assert.ok(Math.abs(value - color[c]) <= 1, `${color}`));
    }
});

test("what sRGB cannot show keeps its lightness", () => {
    for (const [a, b] of [[150, -170], [-128, 128], [0, -128], [128, 0]])
        for (let L = 1; L <= 100; L++) {
            const back = lightness(Uint8Array.of(...labToRgb(L, a, b), 255))[0];
            assert.ok(Math.abs(back - L) < 0.5, `L ${L} came back as ${back}`);
        }
});

test("resizing keeps a plane that is the same everywhere, and box means are means", () => {
    const plane = { data: new Float32Array(35).fill(7), height: 5, width: 7 };
    for (const filter of [BOX, BILINEAR, BICUBIC])
        for (const size of [[3, 2], [11, 20]]) assert.ok(resized(plane, ...size, filter).data.every((value) => Math.abs(value - 7) < 1e-5));
    const ramp = { data: Float32Array.from({ length: 12 }, (_, i) => i), height: 3, width: 4 };
    const row = enlarger(ramp, 9, 12), whole = resized(ramp, 9, 12, BILINEAR);
    for (let y = 0; y < 9; y++) row(y, new Float32Array(12)).forEach((value, x) => assert.ok(Math.abs(value - whole.data[12 * y + x]) < 1e-5));
    assert.ok(Math.abs(boxMean(ramp, 3).data[5] - 5) < 1e-5);
});

test("the kernel is what its source says", async () => assert.equal(KERNEL, await compiled()));

test("smoothing averages what is alike, and keeps apart what is not", () => {
    const size = { height: 2, width: 3 }, features = { ...size, channels: 3, data: Float32Array.from({ length: 18 }, (_, i) => Number(i % 3 === (i < 9 ? 0 : 1))) };
    const maps = { ...size, channels: 5, data: Float32Array.from({ length: 30 }, (_, i) => (i % 5 === 4 ? (i < 15 ? 1 : 3) + (i % 3) / 10 : 0)) };
    const out = smoothed(maps, features, 0.05, 100);
    const rows = [0, 1].map((y) => [0, 1, 2].map((x) => maps.data[(3 * y + x) * 5 + 4]).reduce((a, b) => a + b) / 3);
    for (let i = 0; i < 6; i++) assert.ok(Math.abs(out.data[5 * i + 4] - rows[i < 3 ? 0 : 1]) < 1e-4);
});
