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

DIST = ROOT / "browser" / "dist"

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


def _explorers(folder):
    """Write the explorers that explorers.md shows, an HTML file each, with data from the sample photos."""
    import numpy as np

    from colorlib import ab_bins, explorers
    from colorlib.color import gray_of, lightness
    from colorlib.photos import sample_photo

    portrait, coffee = sample_photo("astronaut"), sample_photo("coffee")[::2, 50:250]
    gray = np.round(2.55 * lightness(portrait)[119:147, 201:229]).astype(int)
    paints = {"orange": (60, 40, 55), "blue": (60, -10, -45)}
    bins, prior = ab_bins.bins(), ab_bins.prior([portrait, coffee])
    near = {name: np.exp(-(((bins - lab[1:]) / 15) ** 2).sum(axis=1)) for name, lab in paints.items()}
    near = {name: share / share.sum() for name, share in near.items()}
    shares = {"orange or blue": 0.4 * near["orange"] + 0.6 * near["blue"], "surely orange": near["orange"]}
    made = {
        "kernel": explorers.kernel(gray),
        "stride": explorers.stride(),
        "abplane": explorers.abplane(),
        "answer": explorers.answer(paints),
        "distribution": explorers.distribution(shares, prior, trained=0),
        "beforeafter": explorers.beforeafter(gray_of(coffee), coffee),
    }
    folder.mkdir(exist_ok=True)
    for name, explorer in made.items():
        (folder / f"{name}.html").write_text(explorer.data, encoding="utf-8")


_explorers(BOOK / "explorers")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "mathml"]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
suppress_warnings = [
    "mystnb.unknown_mime_type",  # a live widget has no picture; the text beside it says so
    "misc.highlighting_failure",  # "%pip install -q $source" is IPython, not Python
]

nb_execution_mode = "off"  # the figures are those stored in the notebooks
nb_merge_streams = True
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath", "substitution"]
myst_substitutions = {"try": "<code>make browser</code> builds a page that colors photos in your browser."}
if DIST.is_dir():  # `make browser-files` has built it: it becomes part of the site
    myst_substitutions["try"] = '<a href="try/index.html">Color a photo in this browser</a>; it is uploaded nowhere.'
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


def _page_in_the_browser(app, error):
    """Put the page that needs no server into the site, as /try, where it has been built."""
    if DIST.is_dir() and not error:
        shutil.copytree(DIST, Path(app.outdir) / "try", dirs_exist_ok=True)


def setup(app):
    app.connect("build-finished", _page_in_the_browser)
    app.connect("autodoc-process-docstring", _code_in_backticks, priority=400)  # before napoleon
