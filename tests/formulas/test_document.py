"""Documents: hostile labels and long equations in text, Markdown, LaTeX and HTML."""

import functools
import html.parser
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, cross_entropy, explain, grad, ops, relu, softmax
from micrograd_vn.formulas.document import Display, Document, Paragraph, lines
from micrograd_vn.formulas.latex import Latex
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Equation, Name
from tests.formulas.recipes import PHASES
from tests.sizes import size

HOSTILE = [
    "<script>alert(1)</script>", "<script>alert(1)</script>~", "&", "&amp;", "<", ">", "\"", "'",
    "`", "]]>", "<!--", "-->", "</math>", "a\\b", "\\", "\\\\", "\\input{x}", "\\end{document}",
    "%", "50%", "$", "$$", "$x$", "#", "_", "__", "w_1", "w₁", "{", "}", "{}", "~", "^", "x^2",
    "x^^M", "a~b", "^^41", "\x00", "a\x00b", "\x01\x02\x1b[31m", "\x7f", "\t", "\n", "\n\n",
    "a\n\nb", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\ud800", "a\udfffb", "\ufffe",
    "\ufeff", "\u200b", "\u200d", "\xad", "\xa0", "😀", "👩\u200d👩\u200d👧", "🇻🇳", "損失", "損",
    "한국",
    "ก็", "שלום", "سلام", "\u202eabc", "\u2066x", "x́", "́", "x́̂̃", "ŷ̂", "ë̃", "x²", "x⁻¹",
    "x²₁", "a+b", "a + b", "a·b", "a,b", "a=b", "a|b", "|", "(", ")", "(a", "[", "]", "[x]", "*",
    "**a**", "w⁽¹⁾", "w⁽¹⁾₁,₁", "w⁽¹⁾′", "w⁽¹⁾₁′", "w′", "w″", "w'", "w''", "w₂′", "∂f/∂x",
    "∂L/∂w₁", "ĥ", "ẑ", "ℓ", "ℒ", "Ω", "ϵ", "ϕ", "∇", "→", "≤", "≥", "≠", "≈", "ℝ", "∑", "∫", "∞",
    "√", "±", "÷", "×", "−", "·", "…", "“", "”", "«", "–", "—", "°", "µ", "№", "€", "ß", "ø", "æ",
    "ł", "ı", "Đ", "đ", "ơ", "ư", "Ệ", "ế", "ộ", "ữ", "độ lệch", "Hàm mất mát", "ﬁ", "𝐱", "𝔸",
    "Ａ", "½", "①", "ᵀ", "xᵀ", "xᵢ", "xₙ", "α", "Β", "ς", "ϑ", "ά", "ё", "Ж", "hàm̀", "", " ",
    "  a  ", "a" * 3000, "if", "class", "e", "i", "0", "1", "12", "1.5", "−1", "x1", "1x", "NaN",
    "textbf", "\\textbf{x}", "\\verb|x|", "\\begin{align*}", "&&", "\\\\[1cm]", "!`", "?`", "``",
    "--", "ff", "<<", ">>", "//", "x^", "_x", "x_",
]  # fmt: skip


@functools.cache
def explanation(label, other="y", given=None):
    """Return a solution in which a label stands by itself, squared, divided and in a reason."""
    x = Value(2.0, label)
    w = Value(0.5, f"{label}₂")
    z = (w * x**2 + relu(x - 1.0) / x).named(f"z {label}")
    op = Op(f"op {label}", lambda x: x / (1 + abs(x)), lambda out, x: (1 / (1 + abs(x)) ** 2,))
    y = (op(z) * ops.tanh(z) + x).named(other)
    return explain(y, x, lang="en", given=given)


def words(label):
    return Paragraph((f"about {label}: ", Name(label), " and ", Equation(Name(label), Name("x"))))


LABELS = list(dict.fromkeys(HOSTILE))


@functools.cache
def documents(label):
    """Return a solution and a paragraph with a label."""
    return [explanation(label), Document([words(label)])]


