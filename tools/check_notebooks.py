"""Fail when a notebook was not run from top to bottom, holds an error or widget state, or is too large.

python tools/check_notebooks.py notebooks/01_alpha_single_image.ipynb
"""

import json
import sys
from pathlib import Path

LARGEST = 1_500_000  # bytes


def problems(path):
    """What is wrong with a notebook file, a list of sentences."""
    path, found = Path(path), []
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    counts = [cell["execution_count"] for cell in code]
    if any(counts) and counts != list(range(1, len(code) + 1)):
        found.append("its cells were not run once each from top to bottom; run it with notebooks/run.py.")
    if any(output["output_type"] == "error" for cell in code for output in cell["outputs"]):
        found.append("a cell ended with an error.")
    if "widgets" in notebook["metadata"]:
        found.append("it holds widget state, which GitHub cannot show.")
    if path.stat().st_size > LARGEST:
        found.append(f"it has {path.stat().st_size / 1e6:.1f} MB; wanted at most {LARGEST / 1e6} MB.")
    return [f"{path.name}: {problem}" for problem in found]


if __name__ == "__main__":
    found = [problem for path in sys.argv[1:] for problem in problems(path)]
    print("\n".join(found))
    sys.exit(bool(found))
