"""The pictures in `docs/` are those that the package draws now."""

import importlib.util
import pathlib

import pytest

from tests.test_diagram import texts

DOCS = pathlib.Path(__file__).parent.parent / "docs"


def pictures():
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PICTURES


@pytest.mark.parametrize("name", ["cau3", "cau4", "neuron"])
def test_a_picture_shows_what_the_package_draws(name, monkeypatch):
    monkeypatch.setenv("PATH", "")
    committed = (DOCS / f"{name}.svg").read_bytes()
    assert texts(committed) == texts(pictures()[name]().pipe())
