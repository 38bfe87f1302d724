"""What belongs together in a photo: the affinity of two places, by the network's own features.

Two places are alike where the features of the network's last decoder stage point the same way. Their affinity is
`exp((cos - 1) / tau - d² / (2 reach²))`: 1 for a place and itself, less the less alike and the farther apart they
are. `tau` says how alike counts as alike, `reach` how far apart, d and `reach` in photo sides (the square root of
the photo's area). Notebook 06 shows it as a picture.
"""

import numpy as np

CELLS = 48  # places that are averaged: at most CELLS x CELLS, so that wide photos need no more memory
RUN = 1024  # places whose affinities are worked on at a time


def unit_features(features):
    """Features `(h, w, C)` scaled to length 1 at each place: `(h, w, C) float32`; zeros stay zeros."""
    features = np.asarray(features, np.float32)
    length = np.sqrt(np.einsum("...c,...c->...", features, features))[..., None]
    return features / np.maximum(length, 1e-6)


def places(height, width):
    """The centers of height x width cells, `(height, width, 2) float32` y and x, in photo sides."""
    y, x = np.meshgrid(np.arange(height) + 0.5, np.arange(width) + 0.5, indexing="ij")
    return (np.stack([y, x], axis=-1) / np.sqrt(height * width)).astype(np.float32)


def affinities(features, at, others, others_at, tau, reach):
    """The affinity of each of N places with each of M others, `(N, M) float32`, 0..1.

    Args:
        features: `(N, C) float32` of length 1, as `unit_features` gives them.
        at: `(N, 2) float32` y and x in photo sides.
        others: `(M, C) float32` of length 1.
        others_at: `(M, 2) float32` y and x in photo sides.
        tau: How alike counts as alike.
        reach: How far apart counts as near, in photo sides; `np.inf`: the distance does not count. A number, or
            `(M,)`, one for each of the others.
    """
    nearness = np.broadcast_to(0.5 / np.square(np.asarray(reach, np.float32)), len(others))
    squares = np.square(at).sum(1)[:, None] - 2 * at @ others_at.T + np.square(others_at).sum(1)
    logs = features @ (others / np.float32(tau)).T  # (N, M)
    logs -= np.maximum(squares, 0) * nearness
    logs -= np.float32(1 / tau)
    return np.exp(np.minimum(logs, 0, out=logs), out=logs)


def smoothed(planes, features, tau=0.05, reach=0.5):
    """Planes averaged over the places with similar features, each place weighted by its affinity.

    Args:
        planes: `(h, w, Q) float32`, such as a distribution over the bins at each place.
        features: `(h, w, C) float32`, the features at the same places.
        tau: How alike counts as alike.
        reach: How far apart counts as near, in photo sides.

    Returns:
        `(h, w, Q) float32`. At most 48 x 48 cells are averaged: larger maps are shrunk to that for it.
    """
    height, width, _ = planes.shape
    directions, at = unit_features(features).reshape(height * width, -1), places(height, width).reshape(-1, 2)
    cells = unit_features(_shrunk(features)).reshape(-1, directions.shape[1])
    cells_at = _shrunk(places(height, width)).reshape(-1, 2)
    values = _shrunk(planes).reshape(len(cells), -1)
    result = np.empty((height * width, values.shape[1]), np.float32)
    for run in (slice(start, start + RUN) for start in range(0, len(result), RUN)):
        weights = affinities(directions[run], at[run], cells, cells_at, tau, reach)
        result[run] = weights @ values / weights.sum(axis=1, keepdims=True)
    return result.reshape(planes.shape)


def _shrunk(planes):
    """Planes `(h, w, ...)` averaged over areas to at most CELLS x CELLS."""
    for axis in (0, 1):
        if planes.shape[axis] > CELLS:
            shares = _area_shares(planes.shape[axis], CELLS)  # (CELLS, side)
            planes = np.moveaxis(np.tensordot(shares, planes, (1, axis)), 0, axis)
    return np.ascontiguousarray(planes, np.float32)


def _area_shares(side, cells):
    """How much of each of `cells` equal intervals lies in each of `side` equal ones, `(cells, side)`; rows sum to 1."""
    edges = np.arange(cells + 1) * side / cells
    low, high = edges[:-1, None], edges[1:, None]
    steps = np.arange(side)
    overlap = np.clip(np.minimum(high, steps + 1) - np.maximum(low, steps), 0, None)
    return (overlap * cells / side).astype(np.float32)
