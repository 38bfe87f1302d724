// The network in the browser: fetched with progress, checked, kept for offline use, run on one thread.

import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { PhotoError } from "./files.js";

const CACHE = "colorlib-network"; // its entries carry the SHA-256 or the version in their address
const RELAXED_SIMD = Uint8Array.of(
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253,
    128, 2, 11,
); // the smallest program with such an instruction: LiteRT has a build for processors that know it, and one for others

export class Network {
    /** The network that a page at the address `base` serves; `report(done, total)` hears how many bytes have come. */
    static async load(base, report = () => {}) {
        const manifest = await (await fetched(new URL("model/manifest.json", base), "no-cache")).json();
        const runtime = WebAssembly.validate(RELAXED_SIMD) ? "litert_wasm_internal" : "litert_wasm_compat_internal";
        const sizes = await (await fetched(new URL("wasm/sizes.json", base))).json();
        const parts = [0, 0], total = manifest.bytes + sizes[`${runtime}.wasm`];
        const hear = (i) => (bytes) => {
            parts[i] = bytes;
            report(Math.min(parts[0] + parts[1], total), total);
        };
        const [model, wasm] = await Promise.all([
            bytesOf(new URL(`model/${manifest.file}?${manifest.sha256}`, base), hear(0)),
            bytesOf(new URL(`wasm/${runtime}.wasm?${sizes.version}`, base), hear(1)),
        ]);
        await check(model, manifest.sha256);
        self.Module = { wasmBinary: wasm }; // LiteRT's loader takes it from here instead of fetching it once more
        await loadLiteRt(new URL(`wasm/${runtime}.js`, base).href);
        return new Network(manifest, model);
    }

    constructor(manifest, bytes) {
        this.manifest = manifest;
        this.bytes = bytes.byteLength % 4 ? bytes.slice(0, bytes.byteLength & ~3) : bytes;
        this.compiled = null;
        this.size = "";
    }

    /** The outputs for a padded L: maps by the names of the manifest. */
    async run({ data, height, width }) {
        await this.compileFor(height, width);
        const input = new Tensor(data, [1, height, width, 1]);
        const outputs = await this.compiled.run([input]);
        input.delete();
        const maps = {};
        for (const [i, name] of this.manifest.outputs.entries()) {
            const values = outputs[i].toTypedArray().slice(), scale = 2 ** this.manifest.doublings;
            const places = [height / scale, width / scale];
            maps[name] = { data: values, height: places[0], width: places[1], channels: values.length / (places[0] * places[1]) };
            outputs[i].delete();
        }
        return maps;
    }

    /** Compile the network for this size, which is written into its file: see tools/export_browser.py. */
    async compileFor(height, width) {
        if (this.size === `${height}x${width}`) return;
        this.compiled?.delete();
        this.size = "";
        const words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength / 4);
        for (const [side, length] of [["height", height], ["width", width]])
            for (const [fraction, offsets] of Object.entries(this.manifest.sizes[side]))
                for (const offset of offsets) words[offset] = length / Number(fraction);
        this.compiled = await loadAndCompile(this.bytes, { accelerator: "wasm" });
        this.size = `${height}x${width}`;
    }
}

async function fetched(url, cache = "default") {
    let answer;
    try {
        answer = await fetch(url, { cache });
    } catch {
        throw new PhotoError("offline");
    }
    if (!answer.ok) throw new PhotoError("no_network", { status: answer.status });
    return answer;
}

/** The bytes at an address, from the cache where they are kept, else fetched with progress and kept. */
async function bytesOf(url, report) {
    const cache = await self.caches?.open(CACHE).catch(() => null);
    const kept = await cache?.match(url);
    if (kept) {
        const bytes = new Uint8Array(await kept.arrayBuffer());
        report(bytes.length);
        return bytes;
    }
    const parts = [];
    let length = 0;
    for (const reader = (await fetched(url)).body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        report((length += value.length));
    }
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    await keep(cache, url, bytes);
    return bytes;
}

async function keep(cache, url, bytes) {
    try {
        const old = (await cache.keys()).filter((request) => new URL(request.url).pathname === url.pathname);
        await Promise.all(old.map((request) => cache.delete(request)));
        await cache.put(url, new Response(bytes, { headers: { "Content-Type": "application/octet-stream" } }));
    } catch {
        // no room, or a private window: it works without, but not offline
    }
}

async function check(bytes, sha256) {
    if (!self.crypto?.subtle) return; // only pages at https or on this computer can do it
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex === sha256) return;
    await self.caches?.delete(CACHE);
    throw new PhotoError("damaged_network");
}
