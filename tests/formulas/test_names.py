"""Labels: what they are made of, in every language, whatever is in them."""

import ast
import keyword
import time
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Value, lambdify
from micrograd_vn.formulas.code import identifier
from micrograd_vn.formulas.latex import Latex, latex_text, latex_words
from micrograd_vn.formulas.mathml import MathML
from micrograd_vn.formulas.names import printable, symbol
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Name
from tests.formulas.recipes import PHASES
from tests.sizes import size

ANY = st.text(max_size=12) | st.text("xwŷ₀₁²⁽¹⁾′'_,ab12", max_size=8)


@settings(max_examples=size(160, 400), phases=PHASES)
@given(ANY)
def test_the_parts_of_a_symbol_are_all_of_its_characters(label):
    parts = symbol(label)
    if parts is not None:
        plain = unicodedata.normalize("NFKC", label.replace("″", "''").replace("′", "'"))
        shown = parts.stem + parts.below + parts.above + "'" * parts.primes
        assert sorted(unicodedata.normalize("NFKC", shown)) == sorted(plain.replace("−", "-"))


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("w", ("w", "", "", 0)),
        ("ŷ₀", ("ŷ", "0", "", 0)),
        ("y\u0302", ("ŷ", "", "", 0)),
        ("w⁽¹⁾₁,₂", ("w", "1,2", "(1)", 0)),
        ("w₁,₂⁽¹⁾", ("w", "1,2", "(1)", 0)),
        ("w₂′", ("w", "2", "", 1)),
        ("w'", ("w", "", "", 1)),
        ("w″", ("w", "", "", 2)),
        ("x²", ("x", "", "2", 0)),
        ("x⁻¹", ("x", "", "-1", 0)),
        ("loss", ("loss", "", "", 0)),
        ("w_1", ("w_1", "", "", 0)),
        ("xᵢ", ("x", "i", "", 0)),
    ],
)
def test_a_symbol_is_a_stem_with_what_stands_around_it(label, parts):
    assert symbol(label) == parts


@pytest.mark.parametrize("label", ["", "a + b", "1x", "₁", "∂L/∂w", "x₁y", "a·b", "x,", "x₁,", "′"])
def test_a_label_that_is_no_symbol_is_text(label):
    assert symbol(label) is None


@settings(max_examples=size(160, 400), phases=PHASES)
@given(ANY)
def test_any_label_is_well_formed_mathml_and_balanced_latex_on_one_line(label):
    for f in (Name(label), Name(label) ** 2, Name(label) * Name(label)):
        element = ET.fromstring(f"<math>{MathML()(f)}</math>")
        assert {e.tag for e in element.iter()} <= set(
            "math mi mn mo mover mrow msub msup msubsup mtext".split()
        )
        latex = Latex()(f)
        depth = 0
        for c in latex.replace(r"\{", "").replace(r"\}", ""):
            depth += (c == "{") - (c == "}")
            assert depth >= 0
        assert depth == 0
        for text in (latex, Text()(f), MathML()(f)):
            assert len(text.splitlines()) <= 1
            text.encode("utf-8")


ABOVE = str.maketrans("ˆ˜¯˙¨ˇ", "\u0302\u0303\u0304\u0307\u0308\u030c")


@settings(max_examples=size(120, 300), phases=PHASES)
@given(ANY)
def test_what_stands_in_mathml_is_the_label(label):
    element = ET.fromstring(f"<math>{MathML()(Name(label))}</math>")
    for over in element.iter("mover"):
        accent = over[1]
        accent.text = accent.text.translate(ABOVE)
    shown = "".join(element.itertext())
    plain = unicodedata.normalize("NFKC", printable(label)).replace("″", "′′").replace("'", "′")
    assert sorted(unicodedata.normalize("NFKC", shown).replace("'", "′").replace("−", "-")) == (
        sorted(plain.replace("−", "-"))
    )


@settings(max_examples=size(120, 300), phases=PHASES)
@given(ANY)
def test_an_identifier_is_one_for_python_and_says_what_the_label_says(label):
    name = identifier(label)
    if name and not keyword.iskeyword(name):  # a language reserves its own
        ast.parse(f"{name} = 1")
        assert unicodedata.normalize("NFKC", name) == name


@settings(max_examples=size(40, 100), phases=PHASES)
@given(st.lists(ANY, min_size=2, max_size=6))
def test_inputs_of_any_labels_keep_apart(labels):
    inputs = [Value(float(i), label) for i, label in enumerate(labels)]
    y = inputs[0]
    for i, x in enumerate(inputs[1:], 2):
        y = y + (i * x).named(labels[i - 2])
    point = [0.1 + i * i for i in range(len(labels))]
    want = point[0] + sum(i * x for i, x in enumerate(point[1:], 2))
    assert lambdify(inputs, y)(*point) == pytest.approx(want, rel=1e-14)


LONG = ["a" * 30_000 + "₁" * 30_000 + "!", "a\u0302" * 30_000, "x" + "₁," * 30_000, "\\" * 60_000]


@pytest.mark.parametrize("label", LONG, ids=[ascii(x[:3]) for x in LONG])
def test_a_long_label_takes_a_time_in_proportion(label):
    start = time.process_time()
    f = Name(label) ** 2 + Name(label)
    for write in (Text(), Latex(), MathML()):
        assert write(f)
    latex_words(label)
    latex_text(label)
    identifier(label)
    assert time.process_time() - start < 8  # in squares of the length, it would be minutes


def test_a_derivative_after_lagrange_has_what_it_is_by_below():
    f = Name("L′_w₁")
    assert Text()(f) == "L′_w₁"
    assert Latex()(f) == "L_{w_{1}}'"
    math = ET.fromstring(f"<math>{MathML()(f)}</math>")
    assert [e.tag for e in math[0]] == ["mi", "msub", "mrow"]
    assert "".join(math.itertext()) == "Lw1′"
    assert symbol("L′_w′") is symbol("L′_") is symbol("x₁′_w") is symbol("a′_" * 9999) is None


def test_what_has_something_above_it_is_raised_in_parentheses():
    for label in ("x²", "w⁽¹⁾"):
        assert str(Name(label) ** 2) == f"({label})²"
    assert str(Name("y") / Name("x²")) == "y/(x²)"
    assert str(Name("y") / Name("w⁽¹⁾")) == "y/w⁽¹⁾"


def test_an_empty_label_is_empty_words_in_latex():
    assert Latex()(Name("")) == r"\text{}"
