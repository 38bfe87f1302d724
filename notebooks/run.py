"""Run notebooks top to bottom and store their figures: `python notebooks/run.py [NAME ...]`, all by default."""

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


def _live(output):
    """Whether an output is a live widget, a progress bar: on a plain page nothing is left of it."""
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.ipynb")):
        run(FOLDER / f"{Path(name).stem}.ipynb")
