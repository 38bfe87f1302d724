"""The examples in docstrings are true."""

import doctest
import importlib
import inspect

import pytest

import colorlib

MODULES = [
    "colorlib.color",
    "colorlib.colorizer",
    "colorlib.files",
    "colorlib.finding",
    "colorlib.hints",
    "colorlib.learning.training",
    "colorlib.photos",
    "colorlib.pretrained_networks",
]
PUBLIC = [name for name in colorlib.__all__ if callable(getattr(colorlib, name))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for photo in ("aunt.jpg", "uncle.png"):
        colorlib.save_photo(colorlib.sample_photos()["camera"], f"album/{photo}")
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried and not failed


@pytest.mark.parametrize("name", [name for name in PUBLIC if not name.endswith(("Error", "Large"))])
def test_every_public_name_has_types_and_an_example(name):
    thing = getattr(colorlib, name)
    parameters = inspect.signature(thing).parameters.values()
    assert all(parameter.annotation is not parameter.empty for parameter in parameters)
    assert inspect.isclass(thing) or inspect.signature(thing).return_annotation is not inspect.Signature.empty
    assert ">>>" in thing.__doc__
