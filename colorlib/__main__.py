"""The `colorlib` command, and `python -m colorlib`."""

import signal
import sys


def main():
    """Run the command line; Ctrl-C while it still loads gives a sentence, too."""
    try:
        from colorlib.cli import main as run
    except KeyboardInterrupt:
        print("\ncolorlib: stopped.", file=sys.stderr)
        return 128 + signal.SIGINT
    return run()


if __name__ == "__main__":
    sys.exit(main())
