// A visible label on a saved photo: a line of text below it, or the photo in black and white beside it.

/** A canvas with the colored photo and its label: "strip" or "beside"; `words` are what is written. */
export function labeled(colored, original, kind, words) {
    const { width, height } = colored, side = Math.max(width, height);
    const size = Math.max(11, Math.round(Math.min(side / 45, width / 24))), strip = Math.round(size * 2.4);
    const beside = kind === "beside", tall = beside && width > height * 1.2;
    const gap = beside ? Math.max(4, Math.round(side / 150)) : 0;
    const across = beside && !tall ? 2 * width + gap : width, down = (beside && tall ? 2 * height + gap : height) + strip;
    const canvas = new OffscreenCanvas(across, down), pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "white";
    pen.fillRect(0, 0, across, down);
    if (beside) pen.drawImage(original, 0, 0, width, height);
    pen.drawImage(colored, beside && !tall ? width + gap : 0, beside && tall ? height + gap : 0);
    pen.fillStyle = "#333";
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    let font = size;
    do pen.font = `${font}px sans-serif`;
    while (pen.measureText(words).width > across * 0.94 && --font > 5);
    pen.fillText(words, across / 2, down - strip / 2);
    return canvas;
}
