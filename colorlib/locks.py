"""A lock for a folder that only one program may write to at a time. Drives without locks are used without one."""

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
    """Hold a lock while the block runs. The lock dies with its process.

    Some network drives have no locks (ENOLCK, EOPNOTSUPP). The block then runs without a lock, and a printed sentence
    says so.

    Args:
        path: The path of the lock file, which is created if needed.

    Raises:
        Locked: Another program holds the lock.
        OSError: The file cannot be created.
    """
    lock = FileLock(path, timeout=0)
    if not _acquired(lock, path):
        folder = printable(Path(path).parent)
        print(f"The drive of {folder} has no locks. Do not start a second run there: this one works without a lock.")
    try:
        yield
    finally:
        with contextlib.suppress(OSError, NotImplementedError):
            lock.release()


def _acquired(lock, path):
    """Whether the lock was acquired; False if the drive has no locks, which filelock's versions report in four ways."""
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
    """Whether another program holds the lock; False if the drive has no locks."""
    try:
        import fcntl
    except ImportError:  # Windows, where every drive has locks
        return True
    with Path(path).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False
