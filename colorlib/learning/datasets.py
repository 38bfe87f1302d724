"""Download training photos from a public set, a link or Google Drive.

A folder of your own photos needs no download: `find_photos(folder)` lists it. Downloads go to `data/`. They are
collected in a hidden folder, which is renamed when it is complete.
"""

import hashlib
import os
import shutil
from pathlib import Path

from colorlib.files import resumable_folder
from colorlib.learning import downloads
from colorlib.learning.cleaning import clean  # noqa: F401  # the next steps, for `datasets.clean` and the like
from colorlib.learning.splits import clean_sides, own_sides, person, sides, split  # noqa: F401
from colorlib.photos import PhotoError, find_photos

DATA = Path("data")


def public(name, folder=None):
    """The folder of a public set of photos, a Path; it is downloaded the first time.

    Args:
        name: "landscapes", "faces" or "flowers". Its license and size are printed before the download.
        folder: Where to put the photos. None: a folder in `data/` with the set's usual name.

    Raises:
        ValueError: There is no set of that name.
        PhotoError: The download fails, or `folder` holds other photos.
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
    """The folder of the photos behind a link, a Path; they are downloaded the first time.

    The same call resumes an interrupted download.

    Args:
        link: A Google Drive link or id of a zip, the link of a Drive folder, or the http(s) address of a zip. Only the
            photos of a zip are unpacked.
        folder: Where to put the photos. None: a folder in `data/` with the name of the link.
        sha256: The expected SHA-256 of the zip, a hex string. None: it is not checked.

    Raises:
        ValueError: It is another kind of link, or `sha256` is given with a Drive folder.
        PhotoError: The download fails or is not the expected zip, or `folder` holds other photos.
    """
    is_folder, target, name = downloads.parsed(str(link))
    if is_folder and sha256:
        raise ValueError("sha256 was given with a Drive folder; wanted it with the link of a zip only.")
    folder = Path(folder or DATA / name)
    if _is_there(folder, link, sha256):
        return folder
    print(f"Fetching {link} into {folder}. License: ask its owner. Size: shown as it starts.")
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
        archive.unlink()  # the same call downloads it again
        raise
    return _finished(photos, folder, link, part, digest)


def from_drive(folder="", mount="/content/drive"):
    """A folder of your Google Drive, a Path. Colab asks for your consent, then mounts the Drive.

    Args:
        folder: The folder's path within My Drive, such as "photos/faces".
        mount: Where the Drive is mounted.

    Raises:
        PhotoError: Outside Colab, without consent, or when there is no such folder.
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


def _is_there(folder, source, sha256=None):
    """Whether a folder holds the photos of `source` already; PhotoError when it holds others."""
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
    """The folder of LFW's JPEG files, one subfolder per person; scikit-learn leaves them beside its arrays."""
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
    "landscapes": ("intel-scenes", _scenes, "Intel's landscape photos, 363 MB; license: none stated"),
    "faces": ("lfw", _faces, "Labeled Faces in the Wild, 181 MB; license: none stated, press photos for research"),
    "flowers": ("flower-photos", _flowers, "TensorFlow's flower photos, 229 MB; license: CC BY, see its LICENSE.txt"),
}
