"""The examples in docstrings are true."""

import doctest
import importlib

import pytest

MODULES = ["colorlib.color", "colorlib.colorizer", "colorlib.files"]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried and not failed
