"""Network files that claim more than they hold are refused before they take memory."""

import io
import json
import zipfile

import h5py
import keras
import numpy as np
import pytest

from colorlib.network_files import load_network


@pytest.fixture(scope="module")
def members(network):
    """The files inside a good .keras file: name -> bytes."""
    with zipfile.ZipFile(network) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezipped(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_good_file_loads_zipped_again_or_not(network, members, tmp_path):
    again = rezipped(tmp_path / "again.keras", members)
    L = np.full((1, 32, 32, 1), 50, np.float32)
    np.testing.assert_array_equal(load_network(again)(L), load_network(network)(L))


def test_other_formats_are_refused_by_name(network, tmp_path):
    keras.saving.load_model(network).save_weights(tmp_path / "a.weights.h5")
    (tmp_path / "b.h5").write_bytes(network.read_bytes())
    for name in ("a.weights.h5", "b.h5"):
        with pytest.raises(ValueError, match=f"{name} does not end in .keras; wanted a file saved with model.save"):
            load_network(tmp_path / name)


def test_a_zip_that_unpacks_to_gigabytes(members, tmp_path):
    path = tmp_path / "zip.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", members["config.json"])
        with archive.open("model.weights.h5", "w", force_zip64=True) as file:
            for _ in range(100):
                file.write(bytes(1 << 20))
    with pytest.raises(ValueError, match=r"is refused: its unpacked files claim 10\d.\d MB for a file of 0.1 MB"):
        load_network(path)


def with_weights(members, change):
    file = io.BytesIO(members["model.weights.h5"])
    with h5py.File(file, "r+") as weights:
        name = []
        weights.visititems(lambda path, item: name.append(path) if isinstance(item, h5py.Dataset) else None)
        change(weights, name[0])
    return members | {"model.weights.h5": file.getvalue()}


def test_weights_that_unpack_to_gigabytes(members, tmp_path):
    def inflate(weights, name):
        del weights[name]
        weights.create_dataset(name, (1 << 30,), "float32", chunks=(1 << 20,), compression="gzip")

    path = rezipped(tmp_path / "hdf5.keras", with_weights(members, inflate))
    with pytest.raises(ValueError, match=r"its weights claim 4,29\d.\d MB"):
        load_network(path)


def test_weights_that_lie_in_other_files(members, tmp_path):
    def external(weights, name):
        del weights[name]
        weights.create_dataset(name, (10,), "uint8", external=[("/dev/zero", 0, 10)])

    def linked(weights, name):
        del weights[name]
        weights[name] = h5py.ExternalLink("/tmp/other.h5", "/a")

    with pytest.raises(ValueError, match="its weights claim inf MB"):
        load_network(rezipped(tmp_path / "external.keras", with_weights(members, external)))
    with pytest.raises(ValueError, match="is not a network that can be loaded"):
        load_network(rezipped(tmp_path / "linked.keras", with_weights(members, linked)))


def test_layers_of_a_billion_numbers(members, tmp_path):
    config = json.loads(members["config.json"])
    layer = next(layer for layer in config["config"]["layers"] if layer["class_name"] == "Conv2D")
    layer["config"]["filters"] = 1_000_000_000
    path = rezipped(tmp_path / "layers.keras", members | {"config.json": json.dumps(config)})
    with pytest.raises(ValueError, match="its layers claim 36,000.0 MB for a file"):
        load_network(path)
    assert "bounded" not in keras.Layer.add_weight.__qualname__


def test_damaged_files_get_one_sentence(network, tmp_path):
    whole = network.read_bytes()
    for number, data in enumerate((b"", b"no zip", whole[: len(whole) // 2], whole[:-100] + bytes(100))):
        path = tmp_path / f"{number}.keras"
        path.write_bytes(data)
        with pytest.raises(ValueError, match=f"{path} is not a network that can be loaded"):
            load_network(path)
