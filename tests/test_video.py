"""Films: every kind that people have, made here in a few frames; kept in step, steady, and safe from a kill."""

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

av = pytest.importorskip("av")
cv2 = pytest.importorskip("cv2")

from colorlib import cli, film_hints, film_segments, flow, metrics, scenes, video  # noqa: E402
from colorlib.color import lightness  # noqa: E402
from colorlib.film_files import Film, Frame  # noqa: E402
from colorlib.film_planes import BT601, BT709, Tones  # noqa: E402
from colorlib.photos import PhotoError, save_photo  # noqa: E402

CLASSIFIER = str(Path(__file__).parent / "data" / "classifier.keras")


class Painter:
    """Stands in for a Colorizer: ab from L by a formula, without a network."""

    size, saturation, temperature = 32, 1.0, None
    settings, model = SimpleNamespace(edges=True), SimpleNamespace(name="painter")
    calls = 0

    def answer(self, L):
        self.calls += 1
        return L

    def ab_of(self, L):
        return np.dstack([L - 50, 40 - L / 2]).astype(np.float32)


def pictures(count, height=48, width=64, seed=0):
    """Gray frames `(H, W) uint8` of a texture that moves a pixel a frame."""
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.integers(0, 256, (height, width + count)).astype(np.uint8), (0, 0), 3)
    texture = cv2.normalize(texture, None, 30, 220, cv2.NORM_MINMAX)
    return [texture[:, i : i + width] for i in range(count)]


def write(path, frames, pts=None, time_base=Fraction(1, 25), format="gray", sound=None, stored="yuv420p", **context):
    """Write frames `(H, W)` or `(H, W, 3) uint8` as a film."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(context.pop("codec", "libx264"), rate=context.pop("rate", 25))
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], stored
        stream.codec_context.time_base = time_base
        stream.codec_context.options = context.pop("options", {})
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        audio = sound and container.add_stream(sound, rate=48000)
        for i, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=format)
            frame.pts, frame.time_base = pts[i] if pts else i, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio:
            _write_tone(container, audio, 0.04 * len(frames))
    return path


def _write_tone(container, stream, seconds):
    tone = (8000 * np.sin(np.arange(int(48000 * seconds)) / 20)).astype(np.int16)
    for start in range(0, len(tone), 1024):
        frame = av.AudioFrame.from_ndarray(tone[None, start : start + 1024], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def read(path):
    """The Frames of a film, and the Film."""
    film = Film(path)
    return list(film.frames()), film


def times(path, kind="video"):
    with av.open(str(path)) as container:
        packets = container.demux(getattr(container.streams, kind)[0])
        return sorted(packet.pts * packet.time_base for packet in packets if packet.pts is not None)


def packets(path, kind="audio"):
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(getattr(container.streams, kind)[0]) if p.size]


def in_color(path):
    frames, film = read(path)
    tones = Tones(film.matrix, film.full_range)
    return [tones.rgb(frame) for frame in frames]


def color(source, path, **settings):
    return video.color_film(source, path, Painter(), **{"every": 4} | settings)


def lightness_error(source, result):
    """Mean and 99th percentile of how far L is from the source's."""
    before, after = [[lightness(rgb) for rgb in in_color(path)] for path in (source, result)]
    error = np.abs(np.array(before) - np.array(after)[:, : before[0].shape[0], : before[0].shape[1]])
    return error.mean(), np.percentile(error, 99)


