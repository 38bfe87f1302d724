"""The page's session, without widgets."""

import io

import numpy as np
import pytest
from PIL import Image

from colorlib import Colorizer, Hint, PhotoError, load_photo
from colorlib.page import chosen, session as sessions
from colorlib.page.chosen import WHOLE, Chosen, Look
from colorlib.page.predictions import History
from colorlib.page.session import Session
from colorlib.photos import read_picture


@pytest.fixture
def session(gaudy, tmp_path):
    return Session(Colorizer(gaudy, size=32), tmp_path / "history")


def jpeg(value=100):
    file = io.BytesIO()
    Image.fromarray(np.full((40, 60, 3), value, np.uint8)).save(file, "JPEG")
    return file.getvalue()


def test_from_a_file_to_an_entry(session):
    photo = session.read("a.jpg", jpeg())
    session.choose([photo])
    assert session.waiting == [photo] and not session.loaded
    assert session.color(photo) is None
    assert session.loaded and session.waiting == []
    (entry,), _ = session.history.read()
    assert entry == photo.entry and load_photo(entry.colored).shape == (40, 60, 3)
    session.look = Look(0.4)
    assert session.waiting == [photo]
    session.look = Look(1.0)
    assert session.waiting == []


def test_photos_that_wait_are_not_lost(session):
    first, second = (session.read(name, jpeg()) for name in ("a.jpg", "b.jpg"))
    session.photos = [Chosen("camera")]
    session.choose([first])
    assert session.photos == [first]  # instead of the sample
    session.choose([second])
    assert session.photos == [first, second]
    session.color(first), session.color(second)
    session.choose([third := session.read("c.jpg", jpeg())])
    assert session.photos == [third]


def test_a_file_is_decoded_once(session, monkeypatch):
    loads = []
    monkeypatch.setattr(chosen, "read_picture", lambda *given: loads.append(1) or read_picture(*given))
    photo = session.read("a.jpg", jpeg())
    session.choose([photo])
    session.gray(photo), session.preview(photo), session.color(photo)
    assert len(loads) == 1


def test_decoded_photos_have_a_limit(session, monkeypatch):
    monkeypatch.setattr(sessions, "KEPT_BYTES", 2 * 40 * 60 * 3)
    photos = [session.read(f"{i}.jpg", jpeg(i)) for i in range(4)]
    assert list(session._decoded) == photos[2:]
    assert session.pixels(photos[0]).mean() == pytest.approx(0, abs=2)
    assert list(session._decoded) == [photos[3], photos[0]]


def test_a_file_that_is_no_photo_is_named(session):
    with pytest.raises(PhotoError, match="^a.jpg is not a photo"):
        session.read("a.jpg", b"text")
    assert not session.photos and not session._decoded


def test_a_history_that_cannot_be_written_is_replaced(session, tmp_path):
    (tmp_path / "history").write_text("a file")
    photo = session.read("a.jpg", jpeg())
    note = session.color(photo)
    assert "could not be written" in note and "download" in note
    assert photo.entry.colored.exists() and session.history.folder != tmp_path / "history"


def test_a_network_without_temperature_gets_none(session):
    session.look = Look(1.2, 0.5)
    assert session.colorizer().saturation == 1.2 and session.look == Look(1.2, None)


def test_a_photo_is_turned_and_cropped_before_it_is_colored(session, rng):
    pixels = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    photo = session.read("a.png", file.getvalue())
    session.choose([photo])
    session.color(photo)
    photo.crop(0.5, 0, 1, 1)
    session.edited(photo)
    assert session.waiting == [photo] and photo.entry is None
    assert (session.pixels(photo) == pixels[:, 30:]).all()
    photo.turn()
    session.edited(photo)
    assert (session.pixels(photo) == np.rot90(pixels, -1)[30:]).all()  # a quarter clockwise: the right is below
    photo.crop(0, 0, 0.5, 0.5)
    photo.turn()
    photo.turn()
    photo.turn()
    session.edited(photo)
    assert (session.pixels(photo) == pixels[20:, 30:45]).all()
    session.color(photo)
    assert load_photo(photo.entry.colored).shape == (20, 15, 3)


def test_an_even_border_is_found(session, samples):
    framed = np.full((300, 340, 3), 250, np.uint8)
    framed[30:270, 40:300] = samples["coffee"][:240, :260]
    file = io.BytesIO()
    Image.fromarray(framed).save(file, "PNG")
    photo = session.read("a.png", file.getvalue())
    photo.crop(*session.border(photo))
    session.edited(photo)
    assert (session.pixels(photo) == samples["coffee"][1:239, 1:259]).all()
    assert session.border(photo) == WHOLE


@pytest.fixture(scope="module")
def unet():
    return Colorizer("unet", size=64)


def test_versions_of_a_photo(samples, unet, tmp_path):
    session = Session(unet, tmp_path)
    photo = Chosen("coffee")
    session.choose([photo])
    session.color(photo)
    offered = session.versions(photo)
    assert [each.name for each in offered] == ["Pale", "Natural", "Vivid", "Calm", "Bold"]
    chroma = {each.name: np.ptp(each.picture, axis=-1).mean() for each in offered}
    assert chroma["Pale"] < chroma["Natural"] < chroma["Vivid"]
    assert max(offered[0].picture.shape) <= sessions.THUMBNAIL and session.look == Look()
    others = session.other_versions(photo)
    assert others and session.look == Look()
    session.look = others[0].look
    shown = session.preview(photo)
    session.color(photo)
    kept = load_photo(photo.entry.colored).astype(int)
    assert np.abs(kept - shown).mean() < 3 < np.abs(kept - session.colorizer()(samples["coffee"])).mean()
    assert session.reopen(photo.entry).look == others[0].look
    session.look = Look(version=len(others) + 1)
    with pytest.raises(ValueError, match="There is no version"):
        session.preview(photo)


def test_what_was_corrected_by_hand_stays_with_later_settings(samples, unet, tmp_path):
    session = Session(unet, tmp_path)
    photo = Chosen("coffee")
    session.choose([photo])
    hints = [Hint(0.5, 0.5, "#2050c0", 1.0)]
    session.keep_by_hand(photo, hints)
    kept = load_photo(photo.entry.colored).astype(int)
    assert np.abs(kept - session.by_hand(photo).color(hints)).mean() < 3
    plain = session.colorizer()(samples["coffee"])
    another = Session(unet, tmp_path)
    again = another.reopen(History(tmp_path).read()[0][0])
    assert again.hints == hints
    another.look = Look(1.1)
    tuned, spot = another.preview(again).astype(int), np.s_[195:205, 295:305]
    assert np.abs(tuned - kept)[spot].mean() < np.abs(tuned - plain)[spot].mean() / 3
    natural = next(each.picture for each in another.versions(again) if each.name == "Natural")
    small = np.asarray(Image.fromarray(kept.astype(np.uint8)).resize(natural.shape[1::-1]))
    assert np.abs(natural.astype(int) - small).mean() < 6
    again.turn()
    another.edited(again)
    assert again.hints == []


def test_hints_that_cannot_be_read_are_left_out(tmp_path, rng):
    photo = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    entry = History(tmp_path).add(photo[..., 0], photo, "a.jpg", hints=[Hint(0.5, 0.5, "#2050c0")])
    assert len(entry.hints) == 1 and History(tmp_path).read()[1] == []
    (entry.folder / "colored.hints.json").write_text("junk")
    assert entry.hints == []
