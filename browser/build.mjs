// Builds the page into dist/: node build.mjs. The network comes from model/, which tools/export_browser.py writes.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const DONE = "dist", OUT = "dist.new", RUNTIME = "node_modules/@litertjs/core";
const STATIC = ["index.html", "style.css", "app.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"];

if (!existsSync("model/manifest.json")) {
    console.error("There is no network in browser/model; write it first: python tools/export_browser.py");
    process.exit(1);
}
rmSync(OUT, { recursive: true, force: true });
mkdirSync(join(OUT, "wasm"), { recursive: true });
const common = { bundle: true, minify: true, target: ["chrome111", "firefox113", "safari16.4"], legalComments: "linked", logLevel: "warning" };
await build({ ...common, entryPoints: ["src/page.js"], format: "esm", outfile: `${OUT}/page.js` });
await build({ ...common, entryPoints: ["src/worker.js"], format: "iife", outfile: `${OUT}/worker.js` });
for (const file of STATIC) cpSync(join("src", file), join(OUT, file));
cpSync("model", join(OUT, "model"), { recursive: true });

const sizes = { version: JSON.parse(readFileSync(`${RUNTIME}/package.json`, "utf8")).version };
for (const name of ["litert_wasm_internal", "litert_wasm_compat_internal"]) {
    for (const ending of ["js", "wasm"]) cpSync(`${RUNTIME}/wasm/${name}.${ending}`, join(OUT, "wasm", `${name}.${ending}`));
    sizes[`${name}.wasm`] = statSync(`${RUNTIME}/wasm/${name}.wasm`).size;
}
writeFileSync(join(OUT, "wasm/sizes.json"), JSON.stringify(sizes));

const notices = ["@litertjs/core", "@litertjs/wasm-utils", "fflate"].map((name) => {
    const { version, license, repository } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
    return `${name} ${version}, ${license}, ${repository?.url ?? repository ?? ""}`;
});
writeFileSync(join(OUT, "licenses.txt"), `This page contains, beside colorlib (MIT):\n${notices.join("\n")}\n`);

const kept = files(OUT).filter((name) => !/\.(wasm|tflite|txt)$/.test(name)); // these two the page keeps itself, checked
const hash = createHash("sha256");
for (const name of kept) hash.update(name).update(readFileSync(join(OUT, name)));
const worker = readFileSync("src/sw.js", "utf8")
    .replace("__VERSION__", hash.digest("hex").slice(0, 12))
    .replace("__FILES__", JSON.stringify(["./", ...kept]));
writeFileSync(join(OUT, "sw.js"), worker);
const built = files(OUT), total = built.reduce((sum, name) => sum + statSync(join(OUT, name)).size, 0);
rmSync(DONE, { recursive: true, force: true });
renameSync(OUT, DONE);
console.log(`browser/${DONE}: ${(total / 1e6).toFixed(1)} MB in ${built.length} files`);

function files(folder) {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
        .sort();
}
