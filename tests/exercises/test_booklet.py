"""Booklets, as they are printed: one variant after the other, and no answer on a sheet."""

import re
import shutil
import subprocess
from dataclasses import replace

import pypdfium2
import pytest

from micrograd_vn.exercises import assign, cau3, cau4, network
from micrograd_vn.exercises.booklet import Booklet
from micrograd_vn.exercises.page import Page
from micrograd_vn.formulas.tree import to_decimals
from micrograd_vn.readers.rendering import album
from tests.sizes import size

STUDENTS = [
    "Nguyễn Thị Ánh Nguyệt", "<b>x</b> & Co", "50% #1_{x}$ ~^\\end{document}", "王小明", "=1+1",
]  # fmt: skip
BOTH = {"cau3": cau3, "cau4": cau4}


def homework(exercises, lang="vi"):
    return assign(exercises, seed=7, students=STUDENTS, title="Tuần 3: đạo hàm", lang=lang)


def pages(path):
    with pypdfium2.PdfDocument(path) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Return a function that prints HTML as Chromium does, and returns the texts of its pages."""
    playwright = pytest.importorskip("playwright.sync_api")
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    folder = tmp_path_factory.mktemp("printed")
    with playwright.sync_playwright() as api:
        browser = api.chromium.launch(executable_path=chromium)
        page = browser.new_page()

        def printed(html):
            page.set_content(html)
            page.pdf(path=folder / "page.pdf", prefer_css_page_size=True)
            return pages(folder / "page.pdf")

        yield printed
        browser.close()


def code_of(page):
    return [v for v in (f"S7-{i:03}" for i in range(1, 10)) if v in page]


@pytest.mark.parametrize("exercises", [{"cau3": cau3}, {"network": network}, BOTH], ids="-".join)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_sheets_print_one_variant_a_page(exercises, lang, printed):
    booklet = Booklet(homework(exercises, lang), sheet=True)
    found = printed(booklet.html())
    assert [code_of(page) for page in found] == [[f"S7-{i:03}"] for i in range(1, 6)]
    assert all("Tuần 3" in page for page in found)
    for name, page in zip(STUDENTS, found, strict=True):
        assert name in page or "小明" in page  # for which there may be no font


def test_solutions_begin_a_page_for_each_variant(printed):
    found = printed(Booklet(homework(BOTH), sheet=False).html())
    assert [c for page in found for c in code_of(page)] == [f"S7-{i:03}" for i in range(1, 6)]
    assert all(page.startswith("Tuần 3") for page in found if code_of(page))
    assert sum("Kết quả" in page for page in found) >= 5


def test_a_sheet_has_the_answer_nowhere():
    made = homework(BOTH)
    for variant in made.variants:
        sheet, solution = (
            Booklet(replace(made, variants=[variant]), sheet=s) for s in (True, False)
        )
        for exercise in variant.exercises.values():
            answer, decimals = abs(exercise.answer), exercise.decimals
            written = {f"{float(to_decimals(answer, decimals)):.{decimals}f}", f"{answer:.4g}"}
            shown, solved = (set(re.findall(r"\d+\.\d+", b.latex())) for b in (sheet, solution))
            assert not written & shown
            assert written & solved
        for text in (sheet.html(), sheet.latex()):
            assert "Kết quả:" not in text
            assert "quy tắc chuỗi" not in text
        assert sheet.pictures["solutions-pictures"] == []


BOTH_WAYS = [("pdflatex", "solutions"), ("xelatex", "sheets")]


@pytest.mark.parametrize(
    ("engine", "kind"),
    size(BOTH_WAYS, [*BOTH_WAYS, ("pdflatex", "sheets"), ("xelatex", "solutions")]),
)
def test_a_booklet_compiles_with_its_pictures(engine, kind, tmp_path):
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    booklet = Booklet(homework(BOTH), sheet=kind == "sheets")
    (tmp_path / "booklet.tex").write_text(booklet.latex(), "utf-8")
    for name, diagrams in booklet.pictures.items():
        if diagrams:
            (tmp_path / f"{name}.pdf").write_bytes(album(diagrams))
    command = [engine, "-halt-on-error", "-interaction=nonstopmode", "booklet.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    log = (tmp_path / "booklet.log").read_text("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log
    found = pages(tmp_path / "booklet.pdf")
    codes = [c for page in found for c in code_of(page)]
    assert codes == [f"S7-{i:03}" for i in range(1, 6)]
    if kind == "sheets":
        assert len(found) == 5
    assert "softmax" in found[0]  # in the picture


def test_pictures_that_look_the_same_are_drawn_once():
    booklet = Booklet(assign({"cau3": cau3, "cau4": cau4}, 12, seed=7), sheet=False)
    for diagrams in booklet.pictures.values():
        sources = [diagram.source for diagram in diagrams]
        assert len(set(sources)) == len(sources)
    architectures = [
        e.architecture("vi").source for v in booklet.homework.variants for e in v.exercises.values()
    ]
    assert {d.source for d in booklet.pictures["pictures"]} == set(architectures)


def test_names_are_text_and_never_markup():
    html = Booklet(homework({"cau4": cau4}), sheet=True).html()
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt; &amp; Co" in html


@pytest.mark.parametrize("given", [cau3, network])
def test_a_solution_of_the_course_is_one_page_of_latex(given, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    page = Page(given(), "vi")
    (tmp_path / "page.tex").write_text(page.latex(), "utf-8")
    for name, diagram in page.pictures.items():
        (tmp_path / f"{name}.pdf").write_bytes(diagram.pipe("pdf"))
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0
    assert "Output written on page.pdf (1 page," in log
    assert "Overfull" not in log
