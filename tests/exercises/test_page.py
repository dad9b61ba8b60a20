"""A page has its name, the whole statement and the whole solution, in every format."""

import html
import pathlib
import re

import pytest

from micrograd_vn.exercises import cau3, cau4, network
from micrograd_vn.exercises.page import Page, in_words
from micrograd_vn.formulas.document import Display, Document, Paragraph

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
MADE = [cau3(), cau4(), network()]
HEADINGS = {
    "vi": ("Giải", "Đồ thị tính toán", "Bài làm"),
    "en": ("Solution", "Computational graph", "Answer"),
}


def words(text):
    return re.findall(r"[^\W\d_]{2,}", text)


def words_of(document):
    """Return the words of the paragraphs of a document, which no format changes."""
    paragraphs = [b for b in document.blocks if isinstance(b, Paragraph)]
    return words(" ".join(p for b in paragraphs for p in b.parts if isinstance(p, str)))


def formulas_of(document):
    """Return how many formulas a document has; equations below each other are one."""
    parts = [getattr(b, "parts", (b,)) for b in document.blocks]
    return sum(not isinstance(p, str) for found in parts for p in found)


def read(format, page):
    """Return the words of a written page outside of its formulas and pictures, and how many
    formulas it has."""
    if format == "html":
        formulas, text = page.count("<math"), page.partition("</head>")[2]
        left_out = "<math.*?</math>|<figure.*?</figure>|<[^>]*>"
    elif format == "latex":
        formulas = len(re.findall(r"\$.*?\$|begin\{align\*\}", page))
        text = page.partition("\\section*")[2]
        left_out = (
            r"\\insertpicture.*?\n|\\begin\{align\*\}.*?\\end\{align\*\}|\$.*?\$"
            r"|\\(begin|end)\{\w+\}|\\vspace\{12cm\}|\\\w+"
        )
    else:
        formulas, text = len(re.findall(r"\$\$.*?\$\$|\$.*?\$", page, re.DOTALL)), page
        left_out = r"\$\$.*?\$\$|\$.*?\$|!\[[^\n]*|\n\*[^\n]*\*\n|<br>"
    return words(html.unescape(re.sub(left_out, " ", text, flags=re.DOTALL))), formulas


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("format", ["html", "latex", "markdown"])
@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name["en"])
def test_a_page_has_all_words_and_formulas_in_their_order(made, format, lang):
    solution, diagram, answer = HEADINGS[lang]
    statement, explained = made.statement[lang], made.explain(lang)
    begins = [*words(made.name[lang]), *words_of(statement)]
    found, formulas = read(format, getattr(Page(made, lang), format)())
    assert found == [*begins, *words(solution), *words_of(explained), *words(diagram)]
    assert formulas == formulas_of(statement) + formulas_of(explained)
    found, formulas = read(format, getattr(Page(made, lang, sheet=True), format)())
    assert found == [*begins, *words(answer)]
    assert formulas == formulas_of(statement)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name["en"])
def test_a_page_as_text_is_the_statement_and_the_solution(made, lang):
    solution, _, answer = HEADINGS[lang]
    statement = f"{made.name[lang]}\n\n{made.statement[lang]}"
    if made.definition.figure is not None:
        statement += f"\n{in_words(made, lang)}"
    assert Page(made, lang).text() == f"{statement}\n{solution}\n\n{made.explain(lang)}"
    assert Page(made, lang, sheet=True).text() == f"{statement}\n{answer}\n\n" + "\n" * 13


def test_formulas_stand_for_the_figure_in_text_but_not_the_loss():
    shown = [block for block in in_words(cau4(), "vi").blocks if isinstance(block, Display)]
    assert [str(Document([block])).split("\n") for block in shown] == [
        ["    z₀ = w₁·x + b₁", "    R = ReLU(z₀)", ""]
    ]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_statements_are_as_reviewed(lang, golden):
    golden(GOLDEN / f"statements.{lang}.txt", "\n".join(str(m.statement[lang]) for m in MADE))
