import itertools

import keras
import numpy as np
import pytest

from colorlib import lab_to_rgb, models, rgb_to_lab, save_photo
from colorlib.cli import main
from colorlib.learning import critic, critic_guards
from colorlib.learning.batches import Batches
from colorlib.learning.perceptual import Perceptual, rgb_of

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
wants_tensorflow = pytest.mark.skipif(not ON_TENSORFLOW, reason="training with a critic wants TensorFlow")


@pytest.fixture(scope="module")
def lab(samples):
    """(L, ab) of four crops of sample photos, 64 x 64."""
    crops = [samples[name][100:164, 200:264] for name in ("astronaut", "china", "coffee", "chelsea")]
    planes = rgb_to_lab(np.stack(crops))
    return planes[..., :1], planes[..., 1:]


@pytest.fixture(scope="module")
def sides(samples):
    """Batches to learn from and to hold out, of crops of sample photos at 32 pixels."""
    corners = np.random.default_rng(0).integers(0, 250, (12, 2))
    crops = [samples[name][y : y + 40, x : x + 40] for y, x in corners for name in ("astronaut", "china")]
    return Batches(crops[:16], size=32, batch_size=4), Batches(crops[16:], size=32, batch_size=4, augment=False)


@pytest.fixture
def network():
    """A small network that can be trained in a second, and chooses among bins."""
    keras.utils.set_random_seed(0)
    L = keras.Input((None, None, 1), name="L")
    x = keras.layers.Conv2D(8, 3, 4, "same", activation="relu")(keras.layers.Rescaling(1 / 50, -1)(L))
    return keras.Model(L, models._classified(x), name="small")


def test_rgb_of_lab_is_that_of_color(lab):
    rgb = np.asarray(rgb_of(*lab))
    assert np.abs(rgb - lab_to_rgb(np.concatenate(lab, axis=-1)) / 255).max() < 0.004


@wants_tensorflow
def test_rgb_of_lab_has_a_finite_slope_everywhere():
    import tensorflow as tf

    L = tf.constant(np.linspace(0, 100, 64, dtype=np.float32).reshape(1, 8, 8, 1))
    for value in (0.0, 90.0, -150.0):
        ab = tf.Variable(tf.fill((1, 8, 8, 2), value))
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(rgb_of(L, ab))
        assert np.isfinite(tape.gradient(total, ab)).all()


def test_perceptual_loss_grows_with_the_distance(lab):
    L, ab = lab
    loss = Perceptual(maps=2)
    distances = [float(loss(L, ab, ab * keep)) for keep in (1, 0.8, 0.4, 0)]
    assert distances[0] == 0 and distances == sorted(distances)
    with pytest.raises(ValueError, match="maps is 6; wanted a whole number from 1 to 5"):
        Perceptual(maps=6)


def test_critic_judges_patches_within_a_bound(lab):
    judge = critic.patch_critic(filters=8)
    planes = np.concatenate(lab, axis=-1)
    for _ in range(20):  # each time the kernels come closer to a spectral norm of 1
        judge(planes, training=True)
    scores = np.asarray(judge(planes))
    assert scores.shape == (4, 8, 8, 1)
    changed = planes.copy()
    changed[:, 56:, 56:] += 20
    moved = np.abs(np.asarray(judge(changed)) - scores)[..., 0] > 1e-6
    assert moved[:, 7, 7].all() and not moved[:, :4, :4].any()  # a far patch is not judged by this corner


def test_hinge_is_2_for_ignorance_and_0_for_certainty():
    assert float(critic.hinge(np.zeros(4), np.zeros(4))) == 2
    assert float(critic.hinge(np.full(4, 1.5), np.full(4, -1.0))) == 0


def test_measures_and_guards_find_each_fault(lab):
    L, ab = lab
    same = critic_guards.measures(L, ab, ab)
    assert same["CIEDE2000"] == 0 and abs(same["colorfulness"] - 1) < 1e-6 and abs(same["orange skin"] - 1) < 1e-6
    pale = critic_guards.measures(L, ab, 0.6 * ab)
    assert critic_guards.tripped(pale, pale) == []
    noisy = critic_guards.measures(L, ab, 0.6 * ab + np.random.default_rng(0).normal(0, 12, ab.shape).astype("f4"))
    assert "flat noise" in critic_guards.tripped(noisy, pale) and "CIEDE2000" in critic_guards.tripped(noisy, pale)
    assert "colorfulness" in critic_guards.tripped(critic_guards.measures(L, ab, 1.3 * ab), pale)
    orange = np.where(critic_guards._skin(L, ab)[..., None], 1.6 * ab, 0.6 * ab)
    assert "orange skin" in critic_guards.tripped(critic_guards.measures(L, ab, orange), pale)


