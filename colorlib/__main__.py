"""`python -m colorlib` is the `colorlib` command."""

import sys

from colorlib.cli import main

if __name__ == "__main__":
    sys.exit(main())
