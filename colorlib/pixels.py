"""Images of any mode, depth and layout -> photos `(H, W, 3) uint8` sRGB, as their owner sees them."""

import numpy as np
from PIL import Image, ImageOps

from colorlib import profiles, tiffs

PHOTOMETRIC, SAMPLES_PER_PIXEL, COLOR_MAP = 262, 277, 320  # tags of TIFF
EXIF, INTEROPERABILITY, COLOR_SPACE = 0x8769, 0xA005, 0xA001  # tags of Exif
YCBCR = {PHOTOMETRIC: 6, SAMPLES_PER_PIXEL: 3}


def of_image(image):
    """The photo `(H, W, 3) uint8` sRGB of a PIL image of any mode, upright; raises whatever its decoder does."""
    misread, negative = _mend_ycbcr(image), _is_negative(image)
    image.load()
    _mend_palette(image)
    photo = _eight_bits(_upright(Image.merge("YCbCr", image.split()) if misread else image))
    return 255 - photo if negative else photo


def of_page(data, page):
    """The photo `(H, W, 3) uint8` of a TIFF page of any depth and layout; raises what `tiffs.numbers` raises."""
    numbers = tiffs.sixteen_bits(tiffs.numbers(data, page), page)  # (H, W, C) uint16
    photometric = int(page.page.photometric)
    colors = {2: 3, 5: 4, 8: 3, 9: 3}.get(photometric, 1)
    if numbers.shape[2] < colors:
        raise tiffs.NotReadable(page.words())
    profile = page.page.tags.get(34675)
    info = {"icc_profile": bytes(profile.value)} if profile else {}
    if photometric == 5:
        inks = Image.fromarray(profiles.SIXTEEN_TO_EIGHT[numbers[..., :4]], "CMYK")
        inks.info = info
        return np.ascontiguousarray(_eight_bits(_in_srgb(inks)))
    if photometric in tiffs.LAB:
        return _lab(numbers[..., :3], photometric == 9)
    shown = 65535 - numbers[..., :1] if photometric == 0 else numbers[..., :colors]
    photo = of_numbers(shown, info)
    alpha = page.page.extrasamples[:1]
    if alpha and int(alpha[0]) in (1, 2) and numbers.shape[2] > colors:
        photo = _on_white(photo, numbers[..., colors], premultiplied=int(alpha[0]) == 1)
    return photo


def _lab(numbers, is_shifted):
    """The photo `(H, W, 3) uint8` of Lab `(H, W, 3) uint16`; `is_shifted` where gray is 32768, not 0, in a and b."""
    eight = (numbers >> 8).astype(np.uint8)
    if is_shifted:
        eight[..., 1:] ^= 128
    return np.asarray(Image.frombytes("LAB", eight.shape[1::-1], eight.tobytes()).convert("RGB"))


def of_numbers(numbers, info):
    """The photo `(H, W, 3) uint8` of 16-bit gray or RGB numbers `(H, W, C)`, which mean what `info` says."""
    meaning = profiles.meaning_of(info)
    if numbers.shape[2] == 1:
        table = meaning.table() if meaning else profiles.SIXTEEN_TO_EIGHT
        return np.repeat(table[numbers], 3, axis=2)
    if meaning and meaning.matrix is not None:
        return meaning.rgb(numbers)
    image = Image.fromarray(profiles.SIXTEEN_TO_EIGHT[numbers])
    image.info = info
    return np.ascontiguousarray(_in_srgb(image))


def _on_white(photo, alpha, premultiplied=False):
    """A photo `(H, W, 3) uint8` on white, by its alpha `(H, W) uint16`."""
    alpha = (alpha / np.float32(65535))[..., None]
    return np.round(photo * (1 if premultiplied else alpha) + 255 * (1 - alpha)).clip(0, 255).astype(np.uint8)


def _mend_ycbcr(image):
    """Whether the RGB of an image is really YCbCr: Pillow 11 takes a TIFF's uncompressed one for four samples a pixel.

    It is then read as the three samples it has.
    """
    if image.format != "TIFF" or [image.tag_v2.get(tag) for tag in YCBCR] != [*YCBCR.values()]:
        return False
    misread = (
        image.mode == "RGB"
        and image.tile
        and all(codec == "raw" and "RGBX" in args for codec, _, _, args in image.tile)
    )
    if misread:
        image.tile = [tile._replace(args=("RGB", *tile.args[1:])) for tile in image.tile]
    return misread


def _mend_palette(image):
    """Let the colors of a TIFF's palette have 8 bits where they do, as old programs write them."""
    colors = image.tag_v2.get(COLOR_MAP) if image.format == "TIFF" and image.mode == "P" else None
    if colors and max(colors) < 256:
        image.putpalette(np.array(colors, np.uint8).reshape(3, -1).T.tobytes())


def _is_negative(image):
    """Whether a TIFF's white is 0 and Pillow leaves it so, as it does where a pixel has more than 8 bits."""
    return image.format == "TIFF" and image.mode[0] in "IF" and image.tag_v2.get(PHOTOMETRIC) == 0


def _upright(image):
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF says nothing about the pixels
        return image


def _eight_bits(image):
    """The image's pixels as `(H, W, 3) uint8` sRGB, whatever its mode."""
    if image.mode[0] in "IF":  # I;16, I;16B, I, F: Pillow's own convert saturates these
        return _deep_gray(image)
    info = image.info
    if "transparency" in info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        image.info = info
        alpha = image.getchannel("A")
        photo = _in_srgb(image.convert("RGB"))
        return np.asarray(Image.composite(photo, Image.new("RGB", photo.size, "white"), alpha))
    return np.asarray(_in_srgb(image).convert("RGB"))


def _deep_gray(image):
    """The photo `(H, W, 3) uint8` of a gray image of more than 8 bits."""
    numbers = np.asarray(image)
    bits = image.tag_v2.get(258, (16,))[0] if image.format == "TIFF" else 16
    if numbers.dtype == np.uint16 and 8 < bits < 16:  # which Pillow leaves at their own scale
        sixteen = (numbers * (65535 / ((1 << bits) - 1))).round().clip(0, 65535).astype(np.uint16)
    else:
        sixteen = numbers if numbers.dtype == np.uint16 else tiffs.scaled_by_range(numbers)
    photo = of_numbers(sixteen[..., None], image.info)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        photo[numbers == clear] = 255
    return photo


def _in_srgb(image):
    """The image in sRGB, in mode L or RGB where it is gray or in color; as it is where its profile is damaged."""
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "PA"):
        info, image = image.info, image.convert("RGB")
        image.info = info
    try:
        if image.mode in ("L", "RGB"):
            meaning = profiles.meaning_of(image.info, _says_adobe_rgb(image))
            if meaning and (image.mode == "L" or meaning.matrix is None):
                table = meaning.table()[::257].tolist()
                return image.point(table * len(image.getbands()))
            if meaning and not profile:
                return Image.fromarray(meaning.rgb(np.asarray(image)))
        if profile and image.mode in ("L", "RGB", "CMYK", "LAB"):
            return profiles.by_littlecms(image, profile)
    except MemoryError:
        raise
    except Exception:  # a damaged profile, or one for a different color mode, says nothing about the pixels
        return image
    return image


def _says_adobe_rgb(image):
    """Whether a file without a profile says Adobe RGB in its Exif, as cameras do."""
    if image.info.get("icc_profile") or not image.info.get("exif"):
        return False
    exif = image.getexif()
    return exif.get_ifd(EXIF).get(COLOR_SPACE) == 2 or exif.get_ifd(INTEROPERABILITY).get(1) == "R03"
