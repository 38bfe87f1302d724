"""clean(): leave out the photos that teach no color: broken, tiny, near-gray, toned and duplicate ones."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from colorlib.color import rgb_to_lab
from colorlib.finding import tell_some
from colorlib.photos import PhotoError, load_photo

WHYS = ("broken", "tiny", "near-gray", "toned", "duplicate")
TONED = 1.5  # Lab units: most toned photos lie below it, none of 11,010 photos in color did
LOOKED_AT = 64  # pixels a side of the copy that is looked at
HASH_BITS, LOOK = 12, 5.0  # of 64; Lab units: recompressed and resized copies lie within, portraits alike do not


def clean(photos, held_out=(), min_chroma=5.0, min_side=64):
    """(kept, left_out): the photos to learn color from, and a dict {reason: photos}.

    Left out are broken files, tiny photos, near-gray ones, toned ones (such as sepia, where a and b follow from L), and
    exact or near duplicates. Prints how many of each, and what is wrong with broken files.

    Args:
        photos: Paths of photos. The first of several duplicates is kept.
        held_out: Paths of photos to test on; every duplicate of one of these is left out.
        min_chroma: A photo with a smaller mean chroma, in Lab units, is near-gray.
        min_side: A photo with a shorter side of fewer pixels is tiny.
    """
    photos, held_out = list(photos), list(held_out)
    looks = _looks(held_out + photos, min_chroma, min_side)
    tell_some("Left out", [why for why, *_ in looks if isinstance(why, PhotoError)])
    seen = _Seen(len(looks))
    for _, hash, lab in looks[: len(held_out)]:
        if lab is not None:
            seen.add(hash, lab)
    kept, left_out = [], {why: [] for why in WHYS}
    for photo, (why, hash, lab) in zip(photos, looks[len(held_out) :]):
        why = "broken" if isinstance(why, PhotoError) else why
        if not why and seen.has(hash, lab):
            why = "duplicate"
        if not why:
            seen.add(hash, lab)
        (left_out[why] if why else kept).append(photo)
    counts = ", ".join(f"{len(pile)} {why}" for why, pile in left_out.items())
    print(f"{len(kept)} of {len(photos)} photos kept; left out: {counts}.")
    return kept, left_out


class _Seen:
    """The hashes and small copies of the photos so far, to find duplicates."""

    def __init__(self, most):
        self.count, self.hashes = 0, np.zeros(most, np.uint64)
        self.labs = np.zeros((most, 16, 16, 3), np.float32)

    def add(self, hash, lab):
        self.hashes[self.count], self.labs[self.count] = hash, lab
        self.count += 1

    def has(self, hash, lab):
        """Whether one of them looks like this photo."""
        near = self.labs[: self.count][np.bitwise_count(self.hashes[: self.count] ^ hash) <= HASH_BITS]
        return bool((np.sqrt(3 * np.mean((near - lab) ** 2, axis=(1, 2, 3))) < LOOK).any())


def _looks(photos, min_chroma, min_side):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = pool.map(lambda photo: _look(photo, min_chroma, min_side), photos)
        return list(tqdm(looks, desc="looking at photos", unit="photo", total=len(photos)))


def _look(path, min_chroma, min_side):
    """(reason, hash, Lab): a word or the error of a photo to leave out, or None; its hash; its Lab `(16, 16, 3)`."""
    try:
        photo = load_photo(path, least=max(2 * LOOKED_AT, min_side))
    except PhotoError as error:
        return error, None, None
    if min(photo.shape[:2]) < min_side:
        return "tiny", None, None
    lab = rgb_to_lab(np.asarray(Image.fromarray(photo).resize((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)))
    if np.hypot(lab[..., 1], lab[..., 2]).mean() < min_chroma:
        return "near-gray", None, None
    lab = lab.reshape(16, 4, 16, 4, 3).mean((1, 3))
    return "toned" if _beside_L(lab.reshape(-1, 3)) < TONED else None, _hash(lab[..., 0]), lab


def _beside_L(lab):
    """The distance (rms) of a and b of Lab `(N, 3)` from the best cubic curve over L; near 0 for a toned photo."""
    curve, ab = np.vander(lab[:, 0] / 100, 4), lab[:, 1:]
    return np.sqrt(2 * np.mean((ab - curve @ np.linalg.lstsq(curve, ab)[0]) ** 2))


def _hash(L):
    """64 bits of L `(16, 16)`: is it, at 8x8, lighter than its left neighbor? Copies differ in few."""
    L = L.reshape(8, 2, 8, 2).mean((1, 3))
    return np.packbits(np.roll(L, 1, axis=1) < L).view(np.uint64)[0]
