"""The terminal of a command: signals end it as Ctrl-C does; a closed window or pipe ends nothing."""

import contextlib
import os
import signal
import sys


class Stopped(KeyboardInterrupt):
    """A signal asked the program to end; `number` is its number."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


class Stream:
    """A text stream that can break: what is written to it afterwards goes nowhere, and the work goes on."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        self._try("write", text)
        return len(text)

    def flush(self):
        self._try("flush")

    def _try(self, method, *arguments):
        try:
            getattr(self._stream, method)(*arguments)
        except (OSError, ValueError):  # a broken pipe, a terminal that is gone, a closed file
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())  # else Python complains about it at the end
                os.close(nowhere)

    def __getattr__(self, name):
        return getattr(self._stream, name)


@contextlib.contextmanager
def safe_streams():
    """Standard output and errors that can break, or be missing, while the block runs."""
    before = sys.stdout, sys.stderr
    _open_missing()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console that lacks a letter must not end the work
        setattr(sys, name, Stream(stream))
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def _open_missing():
    """Open the standard streams that were closed: else a file that is opened next becomes one of them."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)


@contextlib.contextmanager
def stopping_signals():
    """SIGTERM and SIGHUP raise `Stopped` while the block runs, unless they are ignored, as nohup has it."""
    before = {}

    def stop(number, _):
        raise Stopped(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        with contextlib.suppress(ValueError):  # signals belong to the main thread
            if number and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def import_keras_quietly():
    """Import Keras with stderr closed: TensorFlow greets there before it reads any setting."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
