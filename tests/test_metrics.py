import csv

import numpy as np
import pytest

from colorlib import baselines, lab_to_rgb, lightness, metrics, rgb_to_lab, save_photo
from colorlib.baselines import LookUp, Neighbors, gray
from colorlib.metrics import Rarity, auc, evaluate, format_table, save_table

RED, BLUE, TEAL = (200, 40, 40), (40, 60, 200), (20, 140, 130)

SHARMA = [  # L, a, b and L, a, b and their CIEDE2000: Sharma, Wu & Dalal 2005, table 1
    (50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425),
    (50, 0, 0, 50, -1, 2, 2.3669),
    (50, 2.49, -0.001, 50, -2.49, 0.0009, 7.1792),
    (50, 2.49, -0.001, 50, -2.49, 0.0011, 7.2195),
    (50, 2.5, 0, 73, 25, -18, 27.1492),
    (50, 2.5, 0, 61, -5, 29, 22.8977),
    (50, 2.5, 0, 56, -27, -3, 31.9030),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
]


def solid(color, side=256):
    return np.full((side, side, 3), color, np.uint8)


def striped(left, right, share=0.5):
    """A photo whose left `share` has one color and the rest another."""
    photo = solid(left)
    photo[:, round(256 * share) :] = right
    return photo


def ab_of(color):
    return rgb_to_lab(np.array(color, np.uint8))[1:]


def always(color):
    """A predictor that sees one color everywhere."""
    return lambda L: np.tile(ab_of(color), (*L.shape, 1))


def by_method(rows):
    return {row["method"]: row for row in rows}


def test_psnr_by_hand():
    photo = solid(100)
    assert metrics.psnr(photo, photo + 10) == pytest.approx(10 * np.log10(255**2 / 100))
    assert metrics.psnr(photo + 10, photo) == metrics.psnr(photo, photo + 10)
    assert metrics.psnr(solid(0), solid(255)) == 0


def test_psnr_ends_at_60():
    other = solid(100)
    assert metrics.psnr(solid(100), other) == 60
    other[0, 0, 0] += 1
    assert metrics.psnr(solid(100), other) == 60


def test_ssim_of_flat_photos_is_its_luminance_term(rng):
    c = (0.01 * 255) ** 2
    expected = (2 * 100 * 120 + c) / (100**2 + 120**2 + c)
    assert metrics.ssim(solid(100), solid(120)) == pytest.approx(expected, abs=1e-6)
    noise = rng.integers(0, 256, (64, 64, 3), np.uint8)
    assert metrics.ssim(noise, noise) == pytest.approx(1)
    assert metrics.ssim(noise, 255 - noise) < -0.5


@pytest.mark.parametrize("pair", SHARMA)
def test_ciede2000_of_published_pairs(pair, monkeypatch):
    labs = iter([np.array([[pair[:3]]]), np.array([[pair[3:6]]])])
    monkeypatch.setattr(metrics, "rgb_to_lab", lambda photo: next(labs))
    assert metrics.ciede2000(solid(0, 1), solid(0, 1)) == pytest.approx(pair[6], abs=1e-4)


def test_ciede2000_is_of_photos_and_averages():
    assert metrics.ciede2000(solid(0), solid(255)) == pytest.approx(100, abs=0.01)
    assert metrics.ciede2000(solid((255, 0, 0)), solid((0, 255, 0))) == pytest.approx(86.608, abs=0.01)
    assert metrics.ciede2000(solid(0), striped(0, 255, share=0.75)) == pytest.approx(25, abs=0.01)


def test_colorfulness_by_hand():
    assert metrics.colorfulness(solid(77)) == 0
    # R - G is 255 and 0, (R + G) / 2 - B is 127.5 and 0: of both, spread and mean are half
    assert metrics.colorfulness(striped((255, 0, 0), 50)) == pytest.approx(1.3 * np.hypot(127.5, 63.75))
    # R - G is 255 and -255: absolute values would see no spread at all
    assert metrics.colorfulness(striped((255, 0, 0), (0, 255, 0))) == pytest.approx(255 + 0.3 * 127.5)


