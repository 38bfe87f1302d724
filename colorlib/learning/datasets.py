"""Where training photos come from: a public set, a link, Google Drive; and split.

A folder of your own photos needs nothing from here: `find_photos(folder)` lists it. What is fetched
stands in `data/`, whole or not at all: it grows in a hidden folder beside it, then is renamed.
"""

import hashlib
import os
import re
import shutil
from pathlib import Path

from colorlib.files import resumable_folder
from colorlib.finding import enough, find_and_tell
from colorlib.learning import downloads
from colorlib.learning.cleaning import clean  # noqa: F401  # the last step of getting photos
from colorlib.photos import PhotoError, find_photos

DATA = Path("data")
TRAINING, HELD_OUT = ("train", "training"), ("val", "valid", "validation")  # subfolders that name their side


def public(name, folder=None):
    """The folder of a public set, fetched once: "landscapes", "faces" or "flowers".

    It is `data/` and the set's own name unless `folder` says otherwise. Licence and size are printed
    first. Raises ValueError for another name, PhotoError when the set cannot be had.
    """
    if name not in PUBLIC:
        raise ValueError(f"There is no public set {name!r}; wanted one of {', '.join(PUBLIC)}.")
    usual, fetch, about = PUBLIC[name]
    folder = Path(folder or DATA / usual)
    if _is_there(folder, name):
        return folder
    print(f"Fetching {about}; into {folder}.")
    part = resumable_folder(folder)
    try:
        photos = fetch(part)
    except Exception as error:  # each library raises its own
        raise PhotoError(f"The {name} could not be fetched: {downloads.why(error)}.") from error
    return _finished(photos, folder, name, part)


def from_link(link, folder=None, sha256=None):
    """The folder of the photos behind a link, fetched once; `data/` and its name unless `folder` says.

    `link` is a Google Drive link or id of a zip, the link of a Drive folder, or the http(s) address of
    a zip, of which the photos alone are unpacked. `sha256` is the zip's, to be sure of it. The same
    call goes on with an interrupted one. Raises ValueError for another kind of link, PhotoError when
    the photos cannot be had whole.
    """
    is_folder, target, name = downloads.parsed(str(link))
    if is_folder and sha256:
        raise ValueError("sha256 was given with a Drive folder; wanted it with the link of a zip only.")
    folder = Path(folder or DATA / name)
    if _is_there(folder, link, sha256):
        return folder
    print(f"Fetching {link} into {folder}. Licence: ask its owner. Size: shown as it starts.")
    part = resumable_folder(folder, hashlib.sha256(link.encode()).hexdigest()[:8])
    photos, archive = part / "photos", part / "photos.zip"
    if is_folder:
        downloads.fetch(link, "download_folder", target, photos)
        return _finished(photos, folder, link, part)
    if not archive.exists():
        downloads.fetch(link, "download", target, archive)
    try:
        digest = downloads.checked(archive, link, sha256)
        downloads.unzip(archive, photos, link)
    except downloads.NoRoom:  # the zip is good: the same call unpacks it
        raise
    except PhotoError:
        archive.unlink()  # so that the same call starts anew
        raise
    return _finished(photos, folder, link, part, digest)


def from_drive(folder="", mount="/content/drive"):
    """A folder of your Google Drive, mounted in Colab, which asks for consent; `folder` is within My Drive.

    Raises PhotoError outside Colab, without consent, or when there is no such folder.
    """
    others = "a folder of photos (colorlib.find_photos) or a link to them (from_link) work everywhere"
    if "COLAB_RELEASE_TAG" not in os.environ:
        raise PhotoError(f"Google Drive can be mounted in Colab only; {others}.")
    from google.colab import drive

    try:
        drive.mount(str(mount))
    except Exception as error:  # refused consent, a blocked popup: Colab raises all kinds
        raise PhotoError(f"Google Drive was not mounted ({downloads.why(error)}); {others}.") from error
    place = Path(mount, "MyDrive", folder)
    if not place.is_dir():
        raise PhotoError(f"There is no folder {folder} in My Drive; wanted its path from the top, as photos/faces.")
    return place


