"""Every callback of the demo without a browser, with a real network of two weights."""

import base64
import io
import re
import subprocess
import sys
import zipfile

import ipywidgets as widgets
import keras
import numpy as np
import pytest
from PIL import Image

import colorlib
from colorlib import ab_bins, models
from colorlib.color import gray_of
from colorlib.page import html, session, uploads
from colorlib.page.demo import ColoringDemo
from colorlib.page.predictions import History
from colorlib.page.session import default_colorizer

IPYWIDGETS_7 = widgets.__version__.startswith("7")


def file_of(photo, kind="JPEG"):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, kind)
    return file.getvalue()


@pytest.fixture(scope="module")
def coffee(samples):
    return file_of(samples["coffee"][::4, ::4])


@pytest.fixture(scope="module")
def colorizer(gaudy):
    return colorlib.Colorizer(gaudy, size=32)


@pytest.fixture(scope="module")
def bins():
    """A network that chooses among bins, and so has a temperature."""
    L = keras.Input((None, None, 1))
    logits = keras.layers.Conv2D(len(ab_bins.bins()), 1, kernel_initializer="glorot_uniform")(L / 100)
    return colorlib.Colorizer(keras.Model(L, models.AnnealedMean(name="annealed_mean")(logits)), size=32)


@pytest.fixture
def demo(colorizer, tmp_path):
    return ColoringDemo(colorizer, tmp_path / "history")


def upload(demo, files):
    """What the browser's Upload button sends, on either version of ipywidgets."""
    if IPYWIDGETS_7:
        state = {"metadata": [{"name": name} for name in files], "data": [memoryview(data) for data in files.values()]}
        demo.upload.set_state(state | {"_counter": demo.upload._counter + 1})
    else:
        parts = [{"name": name, "type": "", "size": len(data), "last_modified": 0} for name, data in files.items()]
        state = [part | {"content": memoryview(data)} for part, data in zip(parts, files.values())]
        demo.upload.set_state({"value": state})


def drop(demo, content, *buffers):
    """What the drop zone sends."""
    demo.zone._handle_custom_msg({"first": True} | content, [memoryview(data) for data in buffers])


def names(demo):
    return [photo.name for photo in demo.photos]


def act(demo, do, **values):
    """What a button that is HTML sends."""
    demo.zone._handle_custom_msg({"do": do} | values, [])


def cards(demo):
    return re.findall(r'<li class="cl-card">.*?</li>', demo.previous.cards.value, re.DOTALL)


def entry_names(demo):
    """The names by which the buttons of the cards know their entries, the newest first."""
    return re.findall(r'class="cl-pick" value="([^"]+)"', demo.previous.cards.value)


def test_at_first_a_sample_in_black_and_white_is_ready(demo):
    assert names(demo) == ["china"] and "china, a sample, is ready" in demo.status.value
    assert "Black and white" in demo.viewer.picture.value and demo.viewer.picture.value.count("<img") == 1
    assert not demo.start.disabled and demo.viewer.download.layout.display == "none"
    assert cards(demo) == [] and "None yet" in demo.previous.words.value
    assert not demo.previous.history.folder.exists()


def test_start_colors_the_sample_and_keeps_it(demo, samples):
    demo.start.click()
    assert "china is in color" in demo.status.value and demo.words.value == ""
    assert demo.viewer.picture.value.count("<img") == 2 and "cl-slider" in demo.viewer.picture.value
    (entry,), _ = demo.previous.history.read()
    colored = colorlib.load_photo(entry.colored)
    assert colored.shape == samples["china"].shape and np.ptp(colored, axis=2).max() > 30
    assert (colorlib.load_photo(entry.gray)[..., 0] == gray_of(samples["china"])).all()
    assert len(cards(demo)) == 1 and "china" in cards(demo)[0]


def test_a_second_click_does_nothing(demo):
    demo.start.click()
    assert demo.start.disabled
    status = demo.status.value
    demo.start.click()  # sent by the browser before it saw the button disabled
    assert len(cards(demo)) == 1 and demo.status.value == status


