"""Sampling weights: how often photos of each source are drawn, so that no source becomes a prior."""

from fnmatch import fnmatch
from pathlib import Path

import numpy as np


def weights_of(photos, rules):
    """How often each photo is drawn, relative to the others, `(N,) float64`.

    Args:
        photos: Paths of the photos, N of them.
        rules: Pairs (pattern, weight), or the path of a text file with one `PATTERN,WEIGHT` a line; lines that begin
            with `#` are comments. The first pattern that matches a photo's path with forward slashes, as
            `*/clothing*` does, gives its weight. Photos that no pattern matches weigh 1.

    Raises:
        ValueError: For a file that cannot be read, a line of another form, a pattern that no photo matches (it is
            misspelled, or stands below a more general one), or weights that leave nothing to draw.
    """
    rules = read_rules(rules) if isinstance(rules, (str, Path)) else list(rules)
    names = [Path(photo).as_posix() for photo in photos]
    first = [next((i for i, (pattern, _) in enumerate(rules) if fnmatch(name, pattern)), None) for name in names]
    unused = [pattern for i, (pattern, _) in enumerate(rules) if i not in set(first)]
    if unused:
        raise ValueError(
            f"The sampling weight of {unused[0]!r} is used for no photo; wanted a pattern such as */faces/*."
        )
    weights = np.array([1.0 if i is None else rules[i][1] for i in first])
    if not weights.sum():
        raise ValueError("All photos have the sampling weight 0; wanted at least one above 0.")
    return weights


def read_rules(path):
    """The pairs (pattern, weight) of a file of sampling weights; ValueError for a file that holds something else."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as sampling weights ({error}).") from error
    return [_rule(line, path) for line in lines if line.strip() and not line.startswith("#")]


def _rule(line, path):
    pattern, _, weight = line.rpartition(",")
    try:
        number = float(weight)
    except ValueError:
        number = -1
    if not pattern.strip() or not 0 <= number < np.inf:
        raise ValueError(f"{path} has the line {line!r}; wanted PATTERN,WEIGHT such as */faces/*,0.5.")
    return pattern.strip(), number


def draw(weights, count, rng):
    """The numbers of `count` photos in random order, `(count,) int64`, each drawn in proportion to its weight.

    Systematic sampling: of a photo that should come 2.3 times, 2 or 3 copies are drawn. With equal weights and
    `count` of them, each comes once.
    """
    order = rng.permutation(len(weights))
    marks = (np.arange(count) + rng.random()) / count
    ends = np.cumsum(weights[order])
    drawn = order[np.minimum(np.searchsorted(ends / ends[-1], marks, side="right"), len(order) - 1)]
    return rng.permutation(drawn)
