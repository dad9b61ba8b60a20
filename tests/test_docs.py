"""The pictures in `docs/` are those that the package draws now."""

import importlib.util
import pathlib

import pytest

from tests.test_diagram import texts

DOCS = pathlib.Path(__file__).parent.parent / "docs"


def pictures(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.DIAGRAMS


@pytest.mark.parametrize("name", ["cau3", "neuron"])
def test_a_picture_shows_what_the_package_draws(name, monkeypatch):
    monkeypatch.setenv("PATH", "")
    committed = (DOCS / f"{name}.svg").read_bytes()
    assert texts(committed) == texts(pictures(monkeypatch)[name]().pipe())


def test_the_language_model_of_the_tutorial_learns(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    import gpt

    model, losses = gpt.train(60)
    assert sum(losses[-10:]) < 0.75 * sum(losses[:10])
    assert gpt.spell(model, 1) == gpt.spell(model, 1)
    again, _ = gpt.train(3)
    first, _ = gpt.train(3)
    assert again.state_dict() == first.state_dict()