def test_progress_is_told_while_it_happens(colorizer, coffee, tmp_path):
    told, disabled = [], []
    demo = ColoringDemo(lambda: told.append("made") or colorizer, tmp_path / "history")
    demo.status.observe(lambda change: told.append(change["new"]), "value")
    demo.status.observe(lambda change: "Coloring" in change["new"] and disabled.append(demo.start.disabled), "value")
    upload(demo, {f"{i}.jpg": coffee for i in range(3)})
    assert "made" not in told  # the network is not loaded before it is needed
    demo.start.click()
    text = " ".join(told)
    words = ["Reading 1 of 3", "Reading 3 of 3", "Ready to be colored: 0.jpg, 1.jpg, 2.jpg", "Loading the network"]
    words += [
        "made",
        "Coloring 1 of 3: 0.jpg",
        "Coloring 2 of 3: 1.jpg",
        "Coloring 3 of 3: 2.jpg",
        "3 of 3 are in color",
    ]
    places = [text.index(word) for word in words]
    assert disabled == [True] * 3
    assert places == sorted(places) and '<progress value="1" max="3"' in text
    demo.choose_sample("coffee")
    demo.start.click()
    assert told.count("made") == 1


def test_work_can_be_stopped_and_the_rest_colored_later(demo, coffee, monkeypatch):
    upload(demo, {f"{i}.jpg": coffee for i in range(3)})
    color, done = demo.session.color, []

    def interrupted(photo):
        if len(done) == 1:
            done.append("stop")
            raise KeyboardInterrupt
        done.append(photo)
        return color(photo)

    monkeypatch.setattr(demo.session, "color", interrupted)
    demo.start.click()
    assert "Stopped: 1 of 3 are in color" in demo.status.value and not demo.start.disabled and len(cards(demo)) == 1
    demo.start.click()
    assert "2 of 2 are in color" in demo.status.value and len(cards(demo)) == 3


def test_the_time_left():
    assert [html.time_left(30, done, 10) for done in (0, 1, 5, 9)] == [
        "",
        ", about 4 min left",
        ", about 30 s left",
        "",
    ]


def test_five_files_three_of_them_bad(demo, coffee):
    bad = {"notes.txt": b"no photo", "cut.jpg": coffee[:900], "empty.png": b""}
    upload(demo, {"a.jpg": coffee} | bad | {"b.jpg": coffee})
    assert names(demo) == ["a.jpg", "b.jpg"]
    for name in bad:
        assert name in demo.words.value
    demo.start.click()
    assert "2 of 2 are in color" in demo.status.value and "cut.jpg is cut off" in demo.words.value
    assert [entry.title for entry in demo.previous.history.read()[0]] == ["b.jpg", "a.jpg"]
    assert demo.picker.layout.display is None and "b.jpg, in color" in demo.viewer.picture.value
    demo.picker.value = 0
    assert "a.jpg, in color" in demo.viewer.picture.value


def test_photos_gather_until_they_are_colored_then_a_new_choice_begins(demo, coffee):
    upload(demo, {"a.jpg": coffee})
    upload(demo, {"b.jpg": coffee})
    assert names(demo) == ["a.jpg", "b.jpg"]
    demo.start.click()
    upload(demo, {"a.jpg": coffee})
    assert names(demo) == ["a.jpg"] and not demo.start.disabled
    upload(demo, {"bad.jpg": b"?"})
    assert names(demo) == ["a.jpg"] and "bad.jpg" in demo.words.value
    act(demo, "sample", name="coffee")
    assert names(demo) == ["coffee"] and demo.words.value == ""


def test_upload_is_emptied_so_that_the_same_file_comes_again(demo, coffee):
    upload(demo, {"a.jpg": coffee})
    assert not demo.upload.value
    demo.start.click()
    upload(demo, {"a.jpg": coffee})
    assert names(demo) == ["a.jpg"] and not demo.start.disabled


def test_both_versions_of_ipywidgets_are_read():
    eight = ({"name": "a.jpg", "content": memoryview(b"1")}, {"name": "a.jpg", "content": memoryview(b"2")})
    seven = {"a.jpg": {"metadata": {"name": "a.jpg"}, "content": b"1"}}
    assert uploads.files_of(eight) == [("a.jpg", b"1"), ("a.jpg", b"2")]
    assert uploads.files_of(seven) == [("a.jpg", b"1")]
    assert uploads.files_of(()) == uploads.files_of({}) == []


