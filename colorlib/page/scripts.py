"""Load the page's JavaScript and its translations."""

import json
from pathlib import Path


def script(*names):
    """The text of several JavaScript files of this folder, joined into one module."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


def languages():
    """The languages besides English: {code: {"language": ..., "direction": "ltr" or "rtl", "sentences": {...}}}."""
    files = sorted((Path(__file__).parent / "languages").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
