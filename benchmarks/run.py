"""Runs benchmarks and puts their tables into README.md: python benchmarks/run.py [name ...], without names all.

A benchmark is a file beside this one. The first line of its docstring is its heading, the rest says
what the numbers mean; its tables are what it prints as markdown. To add one, add a file.
"""

import ast
import datetime
import os
import platform
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

HERE = Path(__file__).parent
README = HERE / "README.md"
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("run", "measure"))
PACKAGES = ("tensorflow", "keras", "numpy", "scikit-image", "pillow")


def main(names):
    unknown = set(names) - set(NAMES)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    failed = [name for name in names or NAMES if not _run(name)]
    if failed:
        sys.exit(f"These did not finish and keep their old tables: {', '.join(failed)}.")


def _run(name):
    print(f"{name} ...", file=sys.stderr, flush=True)
    before = _seconds()
    done = subprocess.run([sys.executable, HERE / f"{name}.py"], stdout=subprocess.PIPE, text=True)
    passed, busy, own = _seconds() - before
    if done.returncode == 0:
        section = _section(name, done.stdout, (busy - own) / passed)
        print(section)
        _store(name, section)
    return done.returncode == 0


def _seconds():
    """Seconds that have passed, that all cores were busy, and that they were busy for us."""
    all_cores, ours = psutil.cpu_times(), os.times()
    return np.array([time.time(), all_cores.user + all_cores.nice + all_cores.system, sum(ours[:4])])


def _section(name, tables, others):
    title, _, meaning = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text())).partition("\n")
    return f"## {title.rstrip('.')}\n\n{meaning.strip()}\n\n{tables.strip()}\n\n{_machine(others)}\n"


def _store(name, section):
    """Put a section between its two marks, or at the end of the file where it has none yet."""
    first, last = f"<!-- {name}: written by run.py -->", f"<!-- end of {name} -->"
    text = README.read_text()
    if first not in text:
        text = f"{text.rstrip()}\n\n{first}\n{last}\n"
    between = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
    README.write_text(between.sub(lambda _: f"{first}\n{section}{last}", text))


def _machine(others):
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", cpuinfo)
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"*Measured on {datetime.date.today():%d %b %Y}: {model[1] if model else platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} cores, of which other work took "
        f"{max(others, 0):.1f} meanwhile, Python {platform.python_version()}, {packages}.*"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
