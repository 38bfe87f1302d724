"""The site: built with warnings as errors, every link followed, every page opened in Chromium at two widths."""

import html.parser
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("sphinx_book_theme", reason="the site needs the extra: pip install .[book]")

ROOT = Path(__file__).parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TOOLS = ("genindex.html", "search.html", "py-modindex.html")  # Sphinx's own pages


class Links(html.parser.HTMLParser):
    """The ids of a page, and where its links, pictures and scripts point to."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.targets, self.without_alt = set(), [], []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes[name] for name in ("id", "name") if name in attributes}
        self.targets += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        if tag == "img" and not attributes.get("alt"):
            self.without_alt.append(attributes.get("src"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    from sphinx.cmd.build import build_main

    folder, trees = tmp_path_factory.mktemp("book"), tmp_path_factory.mktemp("doctrees")  # the trees are not published
    assert build_main(["-W", "-q", "-d", str(trees), str(ROOT / "docs" / "book"), str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def pages(site):
    own = (page for page in sorted(site.rglob("*.html")) if page.relative_to(site).parts[0] not in ("try", "_static"))
    return {page: Links(page) for page in own if page.name not in TOOLS}


def test_is_small_and_complete(site, pages):
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file() and "try" not in path.parts) < 25e6
    names = {page.relative_to(site).as_posix() for page in pages}
    assert {f"notebooks/{path.stem}.html" for path in (ROOT / "notebooks").glob("*.ipynb")} < names
    assert {f"weights/{path.stem}.html" for path in (ROOT / "colorlib" / "weights").glob("*.md")} < names
    assert {"index.html", "glossary.html", "notation.html", "metrics.html", "people.html", "api.html"} < names


def test_every_internal_link_leads_somewhere(site, pages):
    broken = []
    for page, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            other = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            known = pages.get(other)
            if not other.exists() or (known and parts.fragment and unquote(parts.fragment) not in known.ids):
                broken.append(f"{page.relative_to(site)} -> {target}")
    assert not broken


def test_colab_buttons_name_notebooks_of_this_repository(site, pages):
    for page, links in pages.items():
        colab = {target for target in links.targets if "colab.research" in target and "/github/" in target}
        paths = {re.search(r"/blob/main/(.*)", target)[1] for target in colab}
        if page.parent.name == "notebooks":
            assert f"notebooks/{page.stem}.ipynb" in paths
        assert all((ROOT / path).is_file() for path in paths)


def test_page_needs_no_other_server_to_be_drawn(pages):
    """Scripts and styles come from the site itself; only links lead elsewhere."""
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<script[^>]+src=\"https?:|<link[^>]+rel=\"stylesheet\"[^>]+href=\"https?:", text)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt-get install chromium")
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_opens_and_fits(site, pages, width):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.set_default_timeout(300_000)
        errors = []
        tab.on("pageerror", lambda error: errors.append(f"{tab.url}: {error}"))
        for page in pages:
            tab.goto(page.as_uri())
            assert tab.locator("h1:visible").count()  # the theme has another, for printing
            wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 1, f"{page.name} is {wide} pixels wider than a window of {width}."
        browser.close()
    assert not errors
