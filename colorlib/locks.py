"""A lock for a folder that only one program may fill at a time; drives that know no locks are used without."""

import contextlib
import errno
from pathlib import Path

from filelock import FileLock, Timeout

from colorlib.files import printable

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}


class Locked(Exception):
    """Another program holds the lock."""


@contextlib.contextmanager
def locked(path):
    """Hold the lock that is a file at `path`; a lock dies with its process.

    Some network drives answer that they have no locks (ENOLCK, EOPNOTSUPP): the work is done without one, and a printed
    sentence says so.

    Raises:
        Locked: Another program holds it.
        OSError: The file cannot be made.
    """
    lock = FileLock(path, timeout=0)
    if not _acquired(lock, path):
        folder = printable(Path(path).parent)
        print(f"The drive of {folder} has no locks: the work goes on without; start no second run there.")
    try:
        yield
    finally:
        with contextlib.suppress(OSError, NotImplementedError):
            lock.release()


def _acquired(lock, path):
    """Whether a lock could be taken; False where the drive has none. filelock's versions say that in four ways."""
    try:
        lock.acquire()
    except NotImplementedError:
        return False
    except Timeout:
        if _is_held(path):
            raise Locked from None
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return False
    return True


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
