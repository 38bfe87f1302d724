// What the bytes of image files say: their kind, their size, their metadata; and metadata written into new files.

/** Why a photo cannot be used: `code` is a sentence in words.js, `values` are filled into it. */
export class PhotoError extends Error {
    constructor(code, values = {}) {
        super(code);
        Object.assign(this, { code, values });
    }
}

const ORIENTATION = 0x112, DESCRIPTION = 0x10e;
const MOST_EXIF = 65000; // a JPEG segment holds no more

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const ascii = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end));

/** "jpeg", "png", "webp", "gif", "bmp", "avif", "heic", "tiff", or null for what is no photo. */
export function kindOf(bytes) {
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpeg";
    if (ascii(bytes, 1, 4) === "PNG") return "png";
    if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "webp";
    if (ascii(bytes, 0, 3) === "GIF") return "gif";
    if (ascii(bytes, 0, 2) === "BM") return "bmp";
    if (["II*\0", "MM\0*"].includes(ascii(bytes, 0, 4))) return "tiff";
    if (ascii(bytes, 4, 8) === "ftyp") return ascii(bytes, 8, 11) === "avi" ? "avif" : "heic";
    return null;
}

/** [width, height] as the file's header claims, or null where this cannot be read. */
export function claimedSize(bytes, kind) {
    try {
        const data = view(bytes);
        if (kind === "png") return [data.getUint32(16), data.getUint32(20)];
        if (kind === "gif") return [data.getUint16(6, true), data.getUint16(8, true)];
        if (kind === "bmp") return [Math.abs(data.getInt32(18, true)), Math.abs(data.getInt32(22, true))];
        if (kind === "webp") return webpSize(bytes, data);
        if (kind === "jpeg") {
            for (const { marker, start } of jpegSegments(bytes))
                if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
                    return [data.getUint16(start + 3), data.getUint16(start + 1)];
        }
    } catch {
        // a header that ends too soon says nothing
    }
    return null;
}

function webpSize(bytes, data) {
    const chunk = ascii(bytes, 12, 16);
    if (chunk === "VP8X") return [24, 27].map((at) => 1 + (data.getUint32(at, true) & 0xffffff));
    if (chunk === "VP8 ") return [26, 28].map((at) => data.getUint16(at, true) & 0x3fff);
    const bits = data.getUint32(21, true);
    return [1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff)];
}

/** The segments of a JPEG file before its pixels: their marker, and where their content starts and ends. */
export function* jpegSegments(bytes) {
    const data = view(bytes);
    for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
        const marker = bytes[at + 1];
        if (marker === 0xff) {
            at++;
            continue;
        }
        const end = at + 2 + data.getUint16(at + 2);
        yield { marker, at, start: at + 4, end };
        if (marker === 0xda) return;
        at = end;
    }
}

function* pngChunks(bytes) {
    const data = view(bytes);
    for (let at = 8; at + 12 <= bytes.length; at += 12 + data.getUint32(at))
        yield { type: ascii(bytes, at + 4, at + 8), start: at + 8, end: at + 8 + data.getUint32(at) };
}

/** Whether a JPEG or PNG file ends as it should; true for other kinds, which their decoder judges. */
export function isComplete(bytes, kind) {
    if (kind === "png") return [...pngChunks(bytes)].some(({ type }) => type === "IEND");
    if (kind !== "jpeg") return true;
    const scan = [...jpegSegments(bytes)].find(({ marker }) => marker === 0xda);
    if (!scan) return false;
    for (let at = bytes.indexOf(0xff, scan.end); at >= 0; at = bytes.indexOf(0xff, at + 1))
        if (bytes[at + 1] === 0xd9) return true; // among pixels 0xff is never followed by it
    return false;
}

/** The EXIF block of a file (a TIFF of its own), or null. */
export function exifOf(bytes, kind) {
    try {
        if (kind === "jpeg")
            for (const { marker, start, end } of jpegSegments(bytes))
                if (marker === 0xe1 && ascii(bytes, start, start + 6) === "Exif\0\0") return bytes.slice(start + 6, end);
        if (kind === "png")
            for (const { type, start, end } of pngChunks(bytes)) if (type === "eXIf") return bytes.slice(start, end);
        if (kind === "webp")
            for (let at = 12, data = view(bytes); at + 8 <= bytes.length; at += 8 + ((data.getUint32(at + 4, true) + 1) & ~1))
                if (ascii(bytes, at, at + 4) === "EXIF") {
                    const block = bytes.slice(at + 8, at + 8 + data.getUint32(at + 4, true));
                    return ascii(block, 0, 4) === "Exif" ? block.slice(6) : block;
                }
    } catch {
        // damaged metadata is no reason to refuse a photo
    }
    return null;
}

