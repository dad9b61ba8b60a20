"""Frames: one number more each, and nothing moves."""

import itertools
import xml.etree.ElementTree as ET

import pypdfium2
import pytest

from micrograd_vn import Value, frames, relu
from tests.readers.pictures import SVG, looks, parts
from tests.readers.test_pictures import Net


def shown(picture):
    """Return each text with its place."""
    return {
        ("".join(t.itertext()), t.get("x"), t.get("y"))
        for t in ET.fromstring(picture.encode()).iter(f"{SVG}text")
    }


def shapes(picture):
    found = [e.get("d") or e.get("points") for e in ET.fromstring(picture.encode()).iter()]
    return [shape for shape in found if shape]


def said(picture):
    return {text.replace("\xa0", " ") for text, _, _ in shown(picture)}


@pytest.mark.parametrize("options", [{}, {"fold": False}, {"slide": True}, {"rankdir": "TB"}])
def test_texts_come_and_nothing_moves(options):
    net = Net()
    pictures = list(frames(net.roots, **options))
    for before, after in itertools.pairwise(pictures):
        assert shown(before) <= shown(after)
        assert shapes(before) == shapes(after)
    assert shown(pictures[0]) < shown(pictures[-1])


def test_first_the_values_forward_then_the_gradients_backward():
    net = Net()
    pictures = frames(net.roots)
    computed, differentiated = 7, 11  # z₀ R h₀ h₁ ŷ₀ ŷ₁ L; these without ŷ, and 6 leaves
    assert len(pictures) == 1 + computed + differentiated - 1
    assert {"giá trị 0.8", "giá trị 3.0"} <= said(pictures[0])
    assert not any(
        text.startswith(("∂", "giá trị 2.4", "giá trị 0.72")) for text in said(pictures[0])
    )
    assert "giá trị 2.4" in said(pictures[1])
    assert not any(text.startswith("∂") for text in said(pictures[computed]))
    new = said(pictures[computed]) - said(pictures[computed - 1])
    assert new == {"giá trị 0.1709"}  # the loss comes after the probabilities
    new = said(pictures[computed + 1]) - said(pictures[computed])
    assert "∂L/∂L = 1" in new
    at = {g: i for i in range(len(pictures)) for g in said(pictures[i]) if g in GRADIENTS}
    first = {g: min(i for i in range(len(pictures)) if g in said(pictures[i])) for g in at}
    assert [first[g] for g in GRADIENTS] == sorted(first.values())


GRADIENTS = ["∂L/∂L = 1", "∂L/∂h₁ ≈ 0.1571", "∂L/∂R ≈ −0.11", "∂L/∂z₀ ≈ −0.11", "∂L/∂x ≈ −0.08797"]


def test_a_local_derivative_comes_with_the_gradient_that_needs_it():
    x = Value(3.0, "x")
    z = (x * 2).named("z")
    y = relu(z + x).named("y")
    y.backward()
    edges = [
        {name: texts for name, texts, _ in parts(p.encode(), "edge") if texts} for p in frames(y)
    ]
    assert [sum(map(len, e.values())) for e in edges] == [0, 0, 0, 0, 1, 3]


def test_the_value_in_question_stands_out():
    net = Net()
    pictures = frames(net.loss)
    for i, name in ((0, None), (1, "z₀"), (len(pictures) - 1, "w₂")):
        found = looks(pictures[i].encode())
        assert {n for n, look in found.items() if look[2].lower() == "#d97706"} == (
            {name} if name else set()
        )


def test_they_are_saved_as_numbered_pictures(tmp_path):
    net = Net()
    pictures = frames(net.r)
    paths = pictures.save(tmp_path / "bước")
    assert [p.removeprefix(f"{tmp_path}/") for p in paths][:2] == ["bước-01.svg", "bước-02.svg"]
    assert len(paths) == len(pictures) == len(list(tmp_path.iterdir()))
    assert pictures.save(f"{tmp_path}/new/")[0] == f"{tmp_path}/new/01.svg"
    assert ET.parse(f"{tmp_path}/new/03.svg").getroot().tag == f"{SVG}svg"


def test_they_are_saved_as_one_pdf(tmp_path):
    net = Net()
    pictures = frames(net.r, of="L")
    assert pictures.save(tmp_path / "R.pdf") == [f"{tmp_path}/R.pdf"]
    pages = pypdfium2.PdfDocument(tmp_path / "R.pdf")
    texts = [page.get_textpage().get_text_bounded() for page in pages]
    assert len(texts) == len(pictures)
    assert ["∂L/∂x" in text for text in texts].count(True) == 2  # x is the last but one
    assert "giá trị 3.0" in texts[0]
    assert len({page.get_size() for page in pages}) == 1


def test_they_show_in_jupyter_and_can_be_sliced():
    pictures = frames(Net().r)
    assert pictures._repr_html_().count("<svg") == len(pictures)
    assert list(pictures[1:3]) == [pictures[1], pictures[2]]


def test_latex_made_from_a_notebook_has_the_last_picture():
    pictures = frames(Net().loss)
    assert repr(pictures) == f"Frames({len(pictures)} pictures)"
    pages = pypdfium2.PdfDocument(pictures._repr_mimebundle_()["application/pdf"])
    assert len(pages) == 1
    text = pages[0].get_textpage().get_text_bounded()
    assert {"∂L/∂w₁", "∂L/∂x", "∂L/∂b₁"} <= {name for name in text.split() if "∂" in name}


def test_without_backward_there_is_nothing_to_show():
    with pytest.raises(ValueError, match=r"call backward\(\) first"):
        frames(Net(seen=False).loss)
