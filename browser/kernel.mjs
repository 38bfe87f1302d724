// Writes src/kernel.js, the bytes of src/kernel.wat: node kernel.mjs. A test checks that they are its bytes.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

const path = (name) => fileURLToPath(new URL(`src/${name}`, import.meta.url));

/** The bytes of kernel.wat, in base 64. */
export async function compiled() {
    const module = (await wabt()).parseWat("kernel.wat", readFileSync(path("kernel.wat"), "utf8"), { simd: true });
    return Buffer.from(module.toBinary({}).buffer).toString("base64");
}

if (process.argv[1] === fileURLToPath(import.meta.url))
    writeFileSync(path("kernel.js"), `// kernel.wat as bytes, written by kernel.mjs.\nexport const KERNEL =\n    "${await compiled()}";\n`);