def test_drop_and_paste(demo, coffee):
    drop(demo, {"name": "dropped.jpg", "size": len(coffee)}, coffee)
    drop(demo, {"name": "second.jpg", "size": len(coffee), "first": False}, coffee)
    assert names(demo) == ["dropped.jpg", "second.jpg"]
    drop(demo, {"name": "scan.jpg", "size": 17_000_000, "shrunk": [5000, 4000, 2500, 2000]}, coffee)
    assert "from 5000 x 4000 to 2500 x 2000 pixels" in demo.words.value and names(demo)[-1] == "scan.jpg"
    drop(demo, {"name": "scan.tif", "size": 170_000_000, "refused": True})
    assert "scan.tif has 170 MB" in demo.words.value and "smaller JPEG" in demo.words.value
    assert len(demo.photos) == 3


def test_the_browser_may_ask_whether_anybody_is_there(demo, monkeypatch):
    answers = []
    monkeypatch.setattr(demo.zone, "send", answers.append)
    drop(demo, {"ping": True})
    assert answers == [{"taken": 0}] and names(demo) == ["china"] and demo.words.value == ""


@pytest.mark.parametrize("content", [{}, {"name": 3, "size": "x"}, {"name": "a", "shrunk": ["<b>"] * 4}, {"shrunk": 1}])
def test_nonsense_from_the_browser_is_told(demo, content):
    drop(demo, content)
    drop(demo, content, b"nonsense")
    assert names(demo) == ["china"] and "<li>" in demo.words.value and "<b>" not in demo.words.value


def test_the_limit_follows_the_front_end(monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    assert uploads.limit() == 8
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert uploads.limit() == 0.9
    monkeypatch.setenv("COLORLIB_UPLOAD_MB", "95")
    assert uploads.limit() == 95


def test_a_path_of_a_photo_or_a_folder(demo, coffee, tmp_path):
    (tmp_path / "album").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "album" / name).write_bytes(coffee)
    demo.path.value = f' "{tmp_path / "album" / "a.jpg"}" '
    assert names(demo) == ["a.jpg"] and demo.path.value == ""
    demo.path.value = str(tmp_path / "album")
    assert names(demo) == ["a.jpg", "a.jpg", "b.jpg"]
    demo.path.value = str(tmp_path / "none.jpg")
    assert "There is no file" in demo.words.value
    (tmp_path / "bare").mkdir()
    demo.path.value = str(tmp_path / "bare")
    assert "There are no photos in the folder" in demo.words.value and demo.path.value  # to be mended
    demo.start.click()
    assert "3 of 3 are in color" in demo.status.value


def test_photos_are_added_by_code(demo, coffee, tmp_path):
    (tmp_path / "a.jpg").write_bytes(coffee)
    demo.add({"colab.jpg": coffee})
    demo.add(tmp_path / "a.jpg")
    demo.add([tmp_path / "a.jpg"])
    assert names(demo) == ["colab.jpg", "a.jpg", "a.jpg"]


def test_settings_are_previewed_and_start_keeps_them(bins, tmp_path, coffee):
    colorizer, demo = bins, ColoringDemo(bins, tmp_path / "history")
    demo.saturation.value = 0.4  # nothing colored yet: nothing to preview
    assert "preview" not in demo.viewer.picture.value and not demo.start.disabled
    upload(demo, {"a.png": coffee})
    demo.start.click()
    assert colorizer.saturation == 0.4 and colorizer.temperature is None and demo.start.disabled
    demo.temperature.value = 0.5
    assert colorizer.temperature == 0.5 and "a preview" in demo.viewer.picture.value and not demo.start.disabled
    assert len(cards(demo)) == 1
    demo.start.click()
    assert len(cards(demo)) == 2 and demo.start.disabled and "a preview" not in demo.viewer.picture.value


def test_a_setting_that_is_taken_back_leaves_the_picture_that_was_kept(demo, coffee):
    upload(demo, {"a.jpg": coffee})
    demo.start.click()
    kept = demo.viewer.picture.value
    demo.saturation.value = 0.2
    assert demo.viewer.picture.value != kept and not demo.start.disabled and "cl-waits" in demo.widget._dom_classes
    demo.saturation.value = 1.0
    assert demo.viewer.picture.value == kept and demo.start.disabled and "with its saved settings" in demo.status.value
    assert "cl-waits" not in demo.widget._dom_classes and len(cards(demo)) == 1
    demo.viewer.download.click()
    assert saved_bytes(demo) == demo.photos[0].entry.colored.read_bytes()


