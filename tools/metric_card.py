"""The picture and the numbers of the site's metric card, written into docs/book/_static.

One sample photo with colors of known quality, so that the numbers can be read beside what they measure.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import metrics
from colorlib.color import lab_to_rgb, rgb_to_lab
from colorlib.photos import sample_photo

STATIC = Path(__file__).parent.parent / "docs" / "book" / "_static"
NAMES = ("the original", "its ab at 32 x 32", "half of its ab", "its ab turned by 90 degrees", "gray")
GAP = 12


def versions(lab):
    """The ab of a photo in falling quality, `(H, W, 2)` each, from its Lab `(H, W, 3)`."""
    ab = lab[..., 1:]
    coarse = metrics.scaled(metrics.scaled(ab, 32, 32), *ab.shape[:2])
    turned = np.stack([-ab[..., 1], ab[..., 0]], axis=-1)
    return dict(zip(NAMES, (ab, coarse, ab / 2, turned, np.zeros_like(ab))))


def main():
    photo = Image.fromarray(sample_photo("coffee")[:, 100:500])
    lab = rgb_to_lab(np.asarray(photo.resize((metrics.SIZE, metrics.SIZE), Image.Resampling.BICUBIC)))
    pictures = [lab_to_rgb(np.concatenate([lab[..., :1], ab], axis=-1)) for ab in versions(lab).values()]
    gap = np.full((metrics.SIZE, GAP, 3), 255, np.uint8)
    row = [part for picture in pictures for part in (gap, picture)][1:]
    Image.fromarray(np.concatenate(row, axis=1)).save(STATIC / "metrics.jpg", quality=88)
    original = pictures[0]
    lines = ["| | PSNR | SSIM | CIEDE2000 | colorfulness ratio | AuC |", "|---|---|---|---|---|---|"]
    for name, picture in zip(NAMES, pictures):
        error = np.linalg.norm((rgb_to_lab(picture) - rgb_to_lab(original))[..., 1:], axis=-1)
        ratio = metrics.colorfulness(picture) / metrics.colorfulness(original)
        scores = (
            metrics.psnr(original, picture),
            metrics.ssim(original, picture),
            metrics.ciede2000(original, picture),
        )
        lines.append(
            "| {} | {:.1f} | {:.3f} | {:.1f} | {:.2f} | {:.1f} |".format(name, *scores, ratio, metrics.auc(error))
        )
    (STATIC / "metrics.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
