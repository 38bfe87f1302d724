"""Portraits as a studio of 1900 would have taken them, from portraits of today: to train on, never to measure on.

    pip install "mediapipe<0.10.22"
    python tools/studio.py data/faces/train data/studio/train

Networks that know portraits of today paint old ones with today's colors: a blue or orange backdrop, a red suit.
Here the person is cut out, clothes lose nearly all their color, and a painted backdrop of warm gray comes behind;
half are vignetted, into paper or darkness, some framed. Skin and hair keep their colors, and L is that of a film
blind to red. Portraits in which no face is found are left out.
"""

import argparse
from pathlib import Path

import mediapipe
import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from tqdm.auto import tqdm

from colorlib.color import lab_to_rgb, rgb_to_lab
from colorlib.photos import find_photos, load_photo, save_photo

SIDE = 224
DOWN, ACROSS = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]


def cut_out(photo, faces, people):
    """What of a photo is the person, and what keeps its color (the head, and all that is like its skin), `(h, w)` 0..1.

    None when no face is found.
    """
    found = faces.process(photo).detections
    if not found:
        return None
    height, width = photo.shape[:2]
    box = found[0].location_data.relative_bounding_box
    x, y, w, h = np.array([box.xmin, box.ymin, box.width, box.height]) * [width, height, width, height]
    down, across = np.mgrid[:height, :width]
    head = ((across - x - w / 2) / (0.85 * w)) ** 2 + ((down - y - 0.25 * h) / (0.85 * h)) ** 2 < 1
    ab = rgb_to_lab(photo)[..., 1:]
    cheeks = (abs(across - x - w / 2) < w / 4) & (abs(down - y - 0.6 * h) < 0.2 * h)
    skin = np.exp(-((ab - np.median(ab[cheeks], axis=0)) ** 2).sum(-1) / (2 * 9**2))
    person = gaussian_filter(np.float32(people.process(photo).segmentation_mask), 1)
    bluish = ab[..., 1] < 0  # neither skin nor hair, but the backdrop shining through
    return person, person * gaussian_filter(np.maximum(head, skin) * ~bluish, 1.5)


def film_L(photo, chance):
    """L `(h, w)` as a film saw it that is nearly blind to red."""
    response = chance.uniform([0.05, 0.4, 0.3], [0.25, 0.7, 0.6])
    gray = np.uint8(photo @ (response / response.sum()))
    return rgb_to_lab(np.dstack([gray] * 3))[..., 0]


def backdrop(chance):
    """Lab of a painted backdrop, `(SIDE, SIDE, 3)`: warm gray, cloudy, lighter on one side or around the sitter."""
    across, down, glow = chance.uniform([-12, -12, -25], [12, 12, 10])
    L = chance.uniform(15, 88) + across * ACROSS + down * DOWN + glow * (ACROSS**2 + DOWN**2)
    L = np.clip(L + clouds(chance, 15, 40, 8)[..., 0], 3, 96)
    return np.dstack([L, *np.ones((2, SIDE, SIDE)) * warm(chance)[:, None, None]]).astype(np.float32)


def clouds(chance, fine, coarse, most):
    """Soft spots and folds of L, `(SIDE, SIDE, 1)`, each `fine` to `coarse` pixels wide and at most `most` strong."""
    noise = gaussian_filter(
        chance.standard_normal((SIDE, SIDE, 1)), (*[chance.uniform(fine, coarse)] * 2, 0), mode="wrap"
    )
    return chance.uniform(0, most) * noise / noise.std()


def warm(chance):
    return chance.uniform([-0.5, 1], [2.5, 8])


