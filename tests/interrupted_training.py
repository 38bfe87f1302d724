"""Interrupt a training run at random moments, and look at what is left of it.

    python tests/interrupted_training.py kill 40             # kill -9
    sudo python tests/interrupted_training.py power 40       # a power failure, on a file system of its own (Linux)

Each time a tiny network resumes in a process of its own. It says after each epoch that the epoch is kept, and is
interrupted after up to SECONDS, every fourth time before it has begun. Whatever it has said must be there. For a
power failure, the run lies on an ext4 file system in an image file; the process is stopped, the image is copied as it
is on its "disk" at that moment, without what the system still holds back, and the copy is mounted instead.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from colorlib.learning import states
from colorlib.learning.batches import Batches
from colorlib.learning.training import train

SECONDS = 3  # of training, at most, before an interruption; half of them come at once


def learn(run, said):
    """Train for ever; write a line to the pipe `said` after each epoch that is kept."""
    keras.utils.set_random_seed(0)
    L = keras.Input((None, None, 1))
    model = keras.Model(L, keras.layers.Conv2D(2, 3, padding="same", name="ab")(L), name="tiny")
    photos = list(np.random.default_rng(0).integers(0, 256, (12, 48, 48, 3), np.uint8))
    pair = Batches(photos[:8], size=32, batch_size=4), Batches(photos[8:], size=32, augment=False)
    train(model, *pair, run, epochs=10**6, learning_rate=1e-4, show=lambda _: os.write(said, b"."))


@contextlib.contextmanager
def learning(run):
    """A process that learns, and the end of the pipe in which it says so; its output goes to `run`.log."""
    heard, said = os.pipe()
    process = os.fork()  # everything is imported, and TensorFlow has not begun to work yet
    if not process:
        log = os.open(f"{run}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            learn(run, said)
        except BaseException as error:
            print(f"FAILED: {type(error).__name__}: {error}", flush=True)
        os._exit(1)
    os.close(said)
    try:
        yield process, heard
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(heard)


def interrupted(run, rng, stop, begun):
    """Learn from where the run is until interrupted; the number of epochs that were kept, as the process said.

    With `begun`, not before the first epoch.
    """
    with learning(run) as (process, heard):
        said = 0
        if begun:
            said = len(os.read(heard, 1))  # what takes long is over
            if not said:
                raise SystemExit(Path(f"{run}.log").read_text())
        time.sleep(rng.choice([0.2, SECONDS]) * rng.random())
        os.kill(process, signal.SIGSTOP)
        stop()
        os.set_blocking(heard, False)
        with contextlib.suppress(BlockingIOError):
            said += len(os.read(heard, 100_000))
    return said


def kept(run):
    """The epoch of the last state that is complete, 0 for none; how many states are damaged."""
    good, damaged = 0, 0
    for state in states.find_states(run):
        try:
            states.check_state(state)
            good = states.epoch_of(state)
        except states.DamagedState:
            damaged += 1
    return good, damaged


class Disk:
    """An ext4 file system in an image file, mounted; `cut` takes its power away."""

    def __init__(self, folder):
        self.image, self.mount = folder / "disk.img", folder / "disk"
        self.mount.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        self._mount()

    def _mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.mount], check=True)

    def copy(self):
        shutil.copyfile(self.image, self.image.with_suffix(".copy"))

    def cut(self):
        """Mount the copy instead."""
        self.close()
        os.replace(self.image.with_suffix(".copy"), self.image)
        self._mount()

    def close(self):
        subprocess.run(["umount", self.mount], check=True)


def main(how, times):
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(Path(folder)) if how == "power" else None
        run = disk.mount / "run" if disk else Path(folder, "run")
        epochs = lost = damaged = 0
        try:
            for number in range(times):
                stop = disk.copy if disk else lambda: None
                said = epochs + interrupted(run, rng, stop, begun=number % 4 < 3)
                if disk:
                    disk.cut()
                epochs, more = kept(run)
                lost, damaged = lost + max(said - epochs, 0), damaged + more
        finally:
            if disk:
                disk.close()
    print(f"{times} interruptions, {epochs} epochs kept, {lost} lost of those that were said, {damaged} damaged states")
    return 1 if lost or damaged or not epochs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
