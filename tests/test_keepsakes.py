"""Pictures made of previous predictions."""

import numpy as np
import pytest

from colorlib.page import keepsakes
from colorlib.page.predictions import History
from colorlib.photos import load_photo


def entry_of(tmp_path, height, width, color=(200, 80, 40), title="grandmother.png"):
    photo = np.full((height, width, 3), color, np.uint8)
    return History(tmp_path).add(np.full((height, width), 90, np.uint8), photo, title, lossless=True)


@pytest.mark.parametrize("height, width, expected", [(600, 400, (600, 810)), (400, 600, (810, 600))])
def test_before_and_after_in_one_picture(tmp_path, height, width, expected):
    both = load_photo(keepsakes.before_and_after(entry_of(tmp_path, height, width), note=""))
    assert both.shape[:2] == expected
    first, second = both[height // 2, width // 2], both[-height // 2, -width // 2]
    assert abs(first.astype(int) - 90).max() < 4 and abs(second.astype(int) - (200, 80, 40)).max() < 8


def test_the_note_is_written_under_it(tmp_path):
    entry = entry_of(tmp_path, 600, 400)
    plain, noted = (load_photo(keepsakes.before_and_after(entry, note)) for note in ("", keepsakes.NOTE))
    foot = noted[len(plain) :]
    assert (noted[:590] == plain[:590]).mean() > 0.99 and foot.min() < 100 and (foot > 250).mean() > 0.8


def test_a_contact_sheet_has_every_photo(tmp_path):
    colors = [(220, 40, 40), (40, 200, 40), (40, 40, 220), (200, 200, 40)]
    entries = [entry_of(tmp_path, 300, 400, color, f"{i}.png") for i, color in enumerate(colors)]
    sheet = load_photo(keepsakes.contact_sheet(entries)).reshape(-1, 3).astype(int)
    for color in colors:
        assert (abs(sheet - color).max(axis=1) < 25).sum() > 10_000
    with pytest.raises(ValueError, match="wanted at least one"):
        keepsakes.contact_sheet([])