@pytest.mark.parametrize("measure", [metrics.psnr, metrics.ssim, metrics.ciede2000])
def test_photos_that_do_not_match_are_named(measure):
    with pytest.raises(ValueError, match=r"shapes \(256, 256, 3\) and \(64, 64, 3\)"):
        measure(solid(0), solid(0, 64))
    with pytest.raises(ValueError, match=r"float64 of shape .*wanted \(H, W, 3\) uint8"):
        measure(solid(0), solid(0) / 255)
    with pytest.raises(ValueError, match="wanted .* uint8"):
        metrics.colorfulness(solid(0)[..., 0])


@pytest.mark.parametrize("error, percent", [(0, 100), (15, 90), (75, 50), (150, 0), (400, 0)])
def test_auc_of_a_constant_error(error, percent):
    assert auc(np.full((4, 5), error)) == pytest.approx(percent)


def test_auc_is_the_area_under_the_curve(rng):
    error = rng.gamma(2, 15, (100, 100))
    thresholds = np.linspace(0, 150, 1501)
    curve = [100 * (error <= threshold).mean() for threshold in thresholds]
    assert auc(error) == pytest.approx(np.trapezoid(curve, thresholds) / 150, abs=0.01)


def test_auc_weighs_pixels():
    assert auc(np.array([0, 150]), weights=np.array([3, 1])) == pytest.approx(75)


def test_rarity_is_one_over_the_smoothed_probability():
    rarity = Rarity([striped(RED, BLUE, share=0.75), solid(60)])
    peak = 1 / (2 * np.pi * 5**2)  # of the smoothing Gaussian, and the gray photo does not count
    expected = [1 / (0.75 * peak), 1 / (0.25 * peak), 1e7, 1e7]
    unseen = ab_of(RED) - [90, 0], ab_of(RED) - [0, 90]
    np.testing.assert_allclose(rarity(np.stack([ab_of(RED), ab_of(BLUE), *unseen])), expected, rtol=0.01)
    assert rarity(np.zeros((3, 4, 2))).shape == (3, 4)


def test_rebalanced_auc_of_two_colors_by_hand():
    L_of_blue = rgb_to_lab(np.array(BLUE, np.uint8))[:1]
    red_under_blue = ab_of(lab_to_rgb(np.concatenate([L_of_blue, ab_of(RED)])))  # less red: as far as sRGB has it
    wrong = np.linalg.norm(red_under_blue - ab_of(BLUE))
    row = by_method(evaluate([striped(RED, BLUE, share=0.75)], {"all red": always(RED)}))["all red"]
    assert wrong > 60
    assert row["AuC"] == pytest.approx(100 - 25 * wrong / 150, abs=0.2)  # a quarter of the pixels is wrong
    assert row["AuC rebalanced"] == pytest.approx(100 - 50 * wrong / 150, abs=0.2)  # but one color of two


def test_rarity_may_come_from_other_photos():
    photo, others = striped(RED, BLUE), [striped(RED, BLUE, share=0.75)]
    row = by_method(evaluate([photo], {"all red": always(RED)}, Rarity(others)))["all red"]
    assert (100 - row["AuC rebalanced"]) / (100 - row["AuC"]) == pytest.approx(1.5, abs=0.01)


def test_mean_ab_is_exact():
    mean = baselines.fit([solid(RED), solid(BLUE), solid(BLUE, 64)])["mean ab"]
    expected = (ab_of(RED) + 2 * ab_of(BLUE)) / 3
    np.testing.assert_allclose(mean(np.zeros((5, 7), np.float32)), np.tile(expected, (5, 7, 1)), atol=1e-3)


def test_look_up_tells_lightness_and_height_apart():
    labs = np.zeros((2, 32, 32, 3), np.float32)
    labs[0, :16] = 20, 10, 0
    labs[0, 16:] = 20, 0, 30
    labs[1, :16] = 81, -40, 0
    labs[1, 16:] = 81, 0, -50
    table = LookUp(labs)
    dark, bright, unseen = (table(np.full((64, 8), L, np.float32)) for L in (20.5, 80.5, 50))
    assert dark.shape == (64, 8, 2)
    np.testing.assert_array_equal(dark[[0, 31, 32, 63], 0], [[10, 0], [10, 0], [0, 30], [0, 30]])
    np.testing.assert_array_equal(bright[[0, 31, 32, 63], 7], [[-40, 0], [-40, 0], [0, -50], [0, -50]])
    np.testing.assert_array_equal(unseen, np.broadcast_to(labs[..., 1:].mean(axis=(0, 1, 2)), (64, 8, 2)))


