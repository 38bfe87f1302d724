"""clean(): which photos are worth learning color from, and why the others are not."""

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
    """(kept, left_out): the photos (paths) to learn color from, and a dict why -> the photos left out.

    Left out are broken files, tiny photos (shorter side under `min_side` pixels), near-gray ones (mean
    chroma under `min_chroma` Lab units), toned ones (sepia and the like: a and b follow from L), and
    duplicates, exact or nearly, of which the first stays; of a photo in `held_out`, none: a test must
    not know its photos from the training. Prints how many of each, and what is wrong with broken ones.
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
    """The photos seen so far, by hash and look, to know a copy by."""

    def __init__(self, most):
        self.count, self.hashes = 0, np.zeros(most, np.uint64)
        self.labs = np.zeros((most, 16, 16, 3), np.float32)

    def add(self, hash, lab):
        self.hashes[self.count], self.labs[self.count] = hash, lab
        self.count += 1

    def has(self, hash, lab):
        """Whether one of them looks the same."""
        near = self.labs[: self.count][np.bitwise_count(self.hashes[: self.count] ^ hash) <= HASH_BITS]
        return bool((np.sqrt(3 * np.mean((near - lab) ** 2, axis=(1, 2, 3))) < LOOK).any())


def _looks(photos, min_chroma, min_side):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        looks = pool.map(lambda photo: _look(photo, min_chroma, min_side), photos)
        return list(tqdm(looks, desc="looking at photos", unit="photo", total=len(photos)))


def _look(path, min_chroma, min_side):
    """(why a photo is left out, a word or the error, or None; its hash, its Lab `(16, 16, 3)`)."""
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
    """How far a and b of `(N, 3)` lie from the best cubic curve over L, rms: a toned photo's are on one."""
    curve, ab = np.vander(lab[:, 0] / 100, 4), lab[:, 1:]
    return np.sqrt(2 * np.mean((ab - curve @ np.linalg.lstsq(curve, ab)[0]) ** 2))


def _hash(L):
    """64 bits of L `(16, 16)`: is it, at 8x8, lighter than its left neighbor? Copies differ in few."""
    L = L.reshape(8, 2, 8, 2).mean((1, 3))
    return np.packbits(np.roll(L, 1, axis=1) < L).view(np.uint64)[0]
