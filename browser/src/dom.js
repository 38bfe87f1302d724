// Small helpers for elements.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** A new element: its properties, attributes (those with a dash or unknown as properties), and children. */
export function element(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name in node && !name.includes("-")) node[name] = value;
        else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
}

/** A drawing in SVG from its source, which holds nothing that users wrote. */
export function svg(source) {
    const node = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
    node.setAttribute("aria-hidden", "true");
    return document.importNode(node, true);
}

/** A canvas with a picture, an ImageBitmap, that it takes over. */
export function canvasOf(bitmap) {
    const canvas = element("canvas", { width: bitmap.width, height: bitmap.height });
    canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
    return canvas;
}

export function hex([red, green, blue]) {
    return `#${[red, green, blue].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Let the browser save bytes under a name. */
export function download(name, bytes, type) {
    const address = URL.createObjectURL(new Blob([bytes], { type }));
    const link = element("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
