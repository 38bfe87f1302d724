"""The page's JavaScript, and its sentences in other languages, as they are sent to the browser."""

import json
from pathlib import Path


def script(*names):
    """Files of JavaScript as one module."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


def languages():
    """The languages of the page beside English: code -> its name, direction and sentences, by the English ones."""
    files = sorted((Path(__file__).parent / "languages").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