def test_a_film_with_sound_comes_back_in_color_and_in_step(tmp_path):
    source = write(tmp_path / "old.mp4", pictures(20), sound="aac", options={"crf": "5"})
    outcome = color(source, tmp_path / "new.mp4")
    assert (outcome.frames, outcome.scenes, outcome.notes) == (20, 1, [])
    assert 5 <= outcome.key_frames <= 8
    assert times(source) == times(tmp_path / "new.mp4")
    assert times(source, "audio") == times(tmp_path / "new.mp4", "audio")
    assert packets(source) == packets(tmp_path / "new.mp4")
    assert metrics.colorfulness(in_color(source)[5]) < 3 < 15 < metrics.colorfulness(in_color(tmp_path / "new.mp4")[5])
    mean, most = lightness_error(source, tmp_path / "new.mp4")
    assert mean < 1 and most < 4
    assert not list(tmp_path.glob(".*"))
    with av.open(str(tmp_path / "new.mp4")) as container:
        assert "invented" in container.metadata["comment"]


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", [BT601, BT709])
def test_colors_keep_the_lightness(matrix, full_range, rng):
    tones = Tones(matrix, full_range)
    gray = cv2.GaussianBlur(rng.integers(0, 256, (64, 96)).astype(np.uint8), (0, 0), 4)
    gray = cv2.normalize(gray, None, 30, 220, cv2.NORM_MINMAX)
    a, b = (cv2.resize(rng.normal(0, 30, (3, 3)).astype(np.float32), (48, 32)) for _ in range(2))
    Y, U, V = tones.colored(gray, a, b)
    error = np.abs(lightness(tones.rgb(Frame(0, Y, U, V))) - tones.L(gray))
    copied = np.abs(lightness(tones.rgb(Frame(0, gray, U, V))) - tones.L(gray))
    assert error.mean() < 0.3 and np.percentile(error, 99) < 1.2 < copied.mean() + 0.5
    assert copied.mean() > 3 * error.mean()
    assert np.abs(tones.gray(Frame(0, Y, U, V)).astype(int) - gray).mean() < 0.6
    np.testing.assert_array_equal(tones.colored(gray, 0 * a, 0 * b)[0], gray)


def test_times_of_a_variable_rate_stay(tmp_path):
    pts = [0, 1001, 3003, 3500, 9009, 10010, 20020, 21021]
    source = write(tmp_path / "old.mkv", pictures(8), pts, Fraction(1, 30000), rate=Fraction(30000, 1001))
    color(source, tmp_path / "new.mkv")
    assert times(tmp_path / "new.mkv") == times(source)
    source = write(tmp_path / "old.mp4", pictures(8), pts, Fraction(1, 30000), rate=Fraction(30000, 1001))
    color(source, tmp_path / "new.mp4")
    assert times(tmp_path / "new.mp4") == [Fraction(tick, 30000) for tick in pts]


@pytest.mark.parametrize("stored", ["yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuv420p10le", "gray", "gray10le"])
def test_pixel_formats(tmp_path, stored):
    source = write(tmp_path / "old.mkv", pictures(5), stored=stored, options={"crf": "3"})
    color(source, tmp_path / "new.mp4")
    mean, most = lightness_error(source, tmp_path / "new.mp4")
    assert mean < 1.2 and most < 5
    expected = lightness(pictures(5)[2]).mean()
    assert abs(lightness(in_color(tmp_path / "new.mp4")[2]).mean() - expected) < 2


def test_odd_sizes_keep_every_pixel(tmp_path):
    source = write(tmp_path / "old.mkv", pictures(4, 45, 67), codec="ffv1", stored="yuv444p")
    assert color(source, tmp_path / "new.mp4").frames == 4
    frames, film = read(tmp_path / "new.mp4")
    assert film.size == (46, 68)
    assert lightness_error(source, tmp_path / "new.mp4")[0] < 1.2
    np.testing.assert_allclose(frames[0].Y[:, 66].astype(int), frames[0].Y[:, 67], atol=25)


def test_a_turned_film_comes_back_upright(tmp_path):
    path = tmp_path / "old.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90)
        for i, pixels in enumerate(pictures(4)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="gray")
            frame.pts = i
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        expected = np.rot90(first.to_ndarray(format="gray"), round(first.rotation / 90))
    assert first.rotation
    color(path, tmp_path / "new.mp4")
    with av.open(str(tmp_path / "new.mp4")) as container:
        frame = next(container.decode(video=0))
        assert frame.rotation == 0 and (frame.height, frame.width) == (64, 48)
        assert np.corrcoef(frame.to_ndarray(format="gray").ravel(), expected.ravel())[0, 1] > 0.98