def sitting(lab, person, kept, chance, narrow):
    """The planes `(SIDE, SIDE, 5)` of a person, cut out and made smaller, at the foot of a square."""
    planes = np.dstack([lab, person, kept]).astype(np.float32)
    below = int(len(lab) * max(0, chance.uniform(-0.6, 0.7)))
    coat = gaussian_filter(planes[-8:].mean(0, keepdims=True), (0, 12, 0), mode="nearest") * [1, 0, 0, 1, 0]
    planes = np.float32(np.vstack([planes, *[coat] * below]))
    height, width = planes.shape[:2]
    factor = SIDE / height * (chance.uniform(0.55, 0.8) if narrow else chance.uniform(0.75, 1.1))
    size = round(width * factor), round(height * factor)
    small = np.dstack([Image.fromarray(planes[..., i]).resize(size, Image.Resampling.BOX) for i in range(5)])[:SIDE]
    left = max(0, (SIDE - size[0]) // 2)
    right = max(0, SIDE - size[0] - left)
    small = np.pad(small, [(0, 0), (left, right), (0, 0)], mode="edge")  # sleeves go on to the sides
    cut = (small.shape[1] - SIDE) // 2
    return np.pad(small[:, cut : cut + SIDE], [(SIDE - len(small), 0), (0, 0), (0, 0)])


def vignetted(lab, chance, narrow):
    """Lab that fades into paper, or darkness, around an oval."""
    width, soft = chance.uniform(0.5, 0.6) if narrow else chance.uniform(0.75, 1.1), chance.uniform(0.05, 0.35)
    outside = np.hypot(ACROSS / width, (DOWN - 0.05) / chance.uniform(0.8, 1)) - 1
    outside = np.clip(outside / soft + 0.5, 0, 1)[..., None]
    ground = np.array([chance.choice([chance.uniform(3, 25), chance.uniform(70, 97)]), *warm(chance)])
    return lab + outside * (ground - lab)


def framed(lab, chance):
    """Lab within a black or a white border."""
    edge = round(SIDE * chance.uniform(0.02, 0.1))
    border = np.full_like(lab, [chance.choice([4, 90]), 0, 1])
    border[edge:-edge, edge:-edge] = lab[edge:-edge, edge:-edge]
    return border


def studio(photo, cut, chance):
    """A portrait `(h, w, 3) uint8`, of which `cut_out` found this, as if of 1900, `(SIDE, SIDE, 3) uint8`."""
    person, kept = cut
    lab, L = rgb_to_lab(photo), film_L(photo, chance)
    lab = np.dstack([L, lab[..., 1:] * np.minimum(1, L / (lab[..., 0] + 1))[..., None]])  # darker, not ruddier
    oval = chance.random() < 0.5
    narrow = oval and chance.random() < 0.6
    square = sitting(lab, person, kept, chance, narrow)
    lab, person, kept = square[..., :3], square[..., 3:4], square[..., 4:]
    cloth = 100 * (lab[..., :1] / 100) ** chance.uniform(0.45, 1.1) + clouds(chance, 3, 15, 7)
    lab[..., :1] = np.clip(kept * lab[..., :1] + (1 - kept) * cloth, 0, 100)
    dark = np.clip(lab[..., :1] / 50, 0, 1)  # black cloth has no tint
    lab[..., 1:] = kept * lab[..., 1:] + (1 - kept) * (0.12 * lab[..., 1:] + 0.6 * dark * warm(chance))
    lab = backdrop(chance) * (1 - person) + person * lab
    if oval:
        lab = vignetted(lab, chance, narrow)
    if chance.random() < 0.2:
        lab = framed(lab, chance)
    return lab_to_rgb(np.float32(lab.clip([0, -128, -128], [100, 127, 127])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("studio", type=Path)
    options = parser.parse_args()
    faces = mediapipe.solutions.face_detection.FaceDetection(model_selection=0, min_detection_confidence=0.6)
    people = mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)
    for number, path in enumerate(tqdm(find_photos(options.portraits))):
        chance = np.random.default_rng((0, number))
        photo = load_photo(path)
        cut = cut_out(photo, faces, people)
        if cut:
            save_photo(studio(photo, cut, chance), options.studio / f"{path.stem}.jpg")


if __name__ == "__main__":
    main()