class Page(html.parser.HTMLParser):
    """The elements and attributes that a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.tags.add("comment")


ELEMENTS = set(
    "p ul li math mtable mtr mtd mrow mi mn mo mover mtext msub msup msubsup mfrac msqrt".split()
)


ATTRIBUTES = "xmlns display displaystyle style form stretchy accent".split()


@pytest.mark.parametrize("label", LABELS, ids=lambda x: ascii(x[:20]))
def test_any_label_is_shown_in_html_and_makes_no_element(label):
    for document in documents(label):
        text = document.to_html()
        ET.fromstring(f"<body>{text}</body>")
        page = Page(text)
        assert page.tags <= ELEMENTS
        assert page.attributes <= set(ATTRIBUTES)
    if label.isprintable() and len(label) > 1 and label.isascii() and not label.endswith("'"):
        assert label in page.text


@pytest.mark.parametrize("label", LABELS, ids=lambda x: ascii(x[:20]))
def test_any_label_leaves_the_lines_and_encodes_in_every_notation(label):
    plain = explanation("q")
    for document in documents(label)[:1]:
        for text in (
            str(document),
            document.to_markdown(),
            document.to_latex(),
            document.to_html(),
        ):
            text.encode("utf-8")
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\ud800-\udfff]", text)
        if len(label) < 3:
            assert str(document).count("\n\n") == str(plain).count("\n\n")
            assert document.to_latex().count("\n\n") == plain.to_latex().count("\n\n")


@pytest.mark.parametrize("label", LABELS, ids=lambda x: ascii(x[:20]))
def test_markdown_outside_of_formulas_has_no_element(label):
    text = "".join([d.to_markdown() for d in documents(label)])
    outside = re.sub(r"\$\$.*?\$\$|(?<!\\)\$[^$]*?(?<!\\)\$", "", text, flags=re.DOTALL)
    assert not re.search(r"<[a-zA-Z/!]", outside)
    assert not re.search(r"\$\s*\n\s*\n", text.replace("$$", ""))


PREAMBLE = r"""\documentclass{article}
\usepackage{iftex}
\ifPDFTeX\usepackage[utf8]{inputenc}\usepackage[T5]{fontenc}\else\usepackage{fontspec}\fi
\usepackage{amsmath}
\begin{document}
"""


@pytest.mark.parametrize("engine", size(["pdflatex"], ["pdflatex", "xelatex", "lualatex"]))
def test_a_document_with_every_label_compiles(engine, tmp_path):
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    parts = []
    for label in [x for x in LABELS if len(x) < 20]:
        y = Name(label)
        # The slowest of the three has the formulas only.
        parts += [d.to_latex() for d in documents(label)[engine == "lualatex" :]]
        parts.append(f"${Latex()(Op(label, abs, lambda out, x: (1.0,))(y))}$")
        derivatives = [Derivative(y, [y, y], [y]), Derivative(y, [y]) ** 2]
        parts += [f"${Latex()(f)}$" for f in (y**2, y**y, -y / y, ops.sqrt(y), *derivatives)]
    file = tmp_path / "labels.tex"
    file.write_text(PREAMBLE + "\n\n".join(parts) + "\n\\end{document}\n", "utf-8")
    command = [engine, "-halt-on-error", "-interaction=nonstopmode", "-draftmode", file.name]
    if engine == "xelatex":
        command[3] = "-no-pdf"
    done = subprocess.run(
        [c for c in command if c != "-draftmode" or engine != "lualatex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
    )
    log = (tmp_path / "labels.log").read_text("utf-8", errors="replace")
    errors = re.findall(r"^! .*\n(?:.*\n){0,6}", log, re.MULTILINE)
    assert done.returncode == 0, errors[:2]
    missing = sorted(set(re.findall(r"Missing character: .*", log)))
    assert missing == []


@pytest.mark.parametrize("label", [x for x in LABELS if len(x) < 100], ids=lambda x: ascii(x[:20]))
def test_a_label_in_latex_is_braces_in_pairs_and_one_exponent_at_most(label):
    y = Name(label)
    for f in (y**2, y ** (y**2), Derivative(y, [y, y])):
        text = Latex()(f)
        bare = text.replace(r"\{", "").replace(r"\}", "")
        assert bare.count("{") == bare.count("}")
        assert not re.search(r"(?<!\\)%", text)


# Long equations


TERMS = [Name(f"term{i}") for i in range(30)]


def long_sum(n, name=TERMS):
    f = name[0]
    for i, x in enumerate(name[1:n]):
        f = f - x if i % 3 == 0 else f + x
    return f


@given(st.integers(1, 30), st.integers(1, 3))
@settings(max_examples=40, phases=PHASES)
def test_a_long_equation_is_broken_into_lines_that_say_the_same(n, sides):
    equation = Equation(Name("left"), *[long_sum(n)] * sides)
    pieces = [piece for line in lines(equation, "") for piece in line]
    signs = {"": "", "=": " = ", "+": " + ", "−": " − "}
    whole = "".join(signs[sign] + Text()(f, least) for sign, f, least in pieces)
    assert whole == " = ".join(map(Text(), equation.sides))
    document = Document([Display(((equation, ()),))])
    assert max(map(len, str(document).splitlines())) <= 88  # 84 and what it is set in by
    joined = re.sub(r"\n +", " ", str(document)).strip()
    assert joined == whole
    count = len(lines(equation, ""))
    assert len(str(document).strip().splitlines()) == count
    assert document.to_latex().count("\\\\\n") == count - 1
    assert document.to_markdown().count("\\\\\n") == count - 1
    assert document.to_html().count("<mtr>") == count
    assert (count == 1) == (len(whole) <= 84)


def test_a_sum_that_is_taken_away_keeps_its_parentheses_on_a_line_of_its_own():
    a, b, c = (long_sum(n) for n in (9, 8, 3))
    for f in (a - (-b), a - (b - c) + c, a - (c - b), (a + (c - b)) - TERMS[5] - (-TERMS[6])):
        document = Document([Display(((Equation(Name("left"), f), ()),))])
        assert len(str(document).strip().splitlines()) > 1
        said = re.sub(r"\n +", " ", str(document)).strip()
        assert said == f"left = {Text()(f)}"
        for other in (document.to_latex(), document.to_markdown(), document.to_html()):
            assert re.sub(r"<[^>]*>", "", other).count("(") == said.count("(") > 0


def test_a_remark_stands_after_the_last_line_of_its_equation():
    equation = Equation(Name("left"), long_sum(25), Name("right"))
    remark = (" (as ", Equation(Name("z"), Name("t"), sign=">"), ")")
    document = Document([Display(((equation, remark), (Equation(Name("a"), Name("b")), ())))])
    assert "= right (as z > t)\n    a = b" in str(document)
    assert "&= \\mathrm{right}\\text{ (as }z > t\\text{)} \\\\\na &= b" in document.to_latex()
    rows = document.to_html().split("</mtr>")
    assert "(as" in rows[-3].replace("\u00a0", " ")


def test_words_beside_a_formula_keep_their_spaces_in_a_page():
    remark = (" (do ", Equation(Name("z"), Name("t"), sign=">"), ")")
    text = Document([Display(((Equation(Name("a"), Name("b")), remark),))]).to_html()
    assert "<mtext>\u00a0(do\u00a0</mtext>" in text


def test_each_step_of_an_equation_has_its_sign():
    equation = Equation(*map(Name, "abc"), sign=("=", "≈"))
    display, words_ = Display(((equation, ()),)), Paragraph((equation,))
    document = Document([display, words_])
    assert str(document) == "    a = b ≈ c\n\na = b ≈ c\n"
    assert document.to_latex().count(r"\approx c") == 2
    assert "= b \\approx c" in document.to_markdown()
    assert document.to_html().count("<mo>≈</mo>") == 2


def test_bullets_that_follow_each_other_are_one_list():
    document = Document([
        Paragraph(("a",), bullet=True),
        Paragraph((Name("b"), " < c"), bullet=True),
        Paragraph(("d",)),
        Paragraph(("e",), bullet=True),
    ])  # fmt: skip
    assert str(document) == "• a\n\n• b < c\n\nd\n\n• e\n"
    assert document.to_latex().count(r"\begin{itemize}") == 2
    assert document.to_html().count("<ul>") == 2
    assert "<li>" in document.to_html()
    assert "&lt; c" in document.to_html()
    assert "&lt; c" in document.to_markdown()


def test_the_mathematics_of_every_notation_is_the_same():
    h = [Value(1.0, "h₀"), Value(2.0, "h₁")]
    p = softmax(h)
    loss = cross_entropy(h, 0).named("L")
    document = explain(loss, h[0], using=[x.named(f"ŷ{i}") for i, x in zip("₀₁", p, strict=True)])
    assert "∂L/∂h₀ = ŷ₀ − 1 ≈ 0.2689 − 1 = −0.7311" in str(document)
    assert r"\hat{y}_{0} - 1 \approx 0.2689 - 1 = -0.7311" in document.to_latex()
    assert r"\hat{y}_{0} - 1 \approx 0.2689 - 1 = -0.7311" in document.to_markdown()
    assert grad(loss, h)[0].data == pytest.approx(-0.7311, abs=5e-5)
    shown = "".join(ET.fromstring(f"<b>{document.to_html()}</b>").itertext())
    assert "yˆ0−1≈0.2689−1=−0.7311" in shown


def test_a_text_begins_with_its_first_letter_and_ends_with_one_line_feed():
    document = Document([Paragraph(["Xét ", Name("x"), "."]), Paragraph(["Hết."])])
    assert str(document) == "Xét x.\n\nHết.\n"
