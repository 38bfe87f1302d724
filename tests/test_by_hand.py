"""A photo in the hands of somebody who knows its colors, with the network that ships, and by the command line."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000

import colorlib
from colorlib import Colorizer, Hint, cli, hints, models
from colorlib.color import lab_to_rgb, lightness, rgb_to_lab


@pytest.fixture(scope="module")
def unet():
    return Colorizer("unet", size=96)


@pytest.fixture(scope="module")
def astronaut(samples):
    return samples["astronaut"][::2, ::2]


@pytest.fixture
def some(rng):
    colors = [tuple(map(int, rng.integers(0, 256, 3))) for _ in range(8)]
    return [Hint(*rng.random(2), color, reach) for color, reach in zip(colors, np.linspace(0, 1, 8))]


def off_by(colored, L, hint):
    """CIEDE2000 between what came out at a hint and what sRGB can hold of it there."""
    at = hint.at(*L.shape)
    wanted = lab_to_rgb(np.float32([[L[at], *hint.ab]]))
    return float(deltaE_ciede2000(rgb_to_lab(wanted), rgb_to_lab(colored[at][None]))[0])


@pytest.mark.parametrize("name", ["astronaut", "camera", "china", "rocket"])
def test_what_is_chosen_is_what_comes_out(unet, samples, some, name):
    photo = samples[name]
    L = lightness(photo)
    edges = np.hypot(*np.gradient(L)).ravel().argsort()[-400::80]
    hard = [*edges, L.argmin(), L.argmax()]  # at edges, in the dark, in the light
    points = [((i % L.shape[1] + 0.5) / L.shape[1], (i // L.shape[1] + 0.5) / L.shape[0]) for i in hard]
    given = some + [Hint(x, y, color) for (x, y), color in zip(points, ["#c02020", "#2040c0"] * 4)]
    colored = unet(photo, hints=given)
    assert max(off_by(colored, L, hint) for hint in given) < 2
    assert np.abs(lightness(colored) - L).max() < 0.5
    assert (unet(photo, hints=given) == colored).all()  # the same hints give the same bytes


def test_the_preview_shows_the_same_colors_as_the_full_size(unet, samples, some):
    hand = unet.by_hand(np.repeat(np.repeat(samples["china"], 3, axis=0), 3, axis=1))  # 1281 x 1920
    preview, full = hand.preview(some), hand.color(some)
    assert max(preview.shape) == 900 and full.shape == (1281, 1920, 3)
    shrunk = np.asarray(Image.fromarray(full).resize(preview.shape[1::-1], Image.Resampling.BOX))
    assert np.median(np.abs(rgb_to_lab(shrunk) - rgb_to_lab(preview))) < 1
    assert max(off_by(preview, hand.preview_L, hint) for hint in some) < 2


def test_one_pass_serves_all_hints(unet, astronaut, some):
    hand, passes = unet.by_hand(astronaut), []
    predict, unet._predict = unet._predict, lambda views: passes.append(1) or predict(views)
    try:
        for count in range(3):
            hand.preview(some[:count])
            hand.suggest(0.5, 0.5)
        unet(astronaut, hints=some)
    finally:
        unet._predict = predict
    assert passes == []


def test_far_from_hints_the_networks_colors_stay(unet, astronaut):
    plain, hinted = unet(astronaut), unet(astronaut, hints=[Hint(0.8, 0.1, "#20c020", reach=0.15)])
    change = np.abs(rgb_to_lab(plain) - rgb_to_lab(hinted)).max(axis=-1)
    assert change[10:40, 190:220].mean() > 5 and np.median(change[150:]) < 0.5
    assert (unet(astronaut, hints=[]) == plain).all()


def test_suggestions(unet, astronaut):
    colors = unet.suggest(astronaut, 0.45, 0.2)
    assert 5 <= len(colors) <= 9 and len(set(colors)) == len(colors)
    face = rgb_to_lab(np.uint8([[int(colors[0][i : i + 2], 16) for i in (1, 3, 5)]]))[0]
    assert face[1] > 0 and face[2] > 0  # skin is the likeliest
    assert abs(face[0] - lightness(astronaut)[51, 115]) < 1
    assert unet.suggest(astronaut, 0.45, 0.2) == colors and len(unet.suggest(astronaut, 0.45, 0.2, n=1)) == 1
    with pytest.raises(ValueError, match="n is 0; wanted a whole number from 1 to 50"):
        unet.suggest(astronaut, 0.5, 0.5, n=0)


def test_versions_differ_and_begin_with_the_usual_one(unet, astronaut):
    versions = unet.versions(astronaut, n=4)
    assert (versions[0] == unet(astronaut)).all() and 2 <= len(versions) <= 4
    labs = [rgb_to_lab(version)[..., 1:] for version in versions]
    for i, lab in enumerate(labs):
        assert all(np.linalg.norm(lab - other, axis=-1).mean() > 2 for other in labs[:i])
    again = unet.versions(astronaut, n=4)
    assert all((one == other).all() for one, other in zip(versions, again))


def test_like_that_photo(unet, samples):
    photo = samples["coffee"][::2, ::2]
    turned = lab_to_rgb(rgb_to_lab(photo) * np.float32([1, -1, -1]))  # the same in the opposite colors
    wanted = rgb_to_lab(turned)[..., 1:]
    plain, likened = (rgb_to_lab(unet(photo, like=like))[..., 1:] for like in (None, turned))
    error = [np.linalg.norm(ab - wanted, axis=-1).mean() for ab in (plain, likened)]
    assert error[1] < 0.7 * error[0]
    reference = unet.reference(turned)
    assert all((one == unet(photo, like=turned)).all() for one in unet([photo, photo], like=reference))
    by_hints = unet.reference(photo, [Hint(0.5, 0.5, "#2060c0", 1.0)])
    assert (rgb_to_lab(unet(photo, like=by_hints))[..., 2] < rgb_to_lab(unet(photo))[..., 2]).mean() > 0.3


def test_borders_and_blank_pages_are_as_without_hands(unet, astronaut, samples):
    gray = astronaut.mean(axis=-1).astype(np.uint8)
    framed = np.pad(gray, 24, constant_values=250)
    hand = unet.by_hand(framed)
    assert (hand.color() == unet(framed)).all()
    blue, red = Hint(0.5, 0.5, "#2040c0", 1.0), Hint(0.01, 0.01, "#c02020", 1.0)
    plain, hinted, in_border = (rgb_to_lab(hand.color(given))[..., 1:] for given in ([], [blue], [red]))
    inside = np.s_[24:-24, 24:-24]
    assert np.abs(hinted - plain)[:8].max() < 2 and np.abs(hinted - plain)[inside].mean() > 3
    assert np.abs(in_border - plain)[inside].max() < 1  # of a hint in the border only its spot is seen
    assert np.linalg.norm(in_border[2, 2] - plain[2, 2]) > 1
    for version in hand.versions(3):
        assert np.abs(rgb_to_lab(hand.color(version=version))[:8, :, 1:]).max() < 3
    coffee = unet.by_hand(samples["coffee"][::4, ::4]).reference()
    blank = unet.by_hand(np.full((200, 260), 200, np.uint8))
    neutral = [blank.color(), blank.color(like=coffee), *(blank.color(version=ab) for ab in blank.versions(3))]
    assert all(np.abs(rgb_to_lab(photo)[..., 1:]).max() < 1.5 for photo in neutral)
    assert np.linalg.norm(rgb_to_lab(blank.color([Hint(0.5, 0.5, "#8090e0", 1.0)]))[..., 1:], axis=-1).mean() > 10


def test_what_cannot_be_gets_a_sentence(unet, astronaut, samples):
    alpha, hint = Colorizer(models.alpha()), Hint(0.5, 0.5, "#ff0000")
    with pytest.raises(ValueError, match="The network alpha has no features; wanted one that has, such as unet"):
        alpha(astronaut, hints=[hint])
    with pytest.raises(ValueError, match="Hints are given for several photos"):
        unet([astronaut, astronaut], hints=[hint])
    with pytest.raises(ValueError, match="The reference has no colors"):
        unet(astronaut, like=samples["camera"])


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (7, 9), (257, 33)])
def test_any_size(unet, rng, size):
    photo = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    colored = unet(photo, hints=[Hint(0.5, 0.5, "#2060c0"), Hint(1, 1, "#c02020", 1.0)])
    assert colored.shape == photo.shape and np.abs(lightness(colored) - lightness(photo)).max() < 0.5


def test_the_command_line_gives_the_same_photo(astronaut, tmp_path, capsys):
    given = [Hint(0.5, 0.2, "#c08060"), Hint(0.2, 0.2, "#4060a0")]
    path, file = colorlib.save_photo(astronaut, tmp_path / "aunt.png"), hints.save(given, tmp_path / "mine.json")
    assert cli.main(["colorize", str(path), "--hints", str(file), "--out", str(tmp_path / "out")]) == 0
    colored = colorlib.load_photo(tmp_path / "out" / "aunt.png")
    assert (colored == Colorizer()(astronaut, hints=given)).all()
    assert json.loads((tmp_path / "out" / "aunt.hints.json").read_text())["hints"][0]["color"] == "#c08060"

    album, like = tmp_path / "album", ["--like", str(path), "--hints", str(file)]
    for name in ("a.png", "b.png"):
        colorlib.save_photo(astronaut, album / name)
    assert cli.main(["colorize", str(album), *like, "--out", str(tmp_path / "alike")]) == 0
    assert sorted(p.name for p in (tmp_path / "alike").glob("*.png")) == ["a.png", "b.png"]
    assert cli.main(["colorize", str(album), "--hints", str(file), "--out", str(tmp_path / "none")]) == 1
    assert "--hints is for one photo and 2 are named" in capsys.readouterr().err

    assert cli.main(["colorize", str(path), "--versions", "3", "--out", str(tmp_path / "many")]) == 0
    names = sorted(p.name for p in (tmp_path / "many").glob("*.png"))
    assert names[-1] == "aunt.png" and "aunt.2.png" in names
    assert (colorlib.load_photo(tmp_path / "many" / "aunt.png") == Colorizer()(astronaut)).all()
