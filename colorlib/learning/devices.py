"""Training on several devices: which there are, the network spread over them, batches that all can share evenly.

TensorFlow spreads by MirroredStrategy, JAX by keras.distribution. Each device gets an equal share of every batch, so
that the steps are those of one device, but for rounding.
"""

import contextlib

import keras
import numpy as np


def chosen(devices):
    """The names of the devices to train on, a list; [] for the one that is used anyway.

    Args:
        devices: None; "all", all GPUs, or where there are none all CPUs; or how many of them, from 1.

    Raises:
        ValueError: There are fewer, or the backend is neither TensorFlow nor JAX.
    """
    if devices is None:
        return []
    count = _count(devices)
    names = _there()
    if count and count > len(names):
        raise ValueError(f"devices is {count}; there are {len(names)}: {', '.join(names)}.")
    names = names[:count]
    return names if len(names) > 1 else []


def _count(devices):
    if devices == "all":
        return None
    try:
        count = int(devices)
    except (TypeError, ValueError):
        count = 0
    if count < 1 or count != float(devices):
        raise ValueError(f"devices is {devices!r}; wanted None, 'all', or how many, 1 or more.")
    return count


def _there():
    backend = keras.backend.backend()
    if backend == "jax":
        return keras.distribution.list_devices()  # GPUs where there are any: those of the default platform
    if backend != "tensorflow":
        raise ValueError(f"devices are chosen on TensorFlow and JAX alone; the backend is {backend}.")
    import tensorflow as tf

    logical = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return [device.name for device in logical]


@contextlib.contextmanager
def spread(names):
    """While the block runs, networks that are built live on all these devices; nothing changes for []."""
    if not names:
        yield
    elif keras.backend.backend() == "jax":
        with keras.distribution.DataParallel(devices=names, auto_shard_dataset=False).scope():
            yield
    else:
        import tensorflow as tf

        with tf.distribute.MirroredStrategy(names).scope():
            yield


def copied(model):
    """A new keras.Model with the same layers and weights; within `spread`, on all devices.

    Batch normalization takes its statistics over the whole batch, not over each device's share: on JAX always, on
    TensorFlow by `synchronized`.
    """
    copy = type(model).from_config(model.get_config())
    copy.set_weights(model.get_weights())
    for layer in copy.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = keras.backend.backend() == "tensorflow"
    return copy


class Even(keras.utils.PyDataset):
    """Batches that so many devices can share evenly: `even[i]` is L, ab and weights `(B, 1, 1) float32`.

    A batch that they cannot share is filled up with its first photos again, of weight 0. The others weigh more: in
    training, so that the mean of each batch, and with it the step, is that of the photos it had (the mean loss of an
    epoch that Keras prints counts the filled ones all the same); in validation, so that the mean of all batches is.

    Args:
        batches: A `batches.Batches`.
        devices: How many there are.
        validation: Whether the batches are those of the validation.
    """

    def __init__(self, batches, devices, validation=False):
        super().__init__()
        self.batches, self.devices, self.validation = batches, devices, validation

    def on_epoch_begin(self):
        self.batches.on_epoch_begin()

    def on_epoch_end(self):
        self.batches.on_epoch_end()

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        L, ab = self.batches[index]
        there, filled = len(L), self._filled(len(L))
        weights = np.zeros((filled, 1, 1), np.float32)
        weights[:there] = self._share_of_all() if self.validation else filled / there
        again = np.arange(filled) % there
        return L[again], ab[again], weights

    def _filled(self, count):
        return -(-count // self.devices) * self.devices

    def _share_of_all(self):
        """How many photos there are in all filled batches, for each photo that is not filled in."""
        whole, rest = divmod(self.batches.epoch_photos, self.batches.batch_size)
        return (whole * self._filled(self.batches.batch_size) + self._filled(rest)) / self.batches.epoch_photos