@wants_tensorflow
def test_a_run_resumes_and_a_guard_stops_it_for_good(network, sides, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(critic, "READY", 0.0)  # four steps a checkpoint are too few to wait for the critic
    start = [weights.copy() for weights in network.get_weights()]
    options = {"learning_rate": 0.3, "truth": 0.0, "adversarial": 10.0}
    first = critic.fine_tune(network, *sides, tmp_path, checkpoints=1, guards=False, **options)
    assert {"truth", "fooling", "critic", "right", "colorfulness"} <= set(first) and first["stopped"] == [0.0]
    assert first["learned"] == [4.0]
    assert "began to learn after 0 steps, and learned 4." in capsys.readouterr().out
    assert all(np.isfinite(values).all() for values in first.values())
    assert not all(map(np.array_equal, start, network.get_weights()))
    network.set_weights(start)  # the state brings the others back
    longer = critic.fine_tune(network, *sides, tmp_path, checkpoints=3, **options)
    assert {name: values[:1] for name, values in longer.items()} == first
    assert longer["stopped"] == [0.0, 1.0] and "Stopped after checkpoint 2" in capsys.readouterr().out
    network.set_weights(start)
    assert critic.fine_tune(network, *sides, tmp_path, checkpoints=3, **options) == longer
    with pytest.raises(ValueError, match="holds a run begun with"):
        critic.fine_tune(network, *sides, tmp_path, checkpoints=3, **options | {"adversarial": 1.0})


@wants_tensorflow
def test_a_trained_critic_need_not_be_waited_for(network, sides, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(critic, "train", lambda *_, learner, **__: seen.append(float(learner.share)) or {"learned": []})
    for judge in (None, critic.patch_critic(filters=4)):
        critic.fine_tune(network, *sides, tmp_path, judge=judge)
    assert seen[0] == 0.5 and 0 < seen[1] < 1 and seen[1] != 0.5


@wants_tensorflow
def test_runs_that_differ_in_the_critic_alone_weigh_the_rest_alike(network, sides, tmp_path, monkeypatch):
    """Whatever epoch the batches are at: the perceptual loss is weighed on the same batch, and nothing moves on."""
    seen, (batches, validation) = [], sides
    monkeypatch.setattr(critic, "train", lambda *_, learner, **__: seen.append(learner.perceptual) or {"learned": []})
    for epoch, adversarial in ((0, 0.1), (3, 0.0), (7, 1.0)):
        batches.epoch = epoch
        here = batches[0][0]
        critic.fine_tune(network, batches, validation, tmp_path, adversarial=adversarial)
        assert batches.epoch == epoch and np.array_equal(batches[0][0], here)
    assert seen[0] > 0 and seen == seen[:1] * 3
    learner = critic.AgainstCritic(network, critic.patch_critic(4), critic._truth_loss(network, batches))
    learner.balance(*batches[0], 0.5)
    assert learner.perceptual != seen[0]  # of another batch


@wants_tensorflow
def test_steps_are_counted_from_when_the_critic_is_ready(network, sides, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(critic, "READY", 1.0)  # more than it can reach
    start = [weights.copy() for weights in network.get_weights()]
    waited = critic.fine_tune(network, *sides, tmp_path, checkpoints=2)
    assert waited["learned"] == [0.0, 0.0] and all(map(np.array_equal, start, network.get_weights()))
    assert "never began to learn in 8 steps" in capsys.readouterr().out
    assert "after 3 steps, and learned 5." in critic._learned({"learned": [1.0, 4.0]}, 4)


@wants_tensorflow
def test_a_run_of_before_the_count_of_steps_resumes(network, sides, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(critic, "train", lambda *_, **__: {"epoch": [1], "loss": [2.0]})
    assert "learned" not in critic.fine_tune(network, *sides, tmp_path) and not capsys.readouterr().out


@wants_tensorflow
def test_frozen_layers_stay_and_a_network_without_any_other_is_refused(network, sides, tmp_path):
    network.trainable = False
    with pytest.raises(ValueError, match="All layers of the network small are frozen"):
        critic.fine_tune(network, *sides, tmp_path)


@wants_tensorflow
def test_command_line_trains_with_a_critic(samples, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLORLIB_CACHE", str(tmp_path / "cache"))
    for i, (name, corner) in enumerate(itertools.product(("astronaut", "china"), (0, 60, 120))):
        photo = samples[name][corner : corner + 80, corner : corner + 80]
        save_photo(photo, tmp_path / "photos" / ("val" if corner == 120 else "train") / f"{i}.png")
    words = ["train", str(tmp_path / "photos"), "--critic", "--network", "alpha", "--run", str(tmp_path / "run")]
    assert main(words) == 1 and "--critic was given without --start" in capsys.readouterr().err
    models.alpha().save(tmp_path / "start.keras")
    words += ["--start", str(tmp_path / "start.keras"), "--size", "32", "--epochs", "1", "--epoch-photos", "4"]
    assert main([*words, "--average"]) == 1 and "--average was given with --critic" in capsys.readouterr().err
    assert main([*words, "--keep-all"]) == 0  # one step, in which the network waits for the critic
    assert "No checkpoint" in capsys.readouterr().out and not (tmp_path / "run" / "passed.keras").exists()
    monkeypatch.setattr(critic, "READY", 0.0)
    assert main([*words, "--keep-all", "--run", str(tmp_path / "other")]) == 0
    assert "passed.keras --size 32" in capsys.readouterr().out and (tmp_path / "other" / "passed.keras").exists()