def test_interlaced_films_lose_their_combs(tmp_path):
    combed = []
    for even, odd in zip(pictures(12, width=96)[0::2], pictures(12, width=96)[1::2]):
        frame = np.roll(even, 6, axis=1)
        frame[0::2] = odd[0::2]
        combed.append(frame)
    options = {"flags": "+ildct+ilme", "x264-params": "tff=1", "crf": "5"}
    source = write(tmp_path / "old.mkv", combed, options=options)
    with av.open(str(source)) as container:
        assert next(container.decode(video=0)).interlaced_frame
    assert color(source, tmp_path / "new.mp4").frames == 6
    assert times(source) == times(tmp_path / "new.mp4")

    def combs(path):
        with av.open(str(path)) as container:
            Y = next(container.decode(video=0)).to_ndarray(format="gray").astype(int)
        return np.abs(2 * Y[1:-1] - Y[:-2] - Y[2:]).mean()

    assert combs(tmp_path / "new.mp4") < combs(source) / 2


def test_faded_colors_are_replaced(tmp_path):
    yellowed = [np.dstack([f, f * 0.9, f * 0.7]).astype(np.uint8) for f in pictures(5)]
    source = write(tmp_path / "old.mkv", yellowed, format="rgb24", codec="ffv1", stored="yuv444p")
    color(source, tmp_path / "new.mp4")
    assert lightness_error(source, tmp_path / "new.mp4")[0] < 1.2


def test_a_gif_and_a_folder_and_one_frame(tmp_path):
    gif = write(tmp_path / "old.gif", pictures(6), codec="gif", format="gray", stored="gray", rate=10,
                time_base=Fraction(1, 10))  # fmt: skip
    assert color(gif, tmp_path / "gif.mp4").frames == 6
    assert times(tmp_path / "gif.mp4") == times(gif)
    for i, picture in enumerate(pictures(11)):
        save_photo(picture, tmp_path / "frames" / f"frame_{i}.png")
    assert color(tmp_path / "frames", tmp_path / "folder.mp4", fps=12).frames == 11
    assert times(tmp_path / "folder.mp4")[1] == Fraction(1, 12)
    found = [lightness(rgb).mean(axis=0) for rgb in in_color(tmp_path / "folder.mp4")]
    assert all(np.abs(L - lightness(p).mean(axis=0)).mean() < 1.5 for L, p in zip(found, pictures(11)))  # in order
    one = write(tmp_path / "one.mp4", pictures(1))
    assert color(one, tmp_path / "new.mp4").frames == 1
    save_photo(pictures(1)[0][:40], tmp_path / "frames" / "frame_5.png")
    with pytest.raises(PhotoError, match=r"frame_5.png has 64 x 40 pixels; wanted 64 x 48"):
        color(tmp_path / "frames", tmp_path / "sizes.mp4")


def test_a_file_that_is_cut_off_gives_what_it_holds_and_says_so(tmp_path):
    source = write(tmp_path / "old.mkv", pictures(75), options={"g": "5"})
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    outcome = color(source, tmp_path / "new.mp4")
    assert 20 < outcome.frames < 75
    assert any("ends at second" in note for note in outcome.notes)


@pytest.mark.parametrize("count", [1, 2, 7, 257])  # libavformat knows no dts in a segment of 7 frames
def test_no_length_of_a_segment_loses_frames(tmp_path, count):
    source = write(tmp_path / "old.mp4", pictures(count))
    assert color(source, tmp_path / "new.mp4").frames == count
    assert times(source) == times(tmp_path / "new.mp4")


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("text.mp4", b"not a film at all" * 50, "not a film that can be read"),
        ("empty.mp4", b"", "empty"),
        ("photo.png", None, "is a photo"),
        ("missing.mp4", None, "There is no file"),
        ("sound.wav", None, "holds no pictures: only audio"),
    ],
)
def test_what_is_no_film_gets_one_sentence(tmp_path, name, data, words):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    elif name == "photo.png":
        save_photo(pictures(1)[0], path)
    elif name == "sound.wav":
        with av.open(str(path), "w") as container:
            _write_tone(container, container.add_stream("pcm_s16le", rate=48000), 0.1)
    with pytest.raises(PhotoError, match=words):
        color(path, tmp_path / "new.mp4")
    assert not (tmp_path / "new.mp4").exists() and not list(tmp_path.glob(".*"))