def test_a_preview_is_kept_in_full_size_when_it_is_downloaded(demo, rng):
    upload(demo, {"a.png": file_of(rng.integers(0, 256, (900, 2000, 3), dtype=np.uint8), "PNG")})
    demo.start.click()
    demo.saturation.value = 0.2
    demo.viewer.download.click()
    assert len(cards(demo)) == 2 and demo.start.disabled
    assert colorlib.load_photo(saved_bytes(demo)).shape == (900, 2000, 3)
    assert demo.previous.history.read()[0][0].settings == {"saturation": 0.2, "temperature": None, "version": 0}


def test_previews_are_as_small_as_they_are_shown(demo, rng, monkeypatch):
    upload(demo, {"a.jpg": file_of(rng.integers(0, 256, (1500, 3200, 3), dtype=np.uint8))})
    demo.start.click()
    shapes = []
    preview = demo.session.preview
    monkeypatch.setattr(demo.session, "preview", lambda photo: shapes.append(preview(photo).shape) or preview(photo))
    demo.saturation.value = 0.4
    assert shapes == [(750, 1600, 3)]


def test_a_previous_photo_is_tuned_and_colored_again(demo, colorizer, coffee):
    upload(demo, {"old.jpg": coffee})
    demo.saturation.value = 0.4
    demo.start.click()
    later = ColoringDemo(colorizer, demo.previous.history.folder)
    act(later, "open", name=entry_names(later)[0])
    assert names(later) == ["old.jpg"] and later.saturation.value == 0.4 and later.start.disabled
    later.saturation.value = 1.6
    assert "old.jpg, in color" in later.viewer.picture.value and "a preview" in later.viewer.picture.value
    later.start.click()
    assert [entry.settings["saturation"] for entry in later.previous.history.read()[0]] == [1.6, 0.4]


def test_a_closer_look_is_cut_from_the_full_size(demo, samples, monkeypatch):
    answers = []
    monkeypatch.setattr(demo.zone, "send", lambda *answer: answers.append(answer))
    act(demo, "sample", name="coffee")
    demo.start.click()
    act(demo, "crop", key="k", left=0.25, top=0.5, width=0.1, height=0.1, pixels=4000)
    (message, (gray, colored)), shape = answers[-1], samples["coffee"].shape
    assert message["key"] == "k" and np.allclose(message["box"], [0.25, 0.5, 0.1, 0.1], atol=0.01)
    close = colorlib.load_photo(colored)
    assert abs(close.shape[1] - 0.1 * shape[1]) <= 2  # not enlarged
    x, y = (round(corner * side) for corner, side in zip(message["box"], (shape[1], shape[0])))
    full = colorlib.load_photo(demo.photos[0].entry.colored)[y : y + close.shape[0], x : x + close.shape[1]]
    assert abs(close.astype(int) - full).mean() < 6 and np.ptp(colorlib.load_photo(gray), axis=2).max() == 0
    for nonsense in ({}, {"left": 2, "top": 2, "width": 1, "height": 1, "pixels": 1}, {"left": "x"}):
        act(demo, "crop", key="k", **nonsense)
    assert len(answers) == 1 and demo.words.value.count("<li>") == 3


def test_a_button_that_does_not_exist_is_named(demo):
    act(demo, "run", code="1")
    assert "The page has no button &#x27;run&#x27;" in demo.words.value
    act(demo, "sample", name="../x")
    assert "There is no sample photo" in demo.words.value and names(demo) == ["china"]


def saved_bytes(demo):
    return base64.b64decode(demo.viewer.saved.value.split("base64,")[1].split('"')[0])


def test_a_network_without_temperature_is_not_asked_for_one(demo, colorizer):
    demo.temperature.value = 0.5
    demo.start.click()
    assert "china is in color" in demo.status.value and demo.words.value == ""
    assert demo.temperature.value == 0 and demo.temperature.layout.display == "none"
    assert not colorizer.has_temperature


def test_the_network_may_be_named_by_the_environment(network, monkeypatch):
    monkeypatch.setenv("COLORLIB_MODEL", str(network))
    assert default_colorizer().size == 256
    monkeypatch.setenv("COLORLIB_SIZE", "96")
    assert default_colorizer().size == 96
    monkeypatch.setenv("COLORLIB_MODEL", "none")
    with pytest.raises(ValueError, match="no trained network 'none'"):
        default_colorizer()