def test_look_up_averages_what_it_saw():
    labs = np.zeros((2, 32, 32, 3), np.float32)
    labs[0] = 50, 10, 0
    labs[1] = 50, 20, -8
    np.testing.assert_array_equal(LookUp(labs)(np.full((4, 4), 51, np.float32)), np.tile([15, -4], (4, 4, 1)))


@pytest.fixture(scope="module")
def labs(samples):
    names = ("astronaut", "china", "flower", "chelsea", "coffee")
    return {name: rgb_to_lab(metrics._square(samples[name])) for name in names}


def test_the_nearest_neighbor_of_a_known_photo_is_itself(labs):
    retrieve = Neighbors(np.stack(list(labs.values())), k=1)
    for lab in labs.values():
        ab = retrieve(lab[..., 0])
        assert ab.shape == (256, 256, 2) and ab.dtype == np.float32
        cells = lab[..., 1:].reshape(16, 16, 16, 16, 2).mean(axis=(1, 3))
        np.testing.assert_allclose(ab[0, 0], cells[0, 0], atol=0.01)
        np.testing.assert_allclose(ab[8::16, 8::16], cells, atol=3)
        assert retrieve(lab[:100, :, 0]).shape == (100, 256, 2)


def test_a_faded_photo_still_looks_like_itself(labs):
    L = labs["coffee"][::16, ::16, 0]
    np.testing.assert_allclose(Neighbors._descriptor(20 + L / 2), Neighbors._descriptor(L), atol=1e-5)
    assert np.isfinite(Neighbors._descriptor(np.full((16, 16), 50.0))).all()


def test_neighbors_are_averaged_and_may_be_few(labs):
    two = np.stack([labs["coffee"], labs["china"]])
    np.testing.assert_allclose(
        Neighbors(two, k=10)(labs["flower"][..., 0]),
        np.mean([Neighbors(two[[i]], k=1)(labs["flower"][..., 0]) for i in (0, 1)], axis=0),
        atol=1e-3,
    )


def test_baselines_choose_by_seed_and_need_photos():
    photos = [solid(RED), solid(BLUE), solid(TEAL)]
    L = np.zeros((1, 1), np.float32)
    colors = [baselines.fit(photos, most=1, seed=seed)["mean ab"](L)[0, 0] for seed in range(8)]
    assert len({tuple(color.round()) for color in colors}) == 3
    assert all(min(np.abs(color - ab_of(c)).max() for c in (RED, BLUE, TEAL)) < 0.01 for color in colors)
    np.testing.assert_array_equal(baselines.fit(photos, most=1, seed=3)["mean ab"](L)[0, 0], colors[3])
    with pytest.raises(ValueError, match="None of 0 photos"):
        baselines.fit([])


def test_every_row_of_a_table(samples):
    photos = [samples["coffee"], samples["astronaut"]]
    rows = by_method(evaluate(photos, baselines.fit(photos)))
    assert list(rows) == ["gray", "mean ab", "look-up", "10-NN", "own ab 32x32", "own ab 64x64"]
    ceilings = rows["10-NN"], rows["own ab 32x32"], rows["own ab 64x64"]
    for column in ("PSNR", "SSIM", "AuC", "AuC rebalanced"):
        assert ceilings[0][column] < ceilings[1][column] < ceilings[2][column], column
    assert ceilings[0]["CIEDE2000"] > ceilings[1]["CIEDE2000"] > ceilings[2]["CIEDE2000"]
    assert rows["gray"]["colorfulness ratio"] < 0.01 < rows["look-up"]["colorfulness ratio"] < 1
    chroma = np.mean([np.linalg.norm(rgb_to_lab(metrics._square(photo))[..., 1:], axis=-1).mean() for photo in photos])
    assert rows["gray"]["AuC"] == pytest.approx(100 - chroma / 1.5, abs=0.01)


