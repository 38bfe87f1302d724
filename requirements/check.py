"""Fail when an environment no longer has exactly the versions of colab.txt: installing colorlib replaces nothing."""

import sys
from importlib.metadata import version
from pathlib import Path

lines = (Path(__file__).parent / "colab.txt").read_text().splitlines()
wanted = dict(line.split("==") for line in lines if line and not line.startswith("#"))
found = {name: version(name) for name in wanted}
print("Colab's versions:", ", ".join(f"{name} {number}" for name, number in found.items()), f"Python {sys.version[:6]}")
changed = [f"{name} is {found[name]}, wanted {wanted[name]}" for name in wanted if found[name] != wanted[name]]
sys.exit(f"Installing colorlib changed what Colab ships: {'; '.join(changed)}." if changed else 0)