/** Pixels per inch that a JPEG's or PNG's own header states, or null. */
export function dpiOf(bytes, kind) {
    const data = view(bytes);
    if (kind === "jpeg" && ascii(bytes, 6, 10) === "JFIF" && bytes[13]) {
        const density = data.getUint16(14);
        return Math.round(bytes[13] === 2 ? density * 2.54 : density) || null;
    }
    if (kind === "png")
        for (const { type, start } of pngChunks(bytes))
            if (type === "pHYs" && bytes[start + 8] === 1) return Math.round(data.getUint32(start) * 0.0254) || null;
    return null;
}

/** The photo's EXIF block, or a new one, that says `note` first in its description, and that the photo is upright. */
export function labeledExif(exif, note) {
    try {
        const labeled = relabeled(exif, note);
        if (labeled.length < MOST_EXIF) return labeled;
    } catch {
        // damaged: the note alone, then
    }
    return relabeled(null, note);
}

function relabeled(exif, note) {
    const old = exif ?? Uint8Array.of(0x49, 0x49, 0x2a, 0, 0, 0, 0, 0), data = view(old);
    const little = ascii(old, 0, 2) === "II", first = data.getUint32(4, little), entries = new Map();
    const count = first ? data.getUint16(first, little) : 0;
    for (let i = 0; i < count; i++) {
        const at = first + 2 + 12 * i;
        entries.set(data.getUint16(at, little), old.slice(at, at + 12));
        if (at + 12 > old.length) throw new RangeError("EXIF ends too soon");
    }
    const text = new TextEncoder().encode(`${[note, description(old, entries.get(DESCRIPTION), little)].filter(Boolean).join(" ")}\0`);
    const textAt = old.length + (old.length % 2), ifdAt = textAt + text.length + (text.length % 2);
    const entry = (tag, type, amount, value) => {
        const bytes = new Uint8Array(12), fields = view(bytes);
        fields.setUint16(0, tag, little);
        fields.setUint16(2, type, little);
        fields.setUint32(4, amount, little);
        if (type === 3) fields.setUint16(8, value, little);
        else fields.setUint32(8, value, little);
        entries.set(tag, bytes);
    };
    entry(DESCRIPTION, 2, text.length, textAt);
    entry(ORIENTATION, 3, 1, 1);
    const tags = [...entries.keys()].sort((a, b) => a - b);
    const out = new Uint8Array(ifdAt + 2 + 12 * tags.length + 4), fields = view(out);
    out.set(old);
    out.set(text, textAt);
    fields.setUint32(4, ifdAt, little);
    fields.setUint16(ifdAt, tags.length, little);
    tags.forEach((tag, i) => out.set(entries.get(tag), ifdAt + 2 + 12 * i));
    return out; // the next directory, a thumbnail in black and white, is left out
}

function description(exif, entry, little) {
    if (!entry) return "";
    const data = view(entry), length = data.getUint32(4, little);
    const text = length <= 4 ? entry.subarray(8, 8 + length) : exif.subarray(data.getUint32(8, little)).subarray(0, length);
    return new TextDecoder().decode(text).replace(/\0[^]*$/, "").trim();
}

/** A JPEG or PNG file, as a canvas writes it, with an EXIF block and pixels per inch. */
export function withMetadata(bytes, kind, exif, dpi) {
    return kind === "png" ? pngWith(bytes, exif, dpi) : jpegWith(bytes, exif, dpi);
}

function jpegWith(bytes, exif, dpi) {
    const jfif = ascii(bytes, 6, 10) === "JFIF", at = jfif ? 4 + view(bytes).getUint16(4) : 2;
    const head = bytes.slice(0, at);
    if (jfif && dpi) {
        head[13] = 1; // per inch
        view(head).setUint16(14, dpi);
        view(head).setUint16(16, dpi);
    }
    const length = exif.length + 8;
    const marker = Uint8Array.of(0xff, 0xe1, length >> 8, length & 255, ...new TextEncoder().encode("Exif\0\0"));
    return joined(head, marker, exif, bytes.subarray(at));
}

function pngWith(bytes, exif, dpi) {
    const at = 33, added = [pngChunk("eXIf", exif)]; // after the first chunk, the header
    if (dpi) {
        const content = new Uint8Array(9);
        [0, 4].forEach((at) => view(content).setUint32(at, Math.round(dpi / 0.0254)));
        content[8] = 1; // per meter
        added.push(pngChunk("pHYs", content));
    }
    return joined(bytes.subarray(0, at), ...added, bytes.subarray(at));
}

function pngChunk(type, content) {
    const chunk = new Uint8Array(12 + content.length);
    view(chunk).setUint32(0, content.length);
    chunk.set(new TextEncoder().encode(type), 4);
    chunk.set(content, 8);
    view(chunk).setUint32(8 + content.length, crc(chunk.subarray(4, 8 + content.length)));
    return chunk;
}

function crc(bytes) {
    let sum = ~0;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
}

function joined(...parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        out.set(part, at);
        at += part.length;
    }
    return out;
}