def test_download_is_the_full_size_file(demo, coffee):
    upload(demo, {"../../x.jpg": coffee})
    demo.start.click()
    demo.viewer.download.click()
    link = demo.viewer.saved.value
    data = link.split("base64,")[1].split('"')[0]
    photo = colorlib.load_photo(base64.b64decode(data))
    assert photo.shape == colorlib.load_photo(coffee).shape and 'download="x_in_color.jpg"' in link
    assert base64.b64decode(data) == demo.photos[0].entry.colored.read_bytes()


def test_previous_predictions_survive_and_open_download_delete_undo(demo, colorizer, coffee):
    upload(demo, {"grandmother.jpg": coffee})
    demo.start.click()
    later = ColoringDemo(colorizer, demo.previous.history.folder)
    (name,) = entry_names(later)
    assert "grandmother.jpg" in cards(later)[0] and 'aria-label="Delete grandmother.jpg"' in cards(later)[0]
    act(later, "open", name=name)
    assert "grandmother.jpg, in color" in later.viewer.picture.value and "scrollIntoView" in later.viewer.picture.value
    assert "grandmother.jpg, from the previous predictions" in later.status.value
    later.viewer.download.click()
    assert 'download="grandmother_in_color.jpg"' in later.viewer.saved.value
    act(later, "download", name=name)
    assert 'download="grandmother_in_color.jpg"' in later.previous.saved.value
    act(later, "delete", names=[name])
    assert cards(later) == [] and later.previous.history.read() == ([], [])
    assert "One photo was deleted" in later.previous.undone.value
    act(demo, "open", name=name)  # the other page does not know yet
    assert "There is no previous prediction" in demo.words.value
    act(later, "undo")
    assert entry_names(later) == [name] and later.previous.undone.value == ""
    refresh(demo)
    assert entry_names(demo) == [name]


def test_several_are_saved_and_deleted_at_once(demo, coffee):
    upload(demo, {f"{i}.jpg": coffee for i in range(3)})
    demo.start.click()
    listed = entry_names(demo)
    act(demo, "zip", names=listed[:2])
    link = demo.previous.saved.value
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(link.split("base64,")[1].split('"')[0]))) as archive:
        assert archive.namelist() == ["1 2_in_color.jpg", "2 1_in_color.jpg"]
    act(demo, "delete", names=listed[:2])
    assert entry_names(demo) == listed[2:] and "2 photos were deleted" in demo.previous.undone.value
    act(demo, "undo")
    assert entry_names(demo) == listed
    act(demo, "delete", names=["../x"])
    assert entry_names(demo) == listed and "There is no previous prediction ../x" in demo.words.value


def test_nothing_vanishes_by_itself_and_the_room_is_said(demo, samples):
    gray = samples["china"][::8, ::8]
    for i in range(120):
        demo.previous.history.add(gray[..., 0], gray, f"{i}.jpg")
    refresh(demo)
    total = sum(path.stat().st_size for path in demo.previous.history.folder.rglob("*") if path.is_file())
    assert f"120 photos, {total / 1e6:.1f} MB" in demo.previous.words.value
    demo.previous.room.value = 500
    assert "more than" not in demo.previous.words.value and demo.previous.history.room == 500e6
    demo.previous.history.room = int(total * 0.9)
    refresh(demo)
    assert "That is more than the" in demo.previous.words.value and len(demo.previous.history.read()[0]) == 120
    (oldest,) = re.findall(r"names&quot;: \[([^]]+)\]}", demo.previous.words.value.split("Nothing is deleted")[1])
    act(demo, "delete", names=re.findall(r"[\w-]{30,}", oldest))
    assert 100 < len(demo.previous.history.read()[0]) < 120 and "more than" not in demo.previous.words.value
    act(demo, "undo")
    assert len(demo.previous.history.read()[0]) == 120 and demo.previous.history.read()[0][0].title == "119.jpg"


def refresh(demo):
    demo.previous.widget.children[0].children[1].click()


