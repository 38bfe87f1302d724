// Files: kinds, sizes, damage, metadata kept and the note written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { unzipSync } from "fflate";

import { claimedSize, dpiOf, exifOf, isComplete, kindOf, labeledExif, withMetadata } from "../src/files.js";
import { languages, preferred, setLanguage, t } from "../src/words.js";
import { zipped } from "../src/zip.js";

// A JPEG of 16 x 8 as a canvas might write it: JFIF, a frame header, a scan, its end.
const JFIF = [0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
const FRAME = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0];
const SCAN = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xff, 0];
const JPEG = Uint8Array.of(0xff, 0xd8, ...JFIF, ...FRAME, ...SCAN, 0xff, 0xd9);
const PNG = Uint8Array.from(Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC", "base64"));

/** An EXIF block with a maker, an orientation of 6, a description. */
function exif(little) {
    const bytes = new Uint8Array(80), data = new DataView(bytes.buffer);
    bytes.set(little ? [0x49, 0x49, 0x2a, 0] : [0x4d, 0x4d, 0, 0x2a]);
    data.setUint32(4, 8, little);
    data.setUint16(8, 3, little);
    const entry = (at, tag, type, count, value) => {
        data.setUint16(at, tag, little);
        data.setUint16(at + 2, type, little);
        data.setUint32(at + 4, count, little);
        type === 3 ? data.setUint16(at + 8, value, little) : data.setUint32(at + 8, value, little);
    };
    entry(10, 0x10e, 2, 8, 60);
    entry(22, 0x10f, 2, 6, 70);
    entry(34, 0x112, 3, 1, 6);
    bytes.set(Buffer.from("Grandma\0"), 60);
    bytes.set(Buffer.from("Kodak\0"), 70);
    return bytes;
}

/** The entries of an EXIF block: tag -> a number, or a text. */
function entries(block) {
    const data = new DataView(block.buffer, block.byteOffset, block.byteLength), little = block[0] === 0x49, found = {};
    const at = data.getUint32(4, little), count = data.getUint16(at, little);
    for (let i = 0, entry = at + 2; i < count; i++, entry += 12) {
        const text = data.getUint16(entry + 2, little) === 2, length = data.getUint32(entry + 4, little);
        const start = length > 4 ? data.getUint32(entry + 8, little) : entry + 8;
        found[data.getUint16(entry, little)] = text ? Buffer.from(block.slice(start, start + length - 1)).toString() : data.getUint16(entry + 8, little);
    }
    return found;
}

test("kinds and sizes", () => {
    assert.equal(kindOf(JPEG), "jpeg");
    assert.equal(kindOf(PNG), "png");
    assert.equal(kindOf(Buffer.from("hello, this is a text")), null);
    assert.equal(kindOf(new Uint8Array()), null);
    assert.deepEqual(claimedSize(JPEG, "jpeg"), [16, 8]);
    assert.deepEqual(claimedSize(PNG, "png"), [2, 1]);
    assert.equal(claimedSize(JPEG.subarray(0, 25), "jpeg"), null);
});

test("files that end too soon", () => {
    assert.ok(isComplete(JPEG, "jpeg") && isComplete(PNG, "png"));
    assert.ok(!isComplete(JPEG.subarray(0, -2), "jpeg"));
    assert.ok(!isComplete(PNG.subarray(0, -12), "png"));
    assert.ok(!isComplete(JPEG.subarray(0, 30), "jpeg"));
});

for (const little of [true, false])
    test(`metadata stays, upright, with the note first (${little ? "little" : "big"} endian)`, () => {
        const found = entries(labeledExif(exif(little), "A note."));
        assert.equal(found[0x10e], "A note. Grandma");
        assert.equal(found[0x10f], "Kodak");
        assert.equal(found[0x112], 1);
    });

test("without metadata, or with damaged or oversized metadata, the note alone is written", () => {
    for (const block of [null, Uint8Array.of(0x49, 0x49, 0x2a, 0, 255, 255, 255, 255), exif(true).subarray(0, 20), new Uint8Array(70000)]) {
        const found = entries(labeledExif(block, "A note."));
        assert.equal(found[0x10e], "A note.");
        assert.equal(found[0x112], 1);
    }
});

test("JPEG and PNG carry it, with their pixels per inch", () => {
    for (const [bytes, kind] of [[JPEG, "jpeg"], [PNG, "png"]]) {
        const saved = withMetadata(bytes, kind, labeledExif(exif(true), "A note."), 300);
        assert.equal(kindOf(saved), kind);
        assert.ok(isComplete(saved, kind));
        assert.deepEqual(claimedSize(saved, kind), claimedSize(bytes, kind));
        assert.equal(dpiOf(saved, kind), 300);
        assert.equal(entries(exifOf(saved, kind))[0x10f], "Kodak");
    }
});

test("a zip holds every file as it is", () => {
    const files = [{ name: "a.jpg", bytes: JPEG }, { name: "Großmutter.png", bytes: PNG }];
    const found = unzipSync(zipped(files));
    assert.deepEqual(Object.keys(found), ["a.jpg", "Großmutter.png"]);
    assert.deepEqual(found["Großmutter.png"], PNG);
});

test("both languages say everything, with the same gaps to fill", () => {
    const gaps = (sentence) => [...sentence.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();
    assert.deepEqual(Object.keys(languages.de), Object.keys(languages.en));
    for (const key of Object.keys(languages.en)) assert.deepEqual(gaps(languages.de[key]), gaps(languages.en[key]), key);
    assert.equal(preferred(null, ["fr", "de-AT"]), "de");
    assert.equal(preferred("en", ["de"]), "en");
    setLanguage("de");
    assert.equal(t("colored", { name: "Opa.jpg" }), "Opa.jpg ist in Farbe.");
    setLanguage("en");
});