def test_settings_and_destinations_are_checked_before_the_work(tmp_path, monkeypatch):
    source = write(tmp_path / "old.mkv", pictures(2), sound="wavpack")
    with pytest.raises(PhotoError, match=r"does not end in \.mp4"):
        color(source, tmp_path / "new.avi")
    with pytest.raises(ValueError, match="would replace the film"):
        color(source, source)
    with pytest.raises(ValueError, match="every is 0; wanted a number from 1 to 100"):
        color(source, tmp_path / "new.mkv", every=0)
    with pytest.raises(PhotoError, match=r"\.mp4 cannot hold this film's sound \(wavpack\)"):
        color(source, tmp_path / "new.mp4")
    with monkeypatch.context() as patch, pytest.raises(PhotoError, match=r"\.mkv .*; wanted sound that it can hold"):
        patch.setattr(film_segments, "_fits", lambda *_: False)
        color(source, tmp_path / "new.mkv")
    with av.logging.Capture() as messages:
        color(source, tmp_path / "new.mkv")
    assert not [text for *_, text in messages if "not used" in text]
    assert packets(source) == packets(tmp_path / "new.mkv")
    with pytest.raises(PhotoError, match="exists already"):
        color(source, tmp_path / "new.mkv")
    with pytest.raises(PhotoError, match="holds no frame from second 50 on"):
        color(source, tmp_path / "late.mkv", start=50)


def test_a_preview_is_a_stretch_of_the_film_with_its_sound(tmp_path):
    source = write(tmp_path / "old.mp4", pictures(50), sound="aac", options={"g": "10"})
    assert color(source, tmp_path / "new.mp4", start=0.4, seconds=0.8).frames == 20
    assert times(tmp_path / "new.mp4") == [Fraction(i, 25) for i in range(20)]
    sound = times(tmp_path / "new.mp4", "audio")
    assert 0 <= sound[0] < 0.03 and 0.75 < sound[-1] < 0.8
    for before, after in zip(in_color(source)[10:30], in_color(tmp_path / "new.mp4")):
        assert np.abs(lightness(before) - lightness(after)).mean() < 1.5


@pytest.fixture
def encoded(monkeypatch):
    """{pts: the bytes of a frame's planes} of the frames given to the encoder."""
    given = {}

    class Watched(film_segments.Encoder):
        def add(self, pts, planes):
            given[pts] = b"".join(np.ascontiguousarray(plane).tobytes() for plane in planes)
            super().add(pts, planes)

    monkeypatch.setattr(video, "Encoder", Watched)
    return given


def test_an_interrupted_film_continues_with_nothing_done_again(tmp_path, monkeypatch, encoded):
    monkeypatch.setattr(video, "SEGMENT", 0.4)  # 10 frames
    source = write(tmp_path / "old.mp4", pictures(45), sound="aac", options={"g": "8"})
    at_once, wanted = color(source, tmp_path / "at_once.mp4"), dict(encoded)
    encoded.clear()

    class Killed(Painter):
        def answer(self, L):
            if self.calls == 8:
                raise KeyboardInterrupt
            return super().answer(L)

    with pytest.raises(KeyboardInterrupt):
        video.color_film(source, tmp_path / "new.mp4", Killed(), every=4)
    assert not (tmp_path / "new.mp4").exists()
    manifest = json.loads((tmp_path / ".new.mp4.part" / "manifest.json").read_text())
    done = sum(entry["frames"] for entry in manifest["segments"])
    assert done in (10, 20, 30)
    again = Painter()
    outcome = video.color_film(source, tmp_path / "new.mp4", again, every=4)
    assert outcome == at_once and 0 < again.calls < outcome.key_frames
    assert len(wanted) == 45 and encoded == wanted  # to the bit; x264's packets may differ from run to run
    assert times(tmp_path / "new.mp4") == times(tmp_path / "at_once.mp4")
    assert packets(tmp_path / "new.mp4") == packets(source)
    assert not list(tmp_path.glob(".*"))


