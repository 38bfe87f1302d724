"""A lock for a folder that only one program may fill at a time; drives that know no locks are used without."""

import contextlib
import errno
from pathlib import Path

from filelock import FileLock, Timeout

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}


class Locked(Exception):
    """Another program holds the lock."""


@contextlib.contextmanager
def locked(path):
    """Hold the lock that is a file at `path`; a lock dies with its process.

    Some network drives answer that they have no locks (ENOLCK, EOPNOTSUPP): the work is done without one.

    Raises:
        Locked: Another program holds it.
        OSError: The file cannot be made.
    """
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except NotImplementedError:
        pass
    except Timeout:
        if _is_held(path):
            raise Locked from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    try:
        yield
    finally:
        with contextlib.suppress(OSError, NotImplementedError):
            lock.release()


def _is_held(path):
    """Whether another program holds the lock; False where the drive has none."""
    try:
        import fcntl
    except ImportError:  # Windows, whose locks are everywhere
        return True
    with Path(path).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False
