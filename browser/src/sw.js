// Keeps the page for use without internet. The network's own files are kept by network.js, which checks them.

const VERSION = "__VERSION__", FILES = __FILES__;
const CACHE = `colorlib-page-${VERSION}`;

self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
    const old = (name) => name.startsWith("colorlib-page-") && name !== CACHE;
    event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
    const kept = caches.open(CACHE).then((cache) => cache.match(request, { ignoreSearch: request.mode === "navigate" }));
    event.respondWith(kept.then((answer) => answer ?? fetch(request)));
});