def test_scores_are_means_but_the_ratio_is_of_means():
    vivid, pale = striped(RED, TEAL), striped((120, 100, 100), (100, 120, 120))
    truth = {lightness(photo)[0, 0].round(2): rgb_to_lab(photo)[..., 1:] for photo in (vivid, pale)}
    only_vivid = {"sees one": lambda L: truth[L[0, 0].round(2)] * (L[0, 0].round(2) == list(truth)[0])}
    row = by_method(evaluate([vivid, pale], only_vivid))["sees one"]
    expected = metrics.colorfulness(vivid) / (metrics.colorfulness(vivid) + metrics.colorfulness(pale))
    assert row["colorfulness ratio"] == pytest.approx(expected, abs=0.02)
    chroma = np.linalg.norm(rgb_to_lab(pale)[..., 1:], axis=-1).mean()
    assert row["AuC"] == pytest.approx((100 + 100 - chroma / 1.5) / 2, abs=0.2)
    assert row["PSNR"] < 60 and row["photos"] == 2


def test_nearly_gray_photos_are_left_out_and_counted(samples, tmp_path):
    path = save_photo(solid(RED, 40), tmp_path / "red.png")
    photos = [solid(128), path, samples["camera"], solid((128, 126, 128))]
    rows = evaluate(photos, {"red": always(RED)})
    assert [(row["photos"], row["left out"]) for row in rows] == [(1, 3)] * 3
    assert by_method(rows)["red"]["CIEDE2000"] == pytest.approx(0, abs=0.3)
    with pytest.raises(ValueError, match="None of 2 photos is in color"):
        evaluate(photos[2:], {})


def test_a_predictor_of_another_shape_is_named():
    with pytest.raises(ValueError, match=r"small net gives ab of shape \(128, 128, 2\) for L of shape \(256, 256\)"):
        evaluate([solid(RED)], {"small net": lambda L: np.zeros((128, 128, 2))})


def test_evaluate_takes_a_colorizer(gaudy):
    from colorlib import Colorizer

    waves = 0.65 + 0.35 * np.sin(np.arange(256) / 8)[:, None, None]  # a photo without structure stays neutral
    photo = (solid(RED) * waves).astype(np.uint8)
    row = by_method(evaluate([photo], {"gaudy": Colorizer(gaudy, size=64).ab}))["gaudy"]
    assert row["colorfulness ratio"] > 1 and row["AuC"] < 60


@pytest.fixture(scope="module")
def rows():
    return evaluate([striped(RED, BLUE), solid(90)], {"a red, or not": always(RED), "gray": gray})


def test_the_table_as_text(rows):
    lines = format_table(rows).splitlines()
    assert len(lines) == 6 and len({len(line) for line in lines[:5]}) == 1
    assert lines[0].split() == " ".join(metrics.COLUMNS).split()
    assert [line[:13].strip() for line in lines[1:5]] == [row["method"] for row in rows]
    assert lines[2].split()[1:] == [f"{rows[1][c]:.{d}f}" for c, d in zip(metrics.COLUMNS, (2, 3, 2, 2, 1, 1))]
    assert lines[5] == "1 photos; 1 nearly gray left out."


def test_the_table_as_csv(rows, tmp_path):
    path = save_table(rows, tmp_path / "scores" / "table.csv")
    with path.open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["method"] for row in read] == ["a red, or not", "gray", "own ab 32x32", "own ab 64x64"]
    assert [{key: type(value)(read[i][key]) for key, value in row.items()} for i, row in enumerate(rows)] == rows
    assert [file.name for file in path.parent.iterdir()] == ["table.csv"]
    with pytest.raises(ValueError, match="table.csv.* could not be written"):
        save_table(rows, path / "below" / "table.csv")


def test_broken_photos_are_left_out_and_counted(samples, tmp_path):
    path = save_photo(samples["china"][::2, ::2], tmp_path / "china.jpg")
    (tmp_path / "broken.jpg").write_bytes(path.read_bytes()[:2000])
    paths = [tmp_path / "broken.jpg", path]
    (row, *_) = evaluate(paths, {"gray": gray})
    assert (row["photos"], row["left out"], row["unreadable"]) == (1, 0, 1)
    np.testing.assert_allclose(baselines.fit(paths)["mean ab"].ab, baselines.fit([path])["mean ab"].ab)
    with pytest.raises(ValueError, match="None of 1 photos can be read"):
        baselines.fit(paths[:1])
