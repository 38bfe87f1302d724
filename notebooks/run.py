"""Run notebooks top to bottom and store their figures: `python notebooks/run.py [NAME ...]`, all by default.

`python notebooks/run.py --clean` runs nothing: it writes a copy of each notebook without outputs into `clean/`, for
readers who want to guess first.
"""

import copy
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


def run(path):
    print(f"running {path.name}", flush=True)
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=3600, store_widget_state=False, coalesce_streams=True)
    client.resources = {"metadata": {"path": FOLDER}}
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day: noise in every diff
        if cell.cell_type == "code":  # TensorFlow greets on stderr; a reader has no use for it
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr" and not _live(output)]
    notebook.metadata["language_info"] = {"name": "python"}
    part = path.with_suffix(".part")
    nbformat.write(notebook, part)
    part.replace(path)
    print(f"  {path.stat().st_size / 1e3:.0f} kB")


def clean(notebook, name):
    """The notebook without outputs, its Colab badge and its links leading to the right places from `clean/`."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = cell.source.replace(f"notebooks/{name}", f"notebooks/clean/{name}")
    return notebook


def write_clean():
    """Write the clean copies, and remove those of notebooks that are gone."""
    folder = FOLDER / "clean"
    folder.mkdir(exist_ok=True)
    paths = sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        nbformat.write(clean(nbformat.read(path, as_version=4), path.name), folder / path.name)
    for path in {*folder.glob("*.ipynb")} - {folder / path.name for path in paths}:
        path.unlink()


def _live(output):
    """Whether an output is a live widget, a progress bar: on a plain page nothing is left of it."""
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if name != "--clean"]
    if not names and "--clean" not in sys.argv:
        names = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
    for name in names:
        run(FOLDER / f"{Path(name).stem}.ipynb")
    write_clean()