def test_refresh_finds_what_another_page_has_added_and_names_damage(demo, colorizer, coffee):
    other = ColoringDemo(colorizer, demo.previous.history.folder)
    upload(other, {"other.jpg": coffee})
    other.start.click()
    assert cards(demo) == []
    refresh(demo)
    assert len(cards(demo)) == 1
    other.photos[0].entry.preview.unlink()
    refresh(demo)
    assert cards(demo) == [] and "is damaged and was left out" in demo.previous.words.value


def test_older_ones_are_shown_when_asked_for(demo, samples):
    gray = samples["china"][::8, ::8]
    for i in range(14):
        demo.previous.history.add(gray[..., 0], gray, f"{i}.jpg")
    refresh(demo)
    assert len(cards(demo)) == 12 and demo.previous.more.layout.display is None
    demo.previous.more.click()
    assert len(cards(demo)) == 14 and demo.previous.more.layout.display == "none"


def test_a_network_that_cannot_be_had_is_told_and_can_be_tried_again(colorizer, tmp_path):
    answers = iter([ValueError("The weights are damaged."), RuntimeError("boom"), colorizer])

    def make():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    demo = ColoringDemo(make, tmp_path / "history")
    demo.start.click()
    assert "The weights are damaged." in demo.words.value and not demo.start.disabled
    assert "Loading" not in demo.status.value
    demo.start.click()
    assert "RuntimeError: boom" in demo.words.value
    demo.start.click()
    assert "china is in color" in demo.status.value


def test_a_history_that_cannot_be_written_loses_nothing(colorizer, tmp_path, coffee):
    (tmp_path / "file").write_text("")
    demo = ColoringDemo(colorizer, tmp_path / "file" / "history")
    upload(demo, {"a.jpg": coffee})
    demo.start.click()
    assert "could not be written" in demo.words.value and "download those you want" in demo.words.value
    assert "a.jpg is in color" in demo.status.value and len(cards(demo)) == 1
    demo.viewer.download.click()
    assert 'download="a_in_color.jpg"' in demo.viewer.saved.value


