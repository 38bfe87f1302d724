"""A film frame by frame, with a running mean, along the motion, and with key frames on both sides.

*Steady?* Clips made of sample photos, over which a camera moves, with grain, and with a cut: their true colors are
known. Flicker is `metrics.flicker` (less is steadier), CDC `metrics.cdc`, PSNR that against the true colors.
Wanted: flicker at most a fifth of frame by frame, PSNR at most .1 dB lower.
*Running mean* is `.85 state + .15 ab`; *along the
motion* is `flow.Steady` with every frame a key frame and no look-ahead; *both sides* adds the look-ahead; *key frames*
is what `colorlib film` does. *How fast?* `color_film` on 96 gray frames with grain, everything from reading to
the joined file: CPU seconds of all threads divided by frames, and the frames a second that 2 cores have time for at
that cost. Wanted: 12 at 720p. *Memory* is the process's peak while it colors a film of so many frames.
"""

import tempfile
from pathlib import Path

import cv2
import numpy as np
from measure import alternated, cost, table

import colorlib
from colorlib import flow, metrics
from colorlib.color import gray_of, lab_to_rgb, rgb_to_lab

HEIGHT, WIDTH, SIZE, GRAIN = 192, 256, 128, 5
SIZES = {"480p": (480, 640), "720p": (720, 1280)}
MEAN = 0.85


def pan(photo, frames, height, width, step=1.5):
    """Frames `(height, width, 3) uint8` of a camera that moves over a photo and closer."""
    for i in range(frames):
        scale = (1.3 + 0.004 * i) * max(height / photo.shape[0], width / photo.shape[1])
        move = np.float32([[scale, 0, -step * i], [0, scale, -0.3 * step * i]])
        yield cv2.warpAffine(photo, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def grainy(L, rng):
    grain = cv2.GaussianBlur(rng.normal(0, 2 * GRAIN, L.shape), (0, 0), 0.7)
    return np.clip(L + grain, 0, 100).astype(np.float32)


def steadiness(count=24):
    """A row for each way: its name, flicker, CDC and PSNR."""
    photos, rng = colorlib.sample_photos(), np.random.default_rng(0)
    truth = [f for name in ("china", "coffee", "astronaut") for f in pan(photos[name], count, HEIGHT, WIDTH)]
    labs = [rgb_to_lab(frame) for frame in truth]
    Ls = [grainy(lab[..., 0], rng) for lab in labs]
    colorizer = colorlib.Colorizer(size=SIZE)
    alone = [cv2.resize(colorizer.ab_of(colorizer.answer(L)), (WIDTH, HEIGHT)) for L in Ls]
    ways = {"the truth": [lab[..., 1:] for lab in labs], "frame by frame": alone, "running mean": mean_of(alone)}
    for name, every, look_ahead in (
        ("along the motion", 1, False),
        ("both sides", 1, True),
        ("key frames", flow.EVERY, True),
    ):
        ways[name] = steady_of(Ls, alone, every, look_ahead)
    rows = []
    for name, colors in ways.items():
        frames = [lab_to_rgb(np.dstack([lab[..., 0], ab])) for lab, ab in zip(labs, colors)]
        psnr = np.mean([metrics.psnr(a, b) for a, b in zip(truth, frames)])
        rows.append((name, metrics.flicker(frames), metrics.cdc(frames), float(psnr)))
    return rows


def mean_of(alone):
    state, means = alone[0], []
    for ab in alone:
        state = MEAN * state + (1 - MEAN) * ab
        means.append(state)
    return means


def steady_of(Ls, alone, every, look_ahead):
    answers = {L.tobytes(): ab for L, ab in zip(Ls, alone)}
    steady = flow.Steady(lambda L: answers[L.tobytes()], (SIZE // 2, SIZE * WIDTH // HEIGHT // 2), every, look_ahead)
    return [cv2.resize(ab, (WIDTH, HEIGHT)) for _, ab in steady((None, L, i == 0) for i, L in enumerate(Ls))]


def write(path, frames):
    import av

    with av.open(str(path), "w") as container:
        stream = None
        for pixels in frames:
            if stream is None:
                stream = container.add_stream("libx264", rate=24)
                stream.height, stream.width, stream.pix_fmt = *pixels.shape, "yuv420p"
                stream.codec_context.options = {"preset": "veryfast"}
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="gray")))
        container.mux(stream.encode(None))


def gray_film(path, height, width, frames):
    rng = np.random.default_rng(0)
    grain = [rng.normal(0, 6, (height, width)).astype(np.float32) for _ in range(4)]
    photo = colorlib.sample_photos()["china"]
    pans = enumerate(pan(photo, frames, height, width))
    write(path, (np.clip(gray_of(f) + grain[i % 4], 0, 255).astype(np.uint8) for i, f in pans))


def colored(height, width, frames=96):
    """The Cost of a film, after a first short one that is not counted, and its numbers of frames and key frames."""
    from colorlib.video import color_film

    with tempfile.TemporaryDirectory() as folder:
        source, colorizer = Path(folder, "gray.mp4"), colorlib.Colorizer()
        gray_film(source, height, width, frames)
        color_film(source, Path(folder, "warm.mp4"), colorizer, seconds=0.3)
        spent, outcome = cost(color_film, source, Path(folder, "colored.mp4"), colorizer)
        return spent, outcome.frames, outcome.key_frames


if __name__ == "__main__":
    rows = alternated({"steadiness": (steadiness,)}, 1)["steadiness"][0]
    alone = rows[1][1]
    table(
        ["way", "flicker", "of frame by frame", "CDC", "PSNR"],
        [(name, flicker, flicker / alone, f"{cdc:.4f}", f"{psnr:.2f}") for name, flicker, cdc, psnr in rows],
    )
    lines = []
    for name, size in SIZES.items():
        spent, frames, keys = alternated({name: (colored, *size)}, 1)[name][0]
        cpu = spent.cpu / frames
        lines.append((name, keys / frames, 1000 * cpu, 2 / cpu, frames / spent.wall, spent.peak))
    table(["film", "key frames, share", "CPU ms a frame", "frames a second, 2 cores", "measured", "peak MB"], lines)
    lengths = (240, 720)
    runs = [alternated({str(n): (colored, 120, 160, n)}, 1)[str(n)][0] for n in lengths]
    memory = [(n, spent.peak, spent.peak - spent.before) for n, (spent, *_) in zip(lengths, runs)]
    table(["frames of 120p", "peak MB", "added MB"], memory)
