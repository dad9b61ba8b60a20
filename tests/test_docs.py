"""The documentation: its pictures and programs, and its two languages side by side."""

import ast
import builtins
import importlib
import pathlib
import pkgutil
import re
import shlex
import shutil
import subprocess
import textwrap
from types import SimpleNamespace

import pytest
from matplotlib.image import imread

import micrograd_vn
from micrograd_vn import Value, draw, frames, tanh
from micrograd_vn.cli import main
from micrograd_vn.exercises import assign, cau4
from tests.benchmarks.publishing import beginning, publish
from tests.operations import TABLE
from tests.readers.live import needs_chromium
from tests.sizes import size
from tests.test_diagram import texts
from tests.test_layers import FILES, LAYERS, PACKAGE, rank

ROOT = pathlib.Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in (DOCS / "vi").glob("*.md"))


def program(name, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module(name)


@pytest.mark.parametrize("name", ["neuron"])
def test_a_picture_shows_what_the_package_draws(name, monkeypatch):
    monkeypatch.setenv("PATH", "")
    committed = (DOCS / f"{name}.svg").read_bytes()
    assert texts(committed) == texts(program("pictures", monkeypatch).DIAGRAMS[name]().pipe())


def test_the_architecture_is_drawn_from_the_imports(monkeypatch):
    vietnamese, source = (
        program("pictures", monkeypatch).architecture(lang).source for lang in ("vi", "en")
    )
    assert not set(LAYERS) & {*re.findall(r'label="?([^" ]+)', vietnamese)}
    edges = re.findall(r'^\t"?([\w.]+)"? -> "?([\w.]+)"?$', source, re.MULTILINE)
    assert {("engine", "operators"), ("readers", "formulas"), ("exercises", "readers.player")} <= {
        *edges
    }
    assert ("exercises", "engine") not in edges  # it follows from others
    assert all(rank(name) >= rank(other) for name, other in edges)
    assert {name for edge in edges for name in edge} >= {
        p.stem for p in FILES if p.parent == PACKAGE
    }


@needs_chromium
def test_the_first_picture_is_the_live_page_as_it_is_now(monkeypatch, tmp_path):
    program("pictures", monkeypatch).live(tmp_path / "live.png")
    committed, now = (imread(path)[..., :3] for path in (DOCS / "live.png", tmp_path / "live.png"))
    assert committed.shape == now.shape
    assert abs(committed - now).mean() < 0.02  # fonts differ between machines


def test_the_language_model_of_the_tutorial_learns(monkeypatch):
    gpt = program("gpt", monkeypatch)
    model, losses = gpt.train(60)
    assert sum(losses[-10:]) < 0.75 * sum(losses[:10])
    assert gpt.spell(model, 1) == gpt.spell(model, 1)
    again, _ = gpt.train(3)
    first, _ = gpt.train(3)
    assert again.state_dict() == first.state_dict()


def blocks(text):
    return re.findall(r"^ *```(.*?)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


def in_one_language(code):
    """Return code without comments, strings and the choice of a language."""
    code = re.sub(r"^:.*?$|#.*?$", "", code, flags=re.MULTILINE)
    code = re.sub(r'f?"[^"]*"|lang=|--lang en', "", code)
    return re.sub(r"[\s,]", "", code)


@pytest.mark.parametrize("page", PAGES)
def test_the_two_languages_have_the_same_sections_exercises_and_code(page):
    vi, en = ((DOCS / lang / page).read_text(encoding="utf-8") for lang in ("vi", "en"))
    for pattern in (r"^#+(?= )", r"^ *:::", r"^\|"):
        found = [re.findall(pattern, text, re.MULTILINE) for text in (vi, en)]
        assert found[0] == found[1]
    codes = [
        [(kind, in_one_language(code)) for kind, code in blocks(text) if kind != "latex"]
        for text in (vi, en)
    ]
    assert codes[0] == codes[1]


@pytest.mark.parametrize("page", PAGES)
def test_the_code_that_a_page_shows_needs_nothing_that_it_hides(page):
    shown = [
        textwrap.dedent(re.sub(r"^:.*$", "", code, flags=re.MULTILINE))
        for kind, code in blocks((DOCS / "vi" / page).read_text(encoding="utf-8"))
        if kind in ("{code-cell} ipython3", "python", "py") and "remove-input" not in code
    ]
    nodes = list(ast.walk(ast.parse("\n".join(shown))))
    given = {x.asname or x.name.split(".")[0] for x in nodes if isinstance(x, ast.alias)}
    given |= {x.name for x in nodes if isinstance(x, (ast.FunctionDef, ast.ClassDef))}
    given |= {x.name for x in nodes if isinstance(x, ast.ExceptHandler)}
    given |= {x.arg for x in nodes if isinstance(x, ast.arg)} | {*dir(builtins)}
    names = [x for x in nodes if isinstance(x, ast.Name)]
    given |= {x.id for x in names if isinstance(x.ctx, ast.Store)}
    assert {x.id for x in names} <= given


@pytest.mark.parametrize("page", PAGES)
def test_no_page_says_a_thing_twice(page):
    for lang in ("vi", "en"):
        text = (DOCS / lang / page).read_text(encoding="utf-8")
        starts = [part[:100] for part in re.split(r"\n\n|\n(?=- )", text) if len(part) > 80]
        assert len({*starts}) == len(starts)


def test_every_page_is_linked_in_the_same_order_in_both_languages():
    assert sorted(path.name for path in (DOCS / "en").glob("*.md")) == PAGES
    trees = []
    for lang in ("vi", "en"):
        text = (DOCS / lang / "index.md").read_text(encoding="utf-8")
        lines = "\n".join(code for kind, code in blocks(text) if "toctree" in kind).splitlines()
        trees.append([line for line in lines if line and not line.startswith(":")])
    assert trees[0] == trees[1]
    assert sorted(f"{name}.md" for name in [*trees[0], "index"]) == PAGES


@needs_chromium
@pytest.mark.skipif(size(True, False), reason="at full size only: THOROUGH is not set")
def test_looking_at_pages_finds_what_a_reader_would_miss(tmp_path, monkeypatch, capsys):
    look = program("look", monkeypatch)
    folder = tmp_path / "vi"
    folder.mkdir()
    dark = "@media (prefers-color-scheme: dark) { p { background: black; color: #222 } }"
    page = '<!doctype html><html lang="{}"><title>a</title><main><h1>a</h1>{}</main></html>'
    (folder / "right.html").write_text(page.format("vi", '<img src="data:," alt="a">'))
    (folder / "wrong.html").write_text(
        page.format(
            "en", f'<style>{dark}</style><img src="data:,"><p style="width: 500px">dark</p>'
        )
    )
    assert look.main([str(folder)]) == 3 + 2 + 2
    said = capsys.readouterr().out
    assert "right.html" not in said
    for what in (
        "390, light: its language is not vi",
        "390, light: 5",
        "1300, light: image-alt",
        "1300, dark: color-contrast",
    ):
        assert f"wrong.html, {what}" in said


def test_a_page_says_the_values_of_its_pictures_and_what_is_english(tmp_path, monkeypatch):
    pytest.importorskip("sphinx")
    nodes, utils = (importlib.import_module(f"docutils.{name}") for name in ("nodes", "utils"))
    for name in ("PYTHONPATH", "JAX_PLATFORMS"):  # the configuration sets them
        monkeypatch.setenv(name, "cpu")
    y = (Value(2.0, "x") * Value(3.0, "w")).named("y")
    widths = []
    for slide in (False, True):
        (tmp_path / "y.svg").write_bytes(draw(y, slide=slide, fold=True).pipe(format="svg"))
        page = utils.new_document("page")
        page += nodes.image(uri="y.svg")
        app = SimpleNamespace(srcdir=tmp_path, config=SimpleNamespace(language="vi"))
        program("conf", monkeypatch).describe_pictures(app, page, "page")
        assert page[0]["alt"] == "Hình: x = 2.0; y = x·w = 6; w = 3.0"
        page += [nodes.paragraph(), nodes.paragraph(), nodes.rubric()]
        page[1].source, page[2].source = "vi/reference.md", "engine.py:docstring of Value"
        program("conf", monkeypatch).mark_english(app, page, "page")
        assert [text["classes"] for text in page[1:]] == [[], ["language-en"], ["language-vi"]]
        widths.append(float(page[0]["width"].removesuffix("px")))
    assert max(widths) < 600  # a slide is 960 wide, its text larger


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_is_said_of_the_engine_is_in_it(lang):
    text = (DOCS / lang / "how-it-works.md").read_text(encoding="utf-8")
    section = text[text.index("## Đọc `" if lang == "vi" else "## Reading `") :]
    section = re.sub(r"^ *```.*?^ *```$", "", section, flags=re.DOTALL | re.MULTILINE)
    said = set(re.findall(r"`([^`\n]+)`", section[: section.index("\n## ", 3)]))
    source = "".join(
        path.read_text("utf-8") for path in FILES if path.parent in (PACKAGE, PACKAGE / "formulas")
    )
    files, readers = {path.name for path in FILES}, {"draw", "explain", "lambdify"}
    words = {word for word in said - files - readers if word.isidentifier()}
    assert len(words) > 10
    assert all(re.search(rf"\b{word}\b", source) for word in words)
    assert said - words - files - readers <= {"+", "-", "*", "/", "**", "(y, x)", "data - data"}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_reference_has_every_module_with_public_names(lang):
    text = (DOCS / lang / "reference.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"automodule:: (micrograd_vn[\w.]+)", text))
    for module in pkgutil.walk_packages(micrograd_vn.__path__, "micrograd_vn."):
        if not module.ispkg and module.name != "micrograd_vn.__main__":
            assert module.name in documented
    for name in micrograd_vn.__all__:
        assert name in TABLE or getattr(micrograd_vn, name).__module__ in documented


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_table_of_operations_says_what_the_engine_does(lang, monkeypatch):
    tables = program("tables", monkeypatch)
    rows = tables.operations(lang).splitlines()[2:]
    table = dict(zip(TABLE, rows, strict=True))
    everywhere = {"vi": "mọi số", "en": "everywhere"}[lang]
    assert table["mul"] == f"| `mul` | × | x·y | y, x | {everywhere} |"
    assert table["log"] == "| `log` | ln | ln(x) | 1/x | x > 0 |"
    assert table["tanh"] == f"| `tanh` | tanh | tanh(x) | 1 − tanh²(x) | {everywhere} |"


def test_the_benchmarks_are_shown_in_vietnamese(monkeypatch):
    tables = program("tables", monkeypatch)
    vietnamese, english = tables.benchmarks("vi"), tables.benchmarks("en")
    assert re.findall(r"[\d.,]+ \|", vietnamese) == re.findall(r"[\d.,]+ \|", english)
    assert not re.search(r"\b(of|the|step|times|points|with)\b", vietnamese)


COMMANDS = sorted(
    {
        line.split("micrograd-vn", 1)[1]
        for path in [*DOCS.glob("*/*.md"), ROOT / "README.md"]
        for kind, code in blocks(path.read_text(encoding="utf-8"))
        for line in code.splitlines()
        if kind == "sh" and "micrograd-vn" in line
    }
)
# Of a command in both languages one is tried, or with THOROUGH set, both.
EITHER = [c for c in COMMANDS if not {c.replace(" --lang en", "")} & {*COMMANDS} - {c}]


@pytest.mark.parametrize("command", size(EITHER, COMMANDS))
def test_a_command_in_the_documentation_works(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for page, file in (("exercises.md", "squared.py"), ("homework.md", "neuron.py")):
        defined = blocks((DOCS / "vi" / page).read_text(encoding="utf-8"))
        (source,) = (code for _, code in defined if "@exercise(" in code)
        pathlib.Path(file).write_text(source, encoding="utf-8")
    students, answers = (code for kind, code in defined if kind == "text")
    pathlib.Path("class.csv").write_text(students, encoding="utf-8")
    pathlib.Path("answers.csv").write_text(answers, encoding="utf-8")
    pathlib.Path("homework").mkdir()
    if "--manifest" in command:  # of a set that is there; set writes none over another
        manifest = assign({"cau4": cau4}, 2, seed=7).manifest("homework")
        pathlib.Path("homework", "manifest.json").write_text(manifest, encoding="utf-8")
    before = set(tmp_path.rglob("*"))
    main(shlex.split(command))
    assert capsys.readouterr().out
    assert set(tmp_path.rglob("*")) > before


def test_the_readme_quotes_the_published_benchmarks():
    published = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert beginning(published).count("\n| ") > 4
    assert f"From its output:\n\n{beginning(published)}\n\n" in readme
    assert len(readme.splitlines()) < 150


def test_one_command_publishes_benchmarks_in_both_places(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(
        "a\n\nFrom its output:\n\n| old |\n|---|\n\n| b |\n", "utf-8"
    )
    printed = "A machine\n\n| A | ms |\n|---|---|\n| ours | 1 |\n\n| B |\n|---|\n"
    publish(printed, tmp_path)
    assert (tmp_path / "docs" / "benchmarks.md").read_text("utf-8") == printed
    assert (tmp_path / "README.md").read_text("utf-8") == (
        "a\n\nFrom its output:\n\nA machine\n\n| A | ms |\n|---|---|\n| ours | 1 |\n\n| b |\n"
    )


def test_what_benchmarks_print_is_translated_whole(tmp_path, monkeypatch):
    tables = program("tables", monkeypatch)
    monkeypatch.setattr(tables, "__file__", str(tmp_path / "tables.py"))
    (tmp_path / "benchmarks.md").write_text(
        "CPU, 2 cores, Linux, Python 3.11; medians of 5 runs\n\n"
        "| A, compiled: one point of a step | µs | from, to | times faster than micrograd |\n\n"
        "Left out, as not installed: numpy, a C compiler\n\n"
        "| Live page in Chromium | kB | opened, ms | an update, ms |\n",
        "utf-8",
    )
    assert tables.benchmarks("vi") == (
        "CPU, 2 lõi, Linux, Python 3.11; trung vị của 5 lượt đo\n\n"
        "| A, biên dịch: một điểm của một bước | µs | từ, đến | nhanh hơn micrograd (lần) |\n\n"
        "Bỏ qua vì chưa cài đặt: numpy, trình biên dịch C\n\n"
        "| Trang tương tác trong Chromium | kB | mở, ms | một lần cập nhật, ms |\n"
    )


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX")
@pytest.mark.parametrize("lang", size(["vi"], ["vi", "en"]))
def test_the_slides_of_the_lecturers_page_compile_without_dot(lang, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "slides.tex"]
    if not subprocess.run(["kpsewhich", "beamer.cls"], capture_output=True, check=False).stdout:
        pytest.skip("no Beamer")
    text = (DOCS / lang / "lecturers.md").read_text(encoding="utf-8")
    (slides,) = re.findall(r"```latex\n(.*?)```", text, re.DOTALL)
    (tmp_path / "slides.tex").write_text(slides, "utf-8")
    o = tanh(sum(Value(k / 4, f"x{k}") for k in range(5))).named("o")  # higher than a slide
    o.backward()
    with monkeypatch.context() as without_dot:
        without_dot.setenv("PATH", "")
        draw(o, fold=True).render(outfile=tmp_path / "o.pdf")
        pages = frames(o)
        pages.save(tmp_path / "frames.pdf")
    assert f"{{1,...,{len(pages)}}}" in slides
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert f"({1 + len(pages)} pages" in done.stdout
    log = (tmp_path / "slides.log").read_text("latin-1")
    assert "Missing character" not in log
    assert "Overfull" not in log  # nothing is cut off
