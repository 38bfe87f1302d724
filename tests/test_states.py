"""A state comes back as it was written, or is refused with its reason."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from colorlib.learning.states import DamagedState, epoch_of, find_states, path_of, read_state, write_state

ROWS = [{"epoch": 1, "val_loss": 3.0}, {"epoch": 2, "val_loss": 2.0}]


@pytest.fixture
def learner():
    L = keras.Input((None, None, 1))
    model = keras.Model(L, keras.layers.Conv2D(2, 3, name="ab")(L))
    model.compile(keras.optimizers.Adam(), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def state(learner, tmp_path):
    write_state(path_of(tmp_path, 2), learner, ROWS)
    return path_of(tmp_path, 2)


def test_a_state_comes_back(learner, state):
    weights = learner.get_weights()
    learner.set_weights([0 * weight for weight in weights])
    assert read_state(state, learner) == ROWS
    for now, before in zip(learner.get_weights(), weights):
        np.testing.assert_array_equal(now, before)


def test_states_are_found_by_their_number(tmp_path):
    for name in ("epoch-0009", "epoch-0010", "epoch-10000", "epoch-best", ".epoch-0011.0a1b2c3d.part"):
        (tmp_path / name).mkdir()
    (tmp_path / "epoch-0012").touch()
    assert [epoch_of(path) for path in find_states(tmp_path)] == [9, 10, 10000]
    assert epoch_of(path_of(tmp_path, 12345)) == 12345 and epoch_of("epoch-7") is None


def test_a_damaged_state_of_the_same_epoch_is_replaced(learner, state):
    (state / "model.weights.h5").write_bytes(b"")
    write_state(state, learner, ROWS)
    assert read_state(state, learner) == ROWS


def flip(data):
    return data[:-5] + bytes([data[-5] ^ 64]) + data[-4:]


@pytest.mark.parametrize("name", ["model.weights.h5", "history.json"])
@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: bytes(len(d)), lambda d: d[: len(d) // 2], flip])
def test_a_damaged_file_is_refused_by_its_checksum(learner, state, name, damage):
    (state / name).write_bytes(damage((state / name).read_bytes()))
    with pytest.raises(DamagedState, match=f"^the SHA-256 of {name} is not the one in SHA256SUMS$"):
        read_state(state, learner)


@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: bytes(len(d)), lambda d: d[:20]])
def test_damaged_checksums_are_refused(learner, state, damage):
    (state / "SHA256SUMS").write_bytes(damage((state / "SHA256SUMS").read_bytes()))
    with pytest.raises(DamagedState, match="SHA-256"):
        read_state(state, learner)


@pytest.mark.parametrize("name", ["model.weights.h5", "history.json"])
def test_a_missing_file_is_named(learner, state, name):
    (state / name).unlink()
    with pytest.raises(DamagedState, match=f"^{name} is missing$"):
        read_state(state, learner)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"[1, 2]", b'[{"val_loss": 1}]', b"null", b"\xff\x00"])
def test_without_checksums_an_odd_history_is_refused(learner, state, data):
    """As version 0.1 wrote states."""
    (state / "SHA256SUMS").unlink()
    (state / "history.json").write_bytes(data)
    with pytest.raises(DamagedState, match="^history.json "):
        read_state(state, learner)


def test_without_checksums_weights_that_cannot_be_loaded_are_refused(learner, state):
    (state / "SHA256SUMS").unlink()
    assert read_state(state, learner) == ROWS
    path = state / "model.weights.h5"
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DamagedState, match="cannot be loaded"):
        read_state(state, learner)


@pytest.mark.parametrize("where", ["weights", "optimizer"])
def test_numbers_that_are_not_finite_are_refused(learner, tmp_path, where):
    variable = learner.layers[1].bias if where == "weights" else learner.optimizer.variables[-1]
    variable.assign(np.full(variable.shape, np.nan))
    write_state(path_of(tmp_path, 2), learner, ROWS)
    with pytest.raises(DamagedState, match="numbers that are not finite"):
        read_state(path_of(tmp_path, 2), learner)


FULL = """
import resource, sys, keras
from colorlib.learning.states import write_state
L = keras.Input((None, None, 64))
model = keras.Model(L, keras.layers.Conv2D(64, 3)(keras.layers.Conv2D(64, 3)(L)))
model.compile(keras.optimizers.Adam(), "mse")
model.optimizer.build(model.trainable_variables)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    write_state(sys.argv[1], model, [])
except (OSError, RuntimeError) as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit for the size of files")
def test_a_full_disk_does_not_crash_the_program(tmp_path):
    command = [sys.executable, "-c", FULL, str(tmp_path / "epoch-0001")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "OSError [Errno 27] File too large\n"), done.stderr
    assert "HDF5" not in done.stderr and "h5py" not in done.stderr and list(tmp_path.iterdir()) == []