def test_other_settings_begin_again(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "SEGMENT", 0.2)
    source, path = write(tmp_path / "old.mp4", pictures(20)), tmp_path / "new.mp4"
    monkeypatch.setattr(video, "join", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        color(source, path)
    monkeypatch.undo()
    monkeypatch.setattr(video, "SEGMENT", 0.2)
    painter = Painter()
    video.color_film(source, path, painter, every=4)
    assert painter.calls == 0  # all was done but the joining
    monkeypatch.setattr(video, "join", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        color(source, tmp_path / "b.mp4")
    monkeypatch.undo()
    painter = Painter()
    video.color_film(source, tmp_path / "b.mp4", painter, every=5)
    assert painter.calls >= 4


KILLED = """
import sys
sys.path.insert(0, {tests!r})
import test_video
from colorlib import video
video.SEGMENT = 0.4
class Slow(test_video.Painter):
    def answer(self, L):
        if self.calls == 8:
            print("ready", flush=True)
            import time; time.sleep(600)
        return super().answer(L)
video.color_film({source!r}, {path!r}, Slow(), every=4)
"""


def test_a_killed_process_loses_no_finished_segment_and_leaves_no_lock(tmp_path, monkeypatch):
    source, path = write(tmp_path / "old.mp4", pictures(45)), tmp_path / "new.mp4"
    script = KILLED.format(tests=os.path.dirname(__file__), source=str(source), path=str(path))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    with pytest.raises(PhotoError, match="Another run colors a film into"):
        color(source, path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    monkeypatch.setattr(video, "SEGMENT", 0.4)
    painter = Painter()
    outcome = video.color_film(source, path, painter, every=4)
    assert outcome.frames == 45 == len(times(path)) and painter.calls < outcome.key_frames


def test_a_full_disk_gets_a_sentence_and_the_work_stays(tmp_path, monkeypatch):
    source, path = write(tmp_path / "old.mp4", pictures(30)), tmp_path / "new.mp4"
    monkeypatch.setattr(video, "SEGMENT", 0.4)
    whole, count = film_segments.write_whole, iter(range(100))

    def full(data, path):
        if next(count) >= 4:
            raise OSError(28, "No space left on device")
        whole(data, path)

    monkeypatch.setattr(film_segments, "write_whole", full)
    with pytest.raises(PhotoError, match="The disk is full"):
        color(source, path)
    monkeypatch.setattr(film_segments, "write_whole", whole)
    painter = Painter()
    assert video.color_film(source, path, painter, every=4).frames == 30
    assert painter.calls < 8


def cut_film(tmp_path):
    rng = np.random.default_rng(5)
    frames = pictures(12, seed=1) + [f // 3 for f in pictures(12, seed=2)] + pictures(8, seed=3)
    noisy = [np.clip(f + rng.normal(0, 6, f.shape), 0, 255).astype(np.uint8) for f in frames]
    return write(tmp_path / "cut.mp4", noisy, options={"crf": "10"})


def test_cuts_let_no_color_through(tmp_path):
    class ByScene(Painter):
        """Red for dark scenes, green for light ones."""

        def ab_of(self, L):
            return np.dstack([np.full_like(L, 40 if L.mean() < 40 else -40), 0 * L])

    assert video.color_film(cut_film(tmp_path), tmp_path / "new.mp4", ByScene(), every=4).scenes == 3
    a = [metrics.rgb_to_lab(frame)[..., 1] for frame in in_color(tmp_path / "new.mp4")]
    for i in (*range(12), *range(24, 32)):
        assert np.median(a[i]) < -20, i
    for i in range(12, 24):
        assert np.median(a[i]) > 20, i


def test_scenes_are_found_and_drawn(tmp_path):
    source = cut_film(tmp_path)
    found = scenes.save_sheet(source, tmp_path / "sheet.png")
    assert [round(scene.start * 25) for scene in found] == [0, 12, 24]
    assert [round(scene.end * 25) for scene in found] == [12, 24, 32]
    assert all(scene.start <= scene.time < scene.end for scene in found)
    assert (tmp_path / "sheet.png").stat().st_size > 5000


def shot(photo, count=2, step=0.0, zoom=0.0):
    """L `(96, 128) float32` of a camera over a photo: `step` of the width a frame to the right, `zoom` closer."""
    Ls, scale = [], 1.6 * max(96 / photo.shape[0], 128 / photo.shape[1])
    for i in range(count):
        move = np.float32([[scale * (1 + zoom) ** i, 0, -128 * step * i], [0, scale * (1 + zoom) ** i, -10]])
        seen = cv2.warpAffine(photo, move, (128, 96), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
        Ls.append(lightness(seen))
    return Ls


def grainy(L, spread, seed):
    return np.clip(L + np.random.default_rng(seed).normal(0, spread, L.shape), 0, 100).astype(np.float32)


def is_cut(before, after):
    return flow.MotionFinder()(flow.blurred(before), flow.blurred(after)).is_cut


@pytest.mark.parametrize("name", ["china", "coffee", "astronaut"])
def test_fast_motion_grain_and_light_are_no_cuts(samples, name):
    first, second = shot(samples[name], step=0.01)
    pairs = [shot(samples[name], 8, step=step)[i : i + 2] for step in (0.03, 0.06, 0.08) for i in range(7)]
    pairs += [shot(samples[name], zoom=zoom) for zoom in (0.02, 0.05, 0.1)]
    pairs += [(grainy(first, 12, 0), grainy(second, 12, 1)), (grainy(first * 0.1, 2, 0), grainy(second * 0.1, 2, 1))]
    for brighter in (second * 1.2, second + 20, second * 1.4):  # an unsteady lamp, a flash bulb
        pairs += [(first, np.clip(brighter, 0, 100)), (np.clip(brighter, 0, 100), first)]
    pairs += [(first, first * 0.7 + shot(samples["chelsea"])[0] * 0.3), (first, first * 0.7)]  # a dissolve, a fade
    assert not [i for i, pair in enumerate(pairs) if is_cut(*pair)]


@pytest.mark.parametrize("dark", [1, 0.15])
@pytest.mark.parametrize("grain", [0, 1.5])
def test_cuts_are_found_between_alike_and_dark_scenes_too(samples, dark, grain):
    china, coffee, astronaut = (shot(samples[name], step=0.5) for name in ("china", "coffee", "astronaut"))
    pairs = [china, coffee, astronaut, (china[0], coffee[0]), (coffee[0], astronaut[0]), (astronaut[0], china[0])]
    title = np.zeros((96, 128), np.float32)
    title[40:56, 20:108:8] = title[40:56, 21:108:8] = 90
    pairs += [(coffee[0], coffee[0][:, ::-1]), (coffee[0], title), (title, coffee[0])]
    pairs = [[grainy(L * dark, grain, i) for i, L in enumerate(pair)] for pair in pairs]
    assert not [i for i, pair in enumerate(pairs) if not is_cut(*pair)]


def test_a_plain_sky_needs_no_motion_to_keep_its_color():
    """Grain looks like motion in plain areas; the network must not be called again because of it."""
    sky = np.full((96, 128), 70, np.float32)
    cv2.circle(sky, (64, 70), 14, 30, -1)
    frames = [grainy(sky, 4, seed) for seed in range(16)]
    motion = flow.MotionFinder()(flow.blurred(frames[0]), flow.blurred(frames[1]))
    assert motion.trust_back[:40].mean() > 0.8 > 0.7 > motion.agreement
    steady = flow.Steady(lambda L: np.full((96, 128, 2), 30, np.float32), (48, 64), every=8)
    list(steady((i, L, i == 0) for i, L in enumerate(frames)))
    assert steady.keys == 2


@pytest.mark.parametrize("height, width", [(2, 16), (16, 300), (400, 16)])
def test_narrow_films_do_not_end_the_program(tmp_path, height, width):
    source = write(tmp_path / "old.mkv", pictures(3, height, width), codec="ffv1", stored="gray")
    assert color(source, tmp_path / "new.mp4").frames == 3
    assert len(scenes.save_sheet(source, tmp_path / "sheet.png")) == 1


def test_colors_go_through_a_flash_and_go_over_in_a_dissolve(samples):
    china, coffee = (shot(samples[name], 64, step=0.003) for name in ("china", "coffee"))
    flash = [np.clip(L + 25, 0, 100) if i == 12 else L for i, L in enumerate(china[:20])]
    steady = flow.Steady(lambda L: np.full((96, 128, 2), 30, np.float32), (48, 64), 8, look_ahead=False)
    list(steady((i, L, i == 0) for i, L in enumerate(flash)))
    assert (steady.cuts, steady.keys) == (0, 3)  # frame 0, 8, and 16: the flash asks for none

    share = np.clip((np.arange(64) - 20) / 12, 0, 1)
    mixed = [(a * (1 - t) + b * t).astype(np.float32) for a, b, t in zip(china, coffee, share)]
    answers = {L.tobytes(): 30 - 60 * t for L, t in zip(mixed, share)}  # red to green
    steady = flow.Steady(lambda L: np.full((96, 128, 2), answers[L.tobytes()], np.float32), (48, 64))
    a = np.array([ab[..., 0].mean() for _, ab in steady((i, L, i == 0) for i, L in enumerate(mixed))])
    assert steady.cuts == 0 and a[18] > 18 and np.diff(a).max() < 1  # it only falls
    assert a[31] < 0 and a[56] < -22  # a second later a tenth of the first scene's color is left


def flickering(count=24):
    """(L, ab of a network that changes its mind) of a texture that moves, and the true ab, each a list."""
    rng = np.random.default_rng(3)
    Ls = [lightness(picture) for picture in pictures(count, 96, 128)]
    truth = [np.dstack([L - 50, 40 - L / 2]) for L in Ls]
    return Ls, [t + rng.normal(0, 8, 2).astype(np.float32) for t in truth], truth


@pytest.mark.parametrize("every, look_ahead", [(1, False), (1, True), (4, True)])
def test_colors_are_steadier_and_nearer_to_the_truth(every, look_ahead):
    Ls, network, truth = flickering()
    answers = {L.tobytes(): ab for L, ab in zip(Ls, network)}
    steady = flow.Steady(lambda L: answers[L.tobytes()], (96, 128), every, look_ahead)
    items, colors = zip(*steady((i, L, i == 0) for i, L in enumerate(Ls)))
    assert list(items) == list(range(24))
    assert steady.keys <= 24 // every + 3

    def flicker(colors):
        return np.mean([np.abs(b[:, :-1] - a[:, 1:]).mean() for a, b in zip(colors, colors[1:])])  # it moves a pixel

    def error(colors):
        return np.mean([np.abs(c - t).mean() for c, t in zip(colors, truth)])

    assert flicker(colors) < flicker(network) / 3
    assert error(colors) < error(network) * 0.7


def test_flicker_and_cdc_measure_what_they_say():
    Ls, network, truth = flickering(8)
    steady, restless = (
        [metrics.lab_to_rgb(np.dstack([L, ab])) for L, ab in zip(Ls, abs_)] for abs_ in (truth, network)
    )
    assert metrics.flicker(steady) < 1 < 4 < metrics.flicker(iter(restless))
    assert metrics.cdc(steady) < metrics.cdc(restless) / 2
    assert metrics.cdc([steady[0]] * 6) == 0
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    assert metrics.cdc([black, white], distances=(1,)) == pytest.approx(np.log(2))
    with pytest.raises(ValueError, match="no two frames of one scene"):
        metrics.flicker(steady[:1])
    with pytest.raises(ValueError, match="There are 3 frames; wanted more than 4"):
        metrics.cdc(steady[:3])


def test_the_command(tmp_path, network, capsys):
    source = write(tmp_path / "old.mp4", pictures(10))
    out = tmp_path / "new.mp4"
    arguments = ["film", str(source), "--out", str(out), "--model", str(network), "--size", "32"]
    assert cli.main([*arguments, "--from", "0:00.04", "--for", "0.2"]) == 0
    assert "5 frames in 1 scenes are in color" in capsys.readouterr().out
    assert cli.main(arguments) == 1
    assert "exists already" in capsys.readouterr().err
    assert cli.main(["film", str(source), "--out", str(tmp_path / "sheet.jpg"), "--sheet"]) == 0
    assert "1 scenes are on" in capsys.readouterr().out
    assert cli.main(["film", str(tmp_path / "none.mp4"), "--out", str(tmp_path / "x.mp4")]) == 1
    assert "There is no file" in capsys.readouterr().err


def test_the_command_takes_its_finer_options(tmp_path):
    folder, arguments = tmp_path / "frames", ["film", "--model", CLASSIFIER, "--size", "32"]
    for i, picture in enumerate(pictures(7)):
        save_photo(picture, folder / f"{i:03d}.png")
    small, large = tmp_path / "small.mp4", tmp_path / "large.mp4"
    small_options = ["--fps", "10", "--quality", "45", "--every", "2", "--no-look-ahead", "--no-note"]
    assert cli.main([*arguments, str(folder), "--out", str(small), *small_options]) == 0
    assert cli.main([*arguments, str(folder), "--out", str(large), "--temperature", "0.2"]) == 0
    rates = []
    for path in (small, large):
        with av.open(str(path)) as film:
            rates.append(round(float(film.streams.video[0].average_rate)))
    assert rates == [10, 24] and small.stat().st_size < large.stat().st_size
    assert b"invented" in large.read_bytes() and b"invented" not in small.read_bytes()


def test_the_extra_is_asked_for_in_one_sentence(tmp_path):
    script = f"import sys; sys.modules['av'] = None\nfrom colorlib import cli\nsys.exit(cli.main(['film', 'a', '--out', {str(tmp_path / 'b.mp4')!r}]))"  # fmt: skip # noqa: E501
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1 and 'pip install "colorlib[video]"' in done.stderr
    assert "Traceback" not in done.stderr


def hints_file(path, *frames):
    path.write_text(json.dumps({"frames": [{"time": time, "hints": hints} for time, hints in frames]}))
    return path


def test_hints_follow_the_motion_within_their_scene(tmp_path):
    film = Film(cut_film(tmp_path))
    hint = {"x": 0.5, "y": 0.4, "color": "#ff0000", "reach": 0.7}
    hinted = film_hints.load(hints_file(tmp_path / "film.hints.json", (18 / 25, [hint])))
    found, frames = film_hints.followed(film, Tones(film.matrix, film.full_range), hinted)
    ticks = {round(pts * film.time_base * 25): hints for pts, hints in found.items()}
    assert sorted(ticks) == list(range(12, 24))  # its scene, before and after it
    assert len(frames) == 1 and ticks[18][0] == film_hints.hints_of_photos.Hint(**hint)
    for i in (14, 22):
        (moved,) = ticks[i]
        assert moved.x == pytest.approx(0.5 - (i - 18) / 64, abs=0.02)  # the texture moves a pixel a frame
        assert moved.y == pytest.approx(0.4, abs=0.02) and moved.reach == 0.7
    with pytest.raises(ValueError, match="There is no frame at second 9 to put hints on"):
        film_hints.followed(film, Tones(film.matrix, film.full_range), [(9.0, hinted[0][1])])


def test_files_of_hints_that_are_none_get_a_sentence(tmp_path):
    (tmp_path / "a.json").write_text('{"hints": []}')
    with pytest.raises(ValueError, match="a.json holds no hints of a film"):
        film_hints.load(tmp_path / "a.json")
    with pytest.raises(PhotoError, match="cannot be read"):
        film_hints.load(tmp_path / "b.json")


def test_hints_and_a_photo_to_be_like_color_the_film(tmp_path, samples):
    import colorlib

    colorizer = colorlib.Colorizer(size=64)
    source = write(tmp_path / "old.mp4", pictures(6, 64, 64))
    hints = hints_file(tmp_path / "film.hints.json", (0.12, [{"x": 0.5, "y": 0.5, "color": "#c02020", "reach": 1}]))
    for name, settings in {"plain": {}, "red": {"hints": hints}, "like": {"like": samples["coffee"]}}.items():
        video.color_film(source, tmp_path / f"{name}.mp4", colorizer, every=3, **settings)
    a = {n: [metrics.rgb_to_lab(f)[..., 1].mean() for f in in_color(tmp_path / f"{n}.mp4")] for n in ("plain", "red")}
    assert min(np.subtract(a["red"], a["plain"])) > 8  # in every frame, before the hinted one too
    assert packets(tmp_path / "like.mp4", "video") != packets(tmp_path / "plain.mp4", "video")
