import subprocess

import keras
import numpy as np
import pytest

from colorlib import weight_files


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    x = keras.Input((None, None, 1))
    y = keras.layers.Conv2D(4, 3, padding="same", name="first")(x)
    y = keras.layers.Dropout(0.1)(keras.layers.BatchNormalization(name="norm")(y))
    return keras.Model(x, keras.layers.Conv2D(2, 1, name="last")(y), name="small")


def test_weights_come_back_in_half_precision_vectors_whole(network, tmp_path):
    arrays = weight_files.arrays_of(network)
    arrays["norm/moving_variance"] = np.array([1e-9, 1e-7, 1, 70_000], "float32")  # float16 ends at 6e-8 and 65504
    path = weight_files.write("small", arrays, tmp_path)
    back = weight_files.read("small", tmp_path)
    assert path == tmp_path / "small.npz" and list(back) == sorted(arrays)
    for key, array in arrays.items():
        kept = array.astype("float16") if array.ndim > 1 else array
        np.testing.assert_array_equal(back[key], kept.astype("float32"))
        assert back[key].dtype == np.float32
    weight_files.assign(network, back)
    np.testing.assert_array_equal(weight_files.arrays_of(network)["norm/moving_variance"], back["norm/moving_variance"])


def test_same_arrays_same_bytes_and_sums_that_sha256sum_accepts(network, tmp_path):
    arrays = weight_files.arrays_of(network)
    first = weight_files.write("b", arrays, tmp_path).read_bytes()
    second = weight_files.write("a", dict(reversed(arrays.items())), tmp_path).read_bytes()
    assert first == second
    weight_files.write("b", arrays, tmp_path)
    assert [line.split()[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()] == ["a.npz", "b.npz"]
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["SHA256SUMS", "a.npz", "b.npz"]


def test_damaged_unlisted_and_absent_files_are_refused(network, tmp_path):
    path = weight_files.write("small", weight_files.arrays_of(network), tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="small.npz is damaged"):
        weight_files.read("small", tmp_path)
    with pytest.raises(ValueError, match="no weights named large .* there are: small"):
        weight_files.read("large", tmp_path)
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(ValueError, match="small.npz is not listed"):
        weight_files.read("small", tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("last/kernel"), "lack last/kernel"),
        (lambda arrays: arrays.update({"other/bias": np.zeros(2)}), "hold other/bias, which small does not have"),
        (lambda arrays: arrays.update({"last/bias": np.zeros(3)}), r"last/bias of shape \(3,\); wanted \(2,\)"),
    ],
)
def test_assigning_is_strict_and_all_or_nothing(network, change, message):
    before = weight_files.arrays_of(network)
    arrays = {path: array + 1 for path, array in before.items()}
    change(arrays)
    with pytest.raises(ValueError, match=message):
        weight_files.assign(network, arrays)
    for path, array in weight_files.arrays_of(network).items():
        np.testing.assert_array_equal(array, before[path])


def test_values_beyond_half_precision_are_refused(network, tmp_path):
    arrays = weight_files.arrays_of(network)
    arrays["last/kernel"] = arrays["last/kernel"] + 70_000
    with pytest.raises(ValueError, match="last/kernel has values that are not finite in float16"):
        weight_files.write("small", arrays, tmp_path)
    assert not list(tmp_path.iterdir())
