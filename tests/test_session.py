"""The page's session, without widgets."""

import io

import numpy as np
import pytest
from PIL import Image

from colorlib import Colorizer, PhotoError, load_photo
from colorlib.page import session as sessions
from colorlib.page.session import Chosen, Look, Session
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
    monkeypatch.setattr(sessions, "read_picture", lambda *given: loads.append(1) or read_picture(*given))
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