def sides(folder, validation=0.1, seed=0):
    """(training, validation) photos of a folder, lists of paths: its own, where it has a val/ inside, else a split.

    Files that are passed over are named and counted in print.

    Raises PhotoError when there is no such folder or too few photos in it.
    """
    found = find_and_tell(folder)
    return own_sides(folder, found) or split(enough(found, folder, 2), validation, seed)


def own_sides(folder, photos=None):
    """(training, validation) photos of a folder that names them itself; None for a folder that does not.

    Validation photos are those in val/, valid/ or validation/, or, beside a train/, in test/. Training photos are
    those in train/ or training/; without such a folder, all that are not held out.

    Raises PhotoError when there is no such folder or a side is empty.
    """
    photos = find_photos(folder) if photos is None else photos
    training, held = _named_sides(folder)
    if not held:
        return None
    held_out = [photo for photo in photos if set(held) & set(photo.parents)]
    learned = [photo for photo in photos if not training or set(training) & set(photo.parents)]
    learned = [photo for photo in learned if not set(held) & set(photo.parents)]
    for side, place in (learned, training[0] if training else Path(folder)), (held_out, held[0]):
        if not side:
            raise PhotoError(f"There are no photos in the folder {place}; wanted some, or no folder {held[0].name}.")
    return learned, held_out


def _named_sides(folder):
    """The subfolders of a folder that hold its training and its validation photos: two lists."""
    inside = sorted(path for path in Path(folder).iterdir() if path.is_dir())
    training = [path for path in inside if path.name.lower() in TRAINING]
    held = [path for path in inside if path.name.lower() in HELD_OUT]
    if training and not held:
        held = [path for path in inside if path.name.lower() == "test"]
    return training, held


def clean_sides(folders, validation=0.1, seed=0):
    """(training, validation) photos of several folders, cleaned before they are split.

    Each photo is in color, not tiny, and no copy of another one; of a photo that is held out, none is learned from.

    Args:
        folders: Paths of folders, each with its own train/ and val/ or not, as for `sides`.
        validation: The fraction of the photos that is held out where a folder does not say which.
        seed: Of the split.

    Raises:
        PhotoError: A folder is missing, or nothing is left to learn from or to hold out; says why.
    """
    pairs = [sides(folder, validation, seed) for folder in folders]
    learned, held_out = (sum(photos, []) for photos in zip(*pairs))
    kept, left_out = clean([*held_out, *learned])  # held-out photos first: of copies, the first is kept
    pairs = [_kept(folder, *pair, set(kept), validation, seed) for folder, pair in zip(folders, pairs)]
    cleaned = [sum(photos, []) for photos in zip(*pairs)]
    if not all(cleaned):
        why = "; ".join(f"{len(photos)} {why}, such as {photos[0]}" for why, photos in left_out.items() if photos)
        raise PhotoError(
            f"{len(cleaned[0])} photos are left to learn from and {len(cleaned[1])} to hold out, of "
            f"{len(learned) + len(held_out)} (left out: {why or 'none'}); wanted one or more of each, in color, of 64 "
            "pixels or more a side, that differ."
        )
    return cleaned


def _kept(folder, learned, held_out, kept, validation, seed):
    """The sides of a folder without what was left out; where it does not name them itself, split once more."""
    learned, held_out = ([photo for photo in side if photo in kept] for side in (learned, held_out))
    if _named_sides(folder)[1]:
        return learned, held_out
    photos = sorted(learned + held_out)
    try:
        return split(photos, validation, seed)
    except ValueError:  # too few
        return photos, []