def test_a_file_gone_before_start_is_colored_or_named(demo, coffee, tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(coffee)
    demo.add(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").unlink()
    demo.start.click()  # it was decoded when it was chosen
    assert "a.jpg is in color" in demo.status.value
    monkeypatch.setattr(session, "KEPT_BYTES", 0)
    (tmp_path / "a.jpg").write_bytes(coffee)
    demo.add(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").unlink()
    demo.add({"b.jpg": coffee})
    demo.start.click()
    assert "a.jpg was not colored: There is no file" in demo.words.value and "1 of 2" in demo.status.value


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.jpg", "'\"&</ul><script>x</script>.jpg", "\"onload='x'.jpg"]
)
def test_html_in_names_is_shown_not_run(demo, coffee, name):
    upload(demo, {name: coffee, "bad" + name: b"?"})
    demo.start.click()
    demo.viewer.download.click()
    act(demo, "download", name=entry_names(demo)[0])
    act(demo, "open", name=entry_names(demo)[0])
    saved = demo.previous.saved.value
    for text in (demo.status.value, demo.words.value, demo.viewer.picture.value, demo.viewer.saved.value, saved):
        assert "<img src=x" not in text and "<script" not in text and "onload='x'" not in text
    assert "<script" not in cards(demo)[0] and "<img src=x" not in cards(demo)[0]


def test_a_bomb_is_refused_with_advice(demo):
    bomb = file_of(np.zeros((10000, 9000), np.uint8), "PNG")
    assert len(bomb) < 200_000
    upload(demo, {"bomb.png": bomb})
    assert "bomb.png has 90 megapixels; this page takes 80: make it smaller" in demo.words.value
    assert names(demo) == ["china"]


def test_open_to_the_network_no_path_is_taken(colorizer, tmp_path, monkeypatch):
    def has_path_box(demo):
        def inside(widget):
            return widget is demo.path or any(map(inside, getattr(widget, "children", ())))

        return inside(demo.widget)

    assert has_path_box(ColoringDemo(colorizer, tmp_path))
    monkeypatch.setenv("COLORLIB_PUBLIC", "True")
    demo = ColoringDemo(colorizer, tmp_path)
    assert demo.path is None  # not just hidden: a message could fill it all the same


def test_a_page_that_was_only_opened_has_not_loaded_tensorflow(tmp_path):
    program = (
        "import sys; from colorlib.page.demo import ColoringDemo; ColoringDemo(history=sys.argv[1])\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)]).returncode == 0


def test_history_may_be_given_whole_or_by_the_environment(colorizer, tmp_path, monkeypatch):
    history = History(tmp_path / "mine", keep=3)
    assert ColoringDemo(colorizer, history).previous.history is history
    monkeypatch.setenv("COLORLIB_HISTORY", str(tmp_path / "environment"))
    assert ColoringDemo(colorizer).previous.history.folder == tmp_path / "environment"


def test_by_hand_needs_a_network_with_features(demo):
    demo.by_hand.open_button.click()
    assert "has no features" in demo.words.value and demo.by_hand.widget.children == ()
    assert demo.viewer.picture.layout.display is None


def test_colored_by_hand_and_kept(tmp_path, coffee):
    from colorlib.hints import Hint

    demo = ColoringDemo(colorlib.Colorizer("unet"), tmp_path / "history")
    upload(demo, {"by_hand.jpg": coffee})
    demo.by_hand.open_button.click()
    assert demo.words.value == "" and demo.viewer.picture.layout.display == "none"
    demo.by_hand.hand.add(Hint(0.5, 0.5, "#c02020"))
    expected = demo.by_hand.hand.result()
    keep = demo.by_hand.widget.children[0].children[0]
    keep.click()
    (entry,), _ = demo.previous.history.read()
    assert abs(colorlib.load_photo(entry.colored).astype(int) - expected).mean() < 4
    assert "by_hand.jpg is in color" in demo.status.value and demo.by_hand.widget.children == ()
    assert "by_hand.jpg, in color" in demo.viewer.picture.value and demo.viewer.picture.layout.display is None


def test_a_photo_is_turned_cropped_and_freed_of_its_border(demo, samples):
    framed = np.full((300, 340, 3), 250, np.uint8)
    framed[30:270, 40:300] = samples["coffee"][:240, :260]
    upload(demo, {"old.png": file_of(framed, "PNG")})
    demo.start.click()
    rotate, crop, border = demo.edit.buttons
    shape = lambda: demo.session.pixels(demo.photo_in_view).shape[:2]  # noqa: E731
    border.click()
    assert shape() == (238, 258) and not demo.start.disabled and "no border any more" in demo.status.value
    assert "in color" not in demo.viewer.picture.value
    border.click()
    assert shape() == (238, 258) and "There is no even border" in demo.status.value
    rotate.click()
    assert shape() == (258, 238) and "old.png was turned" in demo.status.value
    crop.click()
    assert demo.edit.widget.layout.display is None and "cl-cropping" in demo.widget._dom_classes
    act(demo, "drag", left=0.9, top=0.2, right=0.4, bottom=1.3)
    assert demo.edit.across.value == (40, 90) and demo.edit.down.value == (20, 100)
    assert "--crop-left: 40%" in demo.edit.shade.value
    _, _, done, leave, _ = demo.edit.widget.children
    done.click()
    assert shape() == (206, 119) and demo.edit.widget.layout.display == "none"
    assert "cl-cropping" not in demo.widget._dom_classes
    crop.click()
    demo.edit.across.value = (10, 12)
    done.click()
    assert "wanted at least 5 x 5" in demo.words.value and shape() == (206, 119)
    leave.click()
    assert "Nothing was cropped" in demo.status.value
    demo.start.click()
    assert "old.png is in color" in demo.status.value


def test_versions_are_offered_tried_and_kept(bins, tmp_path, coffee):
    demo = ColoringDemo(bins, tmp_path / "history")
    assert demo.versions.widget.value == ""
    upload(demo, {"a.jpg": coffee})
    demo.start.click()
    assert demo.versions.widget.value.count('cl-version"') == 5 and 'aria-pressed="true"' in demo.versions.widget.value
    act(demo, "version", i=2)
    assert demo.saturation.value == 1.5 and "A preview" in demo.status.value and not demo.start.disabled
    demo.start.click()
    assert demo.previous.history.read()[0][0].settings["saturation"] == 1.5 and len(cards(demo)) == 2
    act(demo, "others")
    assert "has no features" in demo.words.value  # this network has none
    act(demo, "version", i=99)
    assert "There is no version 99" in demo.words.value
    demo.choose_sample("china")
    assert demo.versions.widget.value == ""
