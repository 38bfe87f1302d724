"""The house rules: which module may import which. See ARCHITECTURE.md."""

import ast
import contextlib
import importlib
import tomllib
from pathlib import Path

import pytest

import colorlib

HOUSE = Path(colorlib.__file__).parent
DOORS = ("colorlib.cli", "colorlib", "colorlib.__main__")  # may open learning and page, inside functions


def module_name(path):
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """(module, whether at import time) of each colorlib module that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {node for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively; wanted the full name."
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "colorlib":
                yield known(name), node not in inside


def known(name):
    """The module that a dotted name lies in."""
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


MODULES = {module_name(path): path for path in HOUSE.rglob("*.py")}
IMPORTS = {name: list(imports(path)) for name, path in MODULES.items()}


def room(name):
    """The folder a module lies in: "top", "learning" or "page"."""
    second = name.split(".")[1:2]
    return second[0] if second and second[0] in ("learning", "page") else "top"


def test_the_walk_sees_imports():
    assert ("colorlib.color", True) in IMPORTS["colorlib.colorizer"]
    assert ("colorlib.learning.batches", False) in IMPORTS["colorlib.cli"]
    assert room("colorlib.color") == "top" and room("colorlib.page.demo") == "page"
    assert {room(name) for name in MODULES} == {"top", "learning", "page"}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_point_upwards(name):
    for imported, at_once in IMPORTS[name]:
        if room(name) == "top":
            allowed = room(imported) == "top" or (name in DOORS and not at_once)
            rule = "the top folder imports neither learning nor page; cli does, inside functions"
        else:
            allowed = room(imported) in ("top", room(name))
            rule = "learning and page never import each other"
        assert allowed, f"{name} imports {imported}, but {rule}."
        assert imported != "colorlib.cli" or name in DOORS, f"{name} imports cli, but cli is on top of everything."


def test_there_is_no_circle():
    at_once = {name: {i for i, early in found if early and i != "colorlib"} for name, found in IMPORTS.items()}
    done, way = set(), []

    def walk(name):
        assert name not in way, f"Imports go in a circle: {' -> '.join([*way[way.index(name) :], name])}."
        if name not in done:
            way.append(name)
            for imported in sorted(at_once[name] - {name}):
                walk(imported)
            done.add(way.pop())

    for name in MODULES:
        walk(name)


def test_lazy_imports_make_no_circle_either():
    """Imports inside functions are for speed; they hide no circle, but for the package itself."""
    every = {name: {i for i, _ in found if i != "colorlib"} for name, found in IMPORTS.items()}

    def reached(name, seen):
        for imported in every[name] - seen:
            seen.add(imported)
            reached(imported, seen)
        return seen

    for name in MODULES:
        assert name not in reached(name, set()), f"{name} imports itself through others."


def names_taken(path):
    """(module, name, line) of each name that a file takes from one of our modules, by `from` or by a dot."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {}  # what a file calls a module: the module
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "colorlib":
            for alias in node.names:
                if f"{node.module}.{alias.name}" in MODULES:
                    modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield node.module, alias.name, node.lineno
    variables = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    variables |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        owner = getattr(node, "value", None) if isinstance(node, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in modules.keys() - variables:
            yield modules[owner.id], node.attr, node.lineno


@pytest.mark.parametrize("folder", ["colorlib", "tools", "benchmarks", "notebooks"])
def test_names_taken_from_our_modules_exist(folder):
    """A name that has moved to another module is found here, even in a line that no other test runs."""
    taken, gone = 0, []
    for path in sorted((HOUSE.parent / folder).rglob("*.py")):
        for module, name, line in names_taken(path):
            with contextlib.suppress(ModuleNotFoundError):  # an extra that is not installed here
                taken += 1
                owner = importlib.import_module(module)
                if not hasattr(owner, name) and f"{module}.{name}" not in MODULES:
                    gone.append(f"{path.name}:{line} takes {name} from {module}")
    assert taken and not gone, "; ".join(gone)


def test_public_names_work_whatever_was_imported_first():
    import colorlib.learning.training
    import colorlib.pretrained_networks

    assert callable(colorlib.pretrained) and callable(colorlib.train)
    assert colorlib.batches is colorlib.learning.batches and colorlib.demo is colorlib.page.demo
    for name in colorlib.__all__:
        assert getattr(colorlib, name) is not None


@pytest.mark.parametrize("folder", ["learning", "page"])
def test_every_room_of_a_subfolder_is_imported_when_first_used(folder):
    rooms = {path.stem for path in (HOUSE / folder).glob("*.py")} - {"__init__"}
    subfolder = importlib.import_module(f"colorlib.{folder}")
    assert rooms <= set(subfolder.__all__)
    for room in rooms - {"handlers", "login", "serve"}:  # these need the extra `demo`
        assert getattr(subfolder, room).__name__ == f"colorlib.{folder}.{room}"


def test_modules_stay_small_enough_to_read():
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > 280} == {}


def test_the_wheel_holds_every_folder_and_file():
    """The packages and package data that pyproject names are all there are."""
    project = tomllib.loads((HOUSE.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {".".join(path.parent.relative_to(HOUSE.parent).parts) for path in HOUSE.rglob("*.py")}
    assert folders == {name for name in project["packages"] if name != "colorlib.notebooks"}
    for path in HOUSE.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            patterns = [
                (HOUSE.parent.joinpath(*package.split(".")), pattern)
                for package, patterns in project["package-data"].items()
                for pattern in patterns
            ]
            assert any(path in folder.glob(pattern) for folder, pattern in patterns), f"The wheel lacks {path}."


def test_the_map_names_every_module():
    text = (HOUSE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    missing = [path.name for path in MODULES.values() if not path.name.startswith("__") and path.name not in text]
    assert missing == [], "ARCHITECTURE.md does not name these."


def test_the_readme_names_every_environment_variable():
    from dataclasses import fields

    from colorlib.settings import PREFIX, Settings

    text = (HOUSE.parent / "README.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(Settings) if PREFIX + field.name.upper() not in text] == []