def split(photos, validation=0.1, seed=0, group=None):
    """(training, validation) photos, each list in the order given; about `validation` of them held out.

    The side comes from a hash of the photo's name, without folder and ending: adding or removing photos
    moves no other. Photos that share `group(photo)` stay together: by default the person, where the
    folder is called like the photo (`Some_Name/Some_Name_0001.jpg`, as in LFW), else each photo alone;
    `group=person` goes by the name only. Neither side stays empty: of few photos, the nearest to the
    bound is moved. Raises ValueError for a share outside 0..1, or fewer than two groups.
    """
    if not 0 < validation < 1:
        raise ValueError(f"validation is {validation!r}; wanted a share between 0 and 1, such as 0.1.")
    photos = list(photos)
    keys = [str((group or _together)(photo)) for photo in photos]
    places = {key: _place(f"{seed} {key}") for key in keys}
    if len(places) < 2:
        raise ValueError(f"{len(photos)} photos in {len(places)} groups cannot be split; wanted two groups or more.")
    count = sum(place < validation for place in places.values())
    held = set(sorted(places, key=places.get)[: min(max(count, 1), len(places) - 1)])
    training = [photo for photo, key in zip(photos, keys) if key not in held]
    return training, [photo for photo, key in zip(photos, keys) if key in held]


def person(photo):
    """Who is in a photo, where its name tells: Some_Name for `Some_Name_0001.jpg`, else the photo's name."""
    return re.sub(r"_\d{4}$", "", Path(photo).stem)


def _is_there(folder, source, sha256=None):
    """Whether a folder was fetched from `source` before; PhotoError when it holds something else."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    mark = folder / ".source"
    had, digest = (mark.read_text("utf-8").split("\n") if mark.is_file() else [None, None])[:2]
    if had != str(source) or (sha256 and digest != sha256.lower()):
        raise PhotoError(f"{folder} holds other photos than those wanted from {source}; name another folder.")
    print(f"{source} is in {folder} already.")
    return True


def _finished(photos, folder, source, part, digest=""):
    if not photos.is_dir() or not find_photos(photos):
        shutil.rmtree(part)
        raise PhotoError(f"There are no photos in {source}.")
    (photos / ".source").write_text(f"{source}\n{digest}\n", "utf-8")
    if folder.is_dir():
        folder.rmdir()  # it is empty: Windows replaces no folder
    os.replace(photos, folder)
    shutil.rmtree(part)
    return folder


def _scenes(part):
    import kagglehub

    scenes = Path(kagglehub.dataset_download("puneet6060/intel-image-classification"))  # in its own cache, or Colab's
    for kind in ("forest", "glacier", "mountain", "sea"):  # its other kinds are buildings and street
        for place in scenes.rglob(kind):
            shutil.copytree(place, part / "photos" / place.parent.name / kind, dirs_exist_ok=True)
    return part / "photos"


def _faces(part):
    """LFW's own JPEG files, a folder a person, which scikit-learn keeps beside the arrays it makes of them."""
    from sklearn.datasets import fetch_lfw_people

    shutil.rmtree(part)  # half of the files, left by a killed run, would pass for all
    print("scikit-learn shows no progress here: 2 minutes at 12 Mbit/s.")
    fetch_lfw_people(data_home=part, funneled=False, min_faces_per_person=500)  # arrays of one person, no more
    return part / "lfw_home" / "lfw"


def _flowers(part):
    import keras

    url = "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz"
    hash = "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c"
    return Path(keras.utils.get_file(origin=url, file_hash=hash, cache_dir=part, cache_subdir="", extract=True))


PUBLIC = {  # name -> usual folder, how, and what
    "landscapes": ("intel-scenes", _scenes, "Intel's landscape photos, 363 MB; licence: none stated"),
    "faces": ("lfw", _faces, "Labeled Faces in the Wild, 181 MB; licence: none stated, press photos for research"),
    "flowers": ("flower-photos", _flowers, "TensorFlow's flower photos, 229 MB; licence: CC BY, see its LICENSE.txt"),
}


def _together(photo):
    return person(photo) if person(photo) == Path(photo).parent.name else Path(photo).stem


def _place(key):
    """Where in 0..1 a key lies, by its hash."""
    return int.from_bytes(hashlib.sha256(os.fsencode(key)).digest()[:8]) / 2**64
