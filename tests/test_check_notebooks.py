import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def check(*paths):
    command = [sys.executable, ROOT / "tools" / "check_notebooks.py", *paths]
    return subprocess.run(command, capture_output=True, text=True)


def notebook(path, counts=(1, 2), outputs=(), **metadata):
    cells = [{"cell_type": "code", "execution_count": count, "outputs": list(outputs)} for count in counts]
    path.write_text(json.dumps({"cells": cells, "metadata": metadata}))
    return path


def test_the_notebooks_of_the_course_pass():
    result = check(*(ROOT / "notebooks").glob("*.ipynb"))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"counts": (2, 1)}, "not run once each"),
        ({"counts": (1, None)}, "not run once each"),
        ({"outputs": [{"output_type": "error"}]}, "ended with an error"),
        ({"widgets": {}}, "holds widget state"),
    ],
)
def test_what_must_not_be_committed_is_named(tmp_path, change, sentence):
    result = check(notebook(tmp_path / "a.ipynb", **change))
    assert result.returncode == 1 and "a.ipynb" in result.stdout and sentence in result.stdout


def test_a_clean_copy_without_outputs_passes(tmp_path):
    assert check(notebook(tmp_path / "a.ipynb", counts=(None, None))).returncode == 0
