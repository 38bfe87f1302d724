"""The course as a site: `make book` builds it into build/book, offline, with warnings as errors."""

import base64
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

BOOK = Path(__file__).parent
ROOT = BOOK.parent.parent
sys.path[:0] = [str(ROOT), str(BOOK / "_ext")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = PROJECT["name"]
author = copyright = "the colorlib authors"
release = version = PROJECT["version"]


def _copied(source, target, pattern):
    """Copy what the site shows but other folders own; copies of files that are gone are removed."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in sorted(source.glob(pattern)):
        shutil.copy(path, target)


def _attachments_as_files(path):
    """Write the pictures attached to a notebook's texts beside it, where Sphinx looks for them."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for name, (data,) in ((name, kinds.values()) for name, kinds in cell.pop("attachments", {}).items()):
            (path.parent / f"{path.stem}_{name}").write_bytes(base64.b64decode(data))
            cell["source"] = "".join(cell["source"]).replace(f"attachment:{name}", f"{path.stem}_{name}")
    path.write_text(json.dumps(notebook), encoding="utf-8")


_copied(ROOT / "notebooks", BOOK / "notebooks", "*.ipynb")
for path in (BOOK / "notebooks").iterdir():
    _attachments_as_files(path)
_copied(ROOT / "colorlib" / "weights", BOOK / "weights", "*.md")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "mathml"]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
suppress_warnings = [
    "mystnb.unknown_mime_type",  # a live widget has no picture; the text beside it says so
    "misc.highlighting_failure",  # "%pip install -q $source" is IPython, not Python
]

nb_execution_mode = "off"  # the figures are those stored in the notebooks
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath"]
myst_heading_anchors = 4
html_math_renderer = "mathml"
autodoc_member_order = "bysource"
napoleon_use_rtype = False

html_theme = "sphinx_book_theme"
html_title = "colorlib"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_show_sourcelink = False
html_theme_options = {
    "repository_url": PROJECT["urls"]["Repository"],
    "repository_branch": "main",
    "path_to_docs": "",  # pages named notebooks/NAME.ipynb here are notebooks/NAME.ipynb in the repository
    "use_repository_button": True,
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
}


def _code_in_backticks(app, what, name, obj, options, lines):
    """Docstrings here write code in single backticks, as Markdown does; reStructuredText wants two."""
    lines[:] = [re.sub(r"(?<![`:])`([^`]+)`(?!`)", r"``\1``", line) for line in lines]


def setup(app):
    app.connect("autodoc-process-docstring", _code_in_backticks, priority=400)  # before napoleon
