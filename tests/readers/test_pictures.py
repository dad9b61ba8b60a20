"""Pictures: folded at the names, with roles and paths, and for slides."""

import itertools
import random
import xml.etree.ElementTree as ET

import pytest

from micrograd_vn import (
    Value,
    cross_entropy,
    dot,
    draw,
    explain,
    grad,
    numeric,
    relu,
    sigmoid,
    softmax,
    sqrt,
    tanh,
)
from micrograd_vn.engine import Constant
from micrograd_vn.formulas.tree import Name
from micrograd_vn.nn import MLP
from micrograd_vn.ops import log_softmax
from tests.readers.pictures import (
    arrows,
    boxes,
    looks,
    parts,
    place,
    text_height,
    tooltips,
    touching,
)


class Net:
    """The network of Câu 3 and Câu 4, with its values as attributes."""

    def __init__(self, seen=True):
        self.x, self.w1, self.b1 = Value(3.0, "x"), Value(0.8, "w₁"), Value(0.0, "b₁")
        self.z = (self.w1 * self.x + self.b1).named("z₀")
        self.r = relu(self.z).named("R")
        self.w = [Value(0.3, "w₂"), Value(-0.4, "w₂′")]
        self.h = [(w * self.r).named(f"h{i}") for w, i in zip(self.w, "₀₁", strict=True)]
        self.p = [p.named(f"ŷ{i}") for p, i in zip(softmax(self.h), "₀₁", strict=True)]
        self.y = [Constant(1.0, "y₀"), Constant(0.0, "y₁")]
        self.loss = cross_entropy(self.h, self.y).named("L")
        if seen:
            self.loss.backward()
        self.roots = [self.loss, *self.p]
        self.roles = {"input": [self.x], "parameter": [self.w1, self.b1, *self.w]}


def two_sums(w, x, b):
    return w[0] * x[0] + w[1] * x[1] + b


def two_layers(dot=dot):
    """Return the loss and the roles of a 2-2-1 network."""
    x = [Value(1.0, "x₁"), Value(-2.0, "x₂")]
    w = [[Value(0.5, "w₁,₁"), Value(-0.3, "w₁,₂")], [Value(0.8, "w₂,₁"), Value(0.1, "w₂,₂")]]
    b = [Value(0.1, "b₁"), Value(0.0, "b₂")]
    z = [dot(wi, x, bi).named(f"z{i}") for wi, bi, i in zip(w, b, "₁₂", strict=True)]
    a = [tanh(zi).named(f"a{i}") for zi, i in zip(z, "₁₂", strict=True)]
    v, c = [Value(0.7, "v₁"), Value(-0.6, "v₂")], Value(0.2, "c")
    y = Value(1.0, "y")
    loss = ((dot(v, a, c).named("ŷ") - y) ** 2).named("L")
    loss.backward()
    return loss, {"input": x, "parameter": [*w[0], *w[1], *b, *v, c], "target": [y]}


def svg(diagram):
    return diagram.pipe("svg")


# Folded


def test_a_folded_picture_has_a_box_for_each_name_with_its_formula():
    net = Net()
    shown = boxes(svg(draw(net.r, fold=True, of="L")))
    assert shown["z₀"] == ["z₀ = w₁·x + b₁", "giá trị 2.4", "∂L/∂z₀ ≈ −0.11"]
    assert shown["R"] == ["R = ReLU(z₀)", "giá trị 2.4", "∂L/∂R ≈ −0.11"]
    assert shown["x"] == ["x", "giá trị 3.0", "∂L/∂x ≈ −0.08797"]
    assert set(shown) == {"x", "w₁", "b₁", "z₀", "R"}


def test_an_edge_has_the_derivative_of_its_end_by_its_start():
    """Held against finite differences of the expression between the two boxes."""
    u, v = Value(0.7, "u"), Value(1.3, "v")
    s = (u * v + u**2).named("s")
    t = (tanh(s * v) / (1 + s)).named("t")
    t.backward()
    on_edges = arrows(svg(draw(t, fold=True, digits=8)))

    def between(name, at):
        a = {"u": u.data, "v": v.data, "s": s.data} | at
        value = {k: Value(x) for k, x in a.items()}
        if name == "s":
            return (value["u"] * value["v"] + value["u"] ** 2).data
        return (tanh(value["s"] * value["v"]) / (1 + value["s"])).data

    assert set(on_edges) == {("u", "s"), ("v", "s"), ("s", "t"), ("v", "t")}
    for (start, end), number in on_edges.items():
        x, step = {"u": u, "v": v, "s": s}[start].data, 1e-5
        slope = (between(end, {start: x + step}) - between(end, {start: x - step})) / (2 * step)
        assert float(number.replace("−", "-")) == pytest.approx(slope, rel=1e-6)


def test_softmax_and_cross_entropy_of_the_same_logits_are_one_block():
    net = Net()
    picture = svg(draw(net.roots, fold=True))
    edges = {ends: text for ends, text in arrows(picture).items() if "softmax" in ends}
    assert edges == {
        ("h₀", "softmax"): "ŷ₀ − y₀ ≈ −0.1571",
        ("h₁", "softmax"): "ŷ₁ − y₁ ≈ 0.1571",
        ("y₀", "softmax"): None,
        ("y₁", "softmax"): None,
        ("softmax", "ŷ₀"): None,
        ("softmax", "ŷ₁"): None,
        ("softmax", "L"): None,
    }
    # In this graph L is found from h, so that no derivative goes through ŷ.
    assert boxes(picture)["ŷ₀"] == ["ŷ₀", "giá trị 0.8429"]
    assert boxes(picture)["softmax"] == ["softmax +", "cross-entropy"]
    assert "LSE" not in str(boxes(picture))
    assert net.h[0].grad == pytest.approx(-0.1571, abs=1e-4)


def test_the_block_is_found_by_its_operations_and_not_by_its_labels():
    u = [Value(0.2, "alpha"), Value(1.0, "beta"), Value(-1.0, "gamma")]
    q = [p.named(f"prob {i}") for i, p in enumerate(softmax(u))]
    loss = cross_entropy(u, 2).named("cost")
    loss.backward()
    edges = arrows(svg(draw([*q, loss], fold=True)))
    into = {start: text for (start, end), text in edges.items() if end == "softmax"}
    assert set(into) == {"alpha", "beta", "gamma"}
    assert [f"{v.grad:.4f}".replace("-", "−").rstrip("0") in into[v.label] for v in u] == [True] * 3
    # another cross-entropy has nothing to do with that softmax
    other = cross_entropy([u[0], u[1]], 0).named("other")
    assert ("alpha", "softmax") not in arrows(svg(draw([*q, other], fold=True)))


@pytest.mark.parametrize("n", [2, 3, 9])
def test_softmax_alone_has_an_edge_for_each_pair_with_its_derivative(n):
    h = [Value(0.3 * i - 0.5, f"h{chr(0x2080 + i)}") for i in range(n)]
    p = [q.named(f"p{chr(0x2080 + i)}") for i, q in enumerate(softmax(h))]
    picture = svg(draw(p, fold=True, digits=6))
    assert boxes(picture)["p₁"][0] == "p₁ = softmax(h)₁"
    edges = arrows(picture)
    assert len(edges) == n * n
    for a, b in itertools.product(h, p):
        (d,) = grad(b, [a])
        number = float(edges[a.label, b.label].replace("−", "-").replace("·10", "e").split("e")[0])
        assert number == pytest.approx(d.data, rel=1e-4)


def test_softmax_of_operands_that_are_no_vector_names_them():
    a, b = Value(0.1, "a"), Value(0.5, "b")
    p, _ = softmax([a, b])
    assert boxes(svg(draw(p.named("p"), fold=True)))["p"][0] == "p = softmax(a; a, b)"


def test_cross_entropy_alone_says_what_it_is_of():
    net = Net()
    picture = svg(draw(net.loss, fold=True))
    assert boxes(picture)["L"][:3] == ["L =", "CE(softmax(h),", "y)"]
    assert arrows(picture)["h₀", "L"] == "−0.1571"
    logits = [Value(1.0, "a"), Value(2.0, "b")]
    loss = cross_entropy(logits, 1).named("L")
    assert boxes(svg(draw(loss, fold=True)))["L"][:3] == ["L =", "CE(softmax([a, b]),", "[0, 1])"]


def test_long_sums_are_broken():
    x = [Value(float(i), f"x{chr(0x2080 + i)}") for i in range(1, 7)]
    w = [Value(0.5, f"w{chr(0x2080 + i)}") for i in range(1, 7)]
    z = (dot(w, x).named("s") - (x[0] + x[1]) * 2).named("z")
    assert boxes(svg(draw(z, fold=True)))["z"][0] == "z = s − (x₁ + x₂)·2"
    z = dot(w, x, x[0] - (x[1] - x[2])).named("z")
    lines = boxes(svg(draw(z, fold=True)))["z"][:-2]
    assert len(lines) > 2
    assert all(len(line) <= 30 for line in lines)
    assert " ".join(lines).startswith("z = w₁·x₁ + w₂·x₂ + w₃·x₃")
    assert " ".join(lines).endswith("+ (x₁ − (x₂ − x₃))")


@pytest.mark.parametrize("fold", [False, True])
def test_names_are_those_of_the_solution(fold):
    """Held against its forward pass; ŷ of softmax without a label too."""
    x, w = [Value(0.5, "x₁"), Value(-1.0, "x₂")], [Value(0.4, "w₁"), Value(0.3, "w₂")]
    h = [dot(w, x, 0.1).named("h₀"), (w[0] * x[1]).named("h₁")]
    p = softmax(h)
    y = (tanh(dot(w, x)) * tanh(dot(w, x[::-1])) + sigmoid(dot(w, x, 2.0)) * p[1]).named("L")
    y.backward()
    shown = boxes(svg(draw(y, fold=fold, digits=6)))
    found = {}
    for block in explain(y, w[0], forward=True).blocks:
        for equation, _ in getattr(block, "equations", ()):
            if isinstance(equation.sides[0], Name):
                found[str(equation.sides[0])] = equation.sides[-1]
    unnamed = found.keys() & shown.keys() - {"L", "h₀", "h₁"}
    assert unnamed == {"u₁", "u₂", "u₃", "ŷ₁"}
    for name in unnamed:
        assert f"giá trị {found[name]}" in shown[name]
    assert not [name for name in shown if name[0] in "uŷv" and name not in found]


def test_a_value_of_the_size_of_the_output_is_not_taken_for_it():
    x, w = Value(2.0, "x"), Value(0.5, "w")
    u = dot([w], [x], 1.0)  # 2, as the output
    assert {"u₁", "y"} <= set(boxes(svg(draw((u * 1.0).named("y")))))


def test_an_output_without_a_label_has_a_name_and_gradients_of_it():
    x = Value(3.0, "x")
    y = x**2 + x
    y.backward()
    shown = boxes(svg(draw(y, fold=True)))
    assert shown["f"] == ["f = x² + x", "giá trị 12", "∂f/∂f = 1"]
    assert shown["x"][-1] == "∂f/∂x = 7"


def test_a_derivative_that_does_not_exist_is_folded_as_such():
    y = sqrt(Value(0.0, "x")).named("y")
    assert arrows(svg(draw(y, fold=True))) == {("x", "y"): "∄"}


# Numbers and words


def test_before_backward_a_gradient_is_a_dash():
    net = Net(seen=False)
    for fold in (False, True):
        texts = [t for box in boxes(svg(draw(net.loss, fold=fold))).values() for t in box]
        assert [t for t in texts if t.startswith(("gradient", "∂"))]
        assert all(t.endswith("–") for t in texts if t.startswith(("gradient", "∂")))


def test_gradients_of_another_loss_are_not_shown_as_those_of_a_new_one():
    w = Value(2.0, "w")
    (w * 3).backward()
    assert "gradient –" in boxes(svg(draw((w * 5).named("L"))))["w"]


def test_a_gradient_of_zero_is_shown_after_backward():
    x = Value(-1.0, "x")
    y = relu(x).named("y")
    y.backward()
    assert boxes(svg(draw(y)))["x"][-1] == "∂y/∂x = 0"


def test_gradients_that_were_seeded_are_of_something_further_on():
    x = Value(2.0, "x")
    y = (x * x).named("y")
    y.backward(0.5)
    assert boxes(svg(draw(y)))["x"][-1] == "gradient 2"
    assert boxes(svg(draw(y, of="L")))["x"][-1] == "∂L/∂x = 2"


@pytest.mark.parametrize("fold", [False, True])
def test_targets_and_constants_show_no_gradient(fold):
    x, y = Value(2.0, "x"), Value(1.0, "y")
    loss = ((3 * x - y) ** 2).named("L")
    loss.backward()
    shown = boxes(svg(draw(loss, fold=fold, roles={"target": [y]})))
    assert shown["y"] == ["y = 1.0"]
    assert boxes(svg(draw(loss, fold=fold)))["y"] == ["y", "giá trị 1.0", "∂L/∂y = −10"]


def test_show_chooses_the_numbers():
    net = Net()
    for chosen in itertools.chain.from_iterable(
        itertools.combinations(("value", "gradient", "derivative"), n) for n in range(4)
    ):
        picture = svg(draw(net.roots, fold=True, show=chosen))
        texts = [t for box in boxes(picture).values() for t in box]
        assert any(t.startswith("giá trị") for t in texts) == ("value" in chosen)
        assert any(t.startswith("∂L/∂") for t in texts) == ("gradient" in chosen)
        assert any(arrows(picture).values()) == ("derivative" in chosen)


def test_the_words_follow_the_language():
    shown = boxes(svg(draw(Net().r, lang="en", legend=True)))
    assert "value 3.0" in shown["x"]
    assert {"given", "intermediate", "output"} <= set(shown)


def test_a_number_has_one_form():
    net = Net()
    for fold in (False, True):
        edges = arrows(svg(draw(net.r, fold=fold)))
        assert edges["w₁", "z₀" if fold else "×"] == "3.0"


def test_squaring_is_called_x_squared():
    x = Value(3.0, "x")
    for power, symbol in ((x**2, "x²"), (x**-1, "x⁻¹"), (x**0.5, "x^0.5"), (x**x, "xʸ")):
        assert symbol in boxes(svg(draw(power.named("p"))))


def test_tooltips_say_the_formula():
    net = Net()
    assert {"∂h₀/∂R = w₂ = 0.3", "h₀ = w₂·R = 0.72", "∂R/∂z₀ = 1"} <= tooltips(
        svg(draw(net.roots, fold=True))
    )
    expanded = tooltips(svg(draw(net.roots)))
    assert {"∂h₀/∂R = w₂ = 0.3", "h₀ = w₂·R", "h₀ = 0.72"} <= expanded
    assert not any("->" in tooltip for tooltip in expanded)


@pytest.mark.parametrize("fold", [False, True])
def test_operands_stand_in_their_order(fold):
    net = Net()
    picture = svg(draw(net.roots, fold=fold))
    for above, below in (("y₀", "y₁"), ("h₀", "h₁"), ("ŷ₀", "ŷ₁"), ("w₂", "w₂′")):
        assert place(picture, above)[1] < place(picture, below)[1]
    a, b = Value(1.0, "a"), Value(2.0, "b")
    for first, second in ((a, b), (b, a)):
        picture = svg(draw((first - second).named("d"), fold=fold))
        assert place(picture, first.label)[1] < place(picture, second.label)[1]


# Roles and paths


def grey(colour):
    """Return the lightness of a colour, from 0 to 255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_roles_look_different_in_colour_and_in_grey():
    x, w, t, k = Value(1.0, "x"), Value(2.0, "w"), Value(3.0, "t"), Value(4.0, "k")
    m = (w * x).named("m")
    y = (m + k - t + 5).named("y")
    found = looks(svg(draw(y, roles={"input": [x], "parameter": [w], "target": [t]})))
    shown = {name: found[name] for name in "xwtkmy5"}
    assert len(set(shown.values())) == 7
    for (_, a), (_, b) in itertools.combinations(shown.items(), 2):
        shape = [(look[0], look[3], look[4]) for look in (a, b)]
        assert shape[0] != shape[1] or abs(grey(a[1]) - grey(b[1])) > 10


def test_a_leaf_without_a_hint_is_a_leaf():
    net = Net()
    found = looks(svg(draw(net.r)))
    assert found["x"] == found["w₁"] == found["b₁"]


def test_parameters_of_a_module_may_be_handed_over():
    model = MLP(2, [2, 1])
    x = [Value(1.0, "x₁"), Value(2.0, "x₂")]
    found = looks(svg(draw(model(x), roles={"parameter": model.parameters(), "input": x})))
    assert found["w⁽¹⁾₁,₁"] == found["b⁽²⁾₁"] != found["x₁"]


@pytest.mark.parametrize("fold", [False, True])
def test_a_path_stands_out_and_keeps_its_colours(fold):
    w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(1.0, "b")
    y = (relu(w * x + b) * x).named("y")  # the values between have no label
    plain, marked = (looks(svg(draw(y, fold=fold, path=p))) for p in (None, (w, y)))
    assert {n for n in plain if plain[n] != marked[n]} >= {"w", "y"}
    for name in plain:
        assert plain[name][1] == marked[name][1]
    assert marked["x"] == plain["x"]
    assert marked["b"] == plain["b"]
    assert marked["w"][2] == "#d97706"
    if not fold:
        assert marked["w·x"][2] == "#d97706"


def test_a_folded_path_from_a_value_without_a_label_gives_it_a_box():
    w, x = Value(0.5, "w"), Value(2.0, "x")
    u = tanh(w * x)
    y = (u * x + u).named("y")
    assert set(looks(svg(draw(y, fold=True)))) == {"w", "x", "y"}
    for options in ({"path": (u, y)}, {"path": (w, u)}, {"highlight": [u]}):
        found = looks(svg(draw(y, fold=True, **options)))
        assert set(found) == {"w", "x", "y", "u₁"}
        assert found["u₁"][2] == "#d97706"
    picture = svg(draw(y, fold=True, path=(u, y)))
    assert arrows(picture).keys() == {("w", "u₁"), ("x", "u₁"), ("u₁", "y"), ("x", "y")}
    assert arrows(picture)["u₁", "y"] == "3"  # 1 + x


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"roles": {"weight": []}}, "a role is one of input, parameter, target, constant"),
        ({"show": ["data"]}, "show is some of"),
        ({"show": "value"}, "show is some of"),
        ({"path": (Value(1.0, "q"), Value(1.0, "p"))}, "no path leads there"),
    ],
)
def test_bad_arguments_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        draw(Net().loss, **arguments)


def test_a_value_has_one_role_and_a_path_has_to_lead_somewhere():
    net = Net()
    with pytest.raises(ValueError, match=r"label='x'.* both input and target"):
        draw(net.loss, roles={"input": [net.x], "target": [net.x]})
    with pytest.raises(ValueError, match="no path leads from"):
        draw(net.loss, path=(net.w[0], net.h[1]))


def test_a_legend_names_the_roles_that_there_are():
    net = Net()
    picture = svg(draw(net.roots, fold=True, roles=net.roles, legend=True, path=(net.r, net.loss)))
    called = {" ".join(texts) for _, texts, _ in parts(picture, "node")}
    assert {"đầu vào", "tham số", "đầu ra", "hằng số"} <= called
    assert any("đường đi" in text for text in called)
    assert not any("đích" in text for text in called)


@pytest.mark.parametrize("fold", [False, True])
def test_a_legend_takes_one_row(fold):
    net = Net()

    def size(**legend):
        options = {"fold": fold, "roles": net.roles, "path": (net.r, net.loss)}
        picture = ET.fromstring(svg(draw(net.roots, **options, **legend)))
        return [float(picture.get(side).removesuffix("pt")) for side in ("width", "height")]

    (width, height), (with_width, with_height) = size(), size(legend=True)
    assert with_width <= width * 1.08
    assert 0 <= with_height - height < 60


def test_what_is_omitted_is_a_dotted_arrow():
    net = Net()
    r = Value(2.4, "R")
    y = (r * 2).named("y")
    picture = svg(draw(y, fold=True, omitted=[(net.x, r)])).decode()
    assert ("x", "R") in arrows(picture.encode())
    assert "stroke-dasharray" in picture


# Slides


@pytest.mark.parametrize("name", ["Câu 3", "Câu 4", "network", "two layers", "2-2-1"])
@pytest.mark.parametrize("fold", [False, True])
def test_a_slide_can_be_read(name, fold):
    net = Net()
    r = Value(2.4, "R")
    h = [(w * r).named(f"h{i}") for w, i in zip(net.w, "₀₁", strict=True)]
    loss = cross_entropy(h, net.y).named("L")
    loss.backward()
    root = {
        "Câu 3": [loss, *[p.named(f"ŷ{i}") for p, i in zip(softmax(h), "₀₁", strict=True)]],
        "Câu 4": net.r,
        "network": net.roots,
        "two layers": two_layers()[0],
        "2-2-1": two_layers(two_sums)[0],
    }[name]
    diagram = draw(root, slide=True, fold=fold, title="Đồ thị tính toán")
    picture = svg(diagram)
    assert text_height(picture) >= 24
    assert touching(diagram) == []
    shown = boxes(picture)
    assert {"R", "z₁"} & set(shown)
    assert any("0.72" in t or "2.4" in t or "1.2" in t for texts in shown.values() for t in texts)


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("loss", ["squared", "cross-entropy"])
def test_a_network_with_two_hidden_units_fits_a_slide(named, activation, loss):
    random.seed(0)
    model = MLP(2, [2, 1 if loss == "squared" else 2], activation=activation)
    x = [Value(1.0, "x₁" if named else None), Value(-2.0, "x₂" if named else None)]
    out = model(x)
    root = (out - 1) ** 2 if loss == "squared" else cross_entropy(out, 0)
    root = root.named("L") if named else root
    root.backward()
    diagram = draw(root, slide=True, roles={"parameter": model.parameters(), "input": x})
    picture = svg(diagram)
    assert text_height(picture) >= 24
    assert touching(diagram) == []
    shown = boxes(picture)
    assert {p.label for p in model.parameters()} <= set(shown)
    sums = [t for name, t in shown.items() if name[0] == "u" and "w⁽¹⁾" in "".join(t)]
    assert len(sums) == 2  # each neuron of the first layer is a box of its own


def test_a_slide_says_when_the_graph_is_too_large():
    x = [Value(float(i), f"x{i}") for i in range(30)]
    with pytest.raises(ValueError, match=r"pixels high, which can't be read.*slide=True"):
        draw(dot(x, x).named("y"), slide=True)


def test_numeric_derivatives_agree():
    """The numbers on folded edges multiply up to the gradient, as the chain rule says."""
    net = Net()
    edges = arrows(svg(draw(net.roots, fold=True, digits=12)))

    def number(text):
        return float(text.replace("≈", "=").split("=")[-1].strip().replace("−", "-"))

    d = [number(edges[f"h{i}", "softmax"]) * number(edges["R", f"h{i}"]) for i in "₀₁"]
    assert sum(d) == pytest.approx(net.r.grad, rel=1e-9)
    assert numeric.gradcheck(lambda r: cross_entropy([w * r for w in net.w], 0), [net.r.data])


def test_a_large_softmax_is_one_operation():
    h = [Value(0.3 * i - 0.5, f"h{i}") for i in range(12)]
    p = [q.named(f"p{i}") for i, q in enumerate(softmax(h))]
    picture = svg(draw(p[:2], digits=6))
    assert set(boxes(picture)) == {*[x.label for x in h], "p0", "p1", "softmax"}
    by_name = {name: texts[0] for name, texts, _ in parts(picture, "node")}
    drawn = {}
    for name, texts, _ in parts(picture, "edge"):
        start, _, end = name.partition("->")
        if texts:
            drawn[by_name[start], end.removesuffix("_op")] = texts[0].strip()
    result = {name: by_name[name] for name in by_name if by_name[name] in ("p0", "p1")}
    assert len(drawn) == 24
    for (start, end), number in drawn.items():
        (d,) = grad(p[int(result[end][1])], [h[int(start[1:])]])
        assert float(number.replace("−", "-")) == pytest.approx(d.data, rel=1e-4)
    assert not any("LSE" in t or "max(" in t.replace("softmax(", "") for t in tooltips(picture))


@pytest.mark.parametrize("others", [1, 8])
@pytest.mark.parametrize("fold", [False, True])
def test_softmax_of_one_value_twice_shows_it_twice(others, fold):
    """Of a few operands and of many; log-softmax likewise."""
    a, b = Value(0.3, "a"), [Value(0.1 * i - 0.2, f"b{i}") for i in range(others)]
    first, second, *_ = softmax([a, a, *b])
    picture = svg(draw([first.named("p"), second.named("q")], fold=fold, digits=6))
    assert arrows(picture).keys() >= {("a", "p" if fold else "softmax")}
    names = ", ".join(["a", "a", *[x.label for x in b]])
    if fold:  # one edge, with the whole derivative
        title = boxes(picture)["p"][:-2]
        assert " ".join(title) == f"p = softmax(a; {names})"
        assert max(map(len, title)) <= 24
        (slope,) = grad(first, [a])
        assert float(arrows(picture)["a", "p"]) == pytest.approx(slope.data, rel=1e-4)
        return
    edges = [name for name, _, _ in parts(picture, "edge") if name.startswith("v0->")]
    assert len(edges) == 4  # two into each circle
    picture = svg(draw(log_softmax([a, a, *b])[1].named("p")))
    assert set(boxes(picture)) == {"a", "p", "ln", *[x.label for x in b]}
    assert len([name for name, *_ in parts(picture, "edge") if name.startswith("v0->")]) == 2


def test_a_block_of_softmax_of_one_value_twice_has_each_output_once():
    a, b = Value(0.3, "a"), Value(0.1, "b")
    p = [q.named(f"p{i}") for i, q in enumerate(softmax([a, a, b]))]
    loss = cross_entropy([a, a, b], 0).named("L")
    loss.backward()
    for fold in (False, True):
        picture = svg(draw([*p, loss], fold=fold))
        edges = [n for n, _, _ in parts(picture, "edge") if "_op->" in n]
        assert len(edges) == len(set(edges)) == 4  # to three outputs and the loss
        assert arrows(picture)["a", "softmax"].endswith("−0.2905")  # 2/(2 + e^−0.2) − 1
    h = [Value(1.0, "h₀"), Value(2.0, "h₁"), Value(1.0, "h₂")]  # two of one size
    p = [q.named(f"p{i}") for i, q in enumerate(softmax(h))]
    picture = svg(draw([*p, cross_entropy(h, 0)], fold=True))
    heights = [place(picture, name)[1] for name in ("p0", "p1", "p2")]
    assert heights == sorted(heights)
    other = softmax([a, b])[0].named("other")  # of the same values, but not as often
    assert ("softmax", "L") not in arrows(svg(draw([loss, other], fold=True)))


def test_expanded_too_softmax_and_cross_entropy_of_the_same_logits_are_one_block():
    net = Net()
    edges = arrows(svg(draw(net.roots)))
    assert edges["h₀", "softmax"] == "ŷ₀ − y₀ ≈ −0.1571"
    assert {("softmax", "ŷ₀"), ("softmax", "ŷ₁"), ("softmax", "L"), ("×", "h₀")} <= set(edges)
    logits = [net.r * w for w in net.w]  # no labels, and plain numbers for targets
    roots = [cross_entropy(logits, 1).named("L"), *softmax(logits)]
    edges = arrows(svg(draw(roots)))
    assert {("R·w₂", "softmax"), ("R·w₂′", "softmax"), ("softmax", "L")} <= set(edges)
    assert {("0", "softmax"), ("1", "softmax")} <= set(edges)
    h = [Value(1.0, "h₀"), Value(2.0, "h₁")]
    p = [q.named(f"ŷ{i}") for i, q in zip("₀₁", softmax(h), strict=True)]
    for fold in (False, True):
        edges = arrows(svg(draw([cross_entropy(h, 1).named("L"), *p], fold=fold)))
        assert edges["h₀", "softmax"] == "ŷ₀ ≈ 0.2689"
        assert edges["h₁", "softmax"] == "ŷ₁ − 1 ≈ −0.2689"


def test_logits_that_look_alike_have_each_its_derivative():
    r, w = Value(2.0, "R"), Value(0.5, "w")
    h = [w * r, w * r, r * 2.0]  # two of one formula, and plain targets: 0, 1, 0
    p = [q.named(f"ŷ{i}") for i, q in zip("₀₁₂", softmax(h), strict=True)]
    loss = cross_entropy(h, 1).named("L")
    loss.backward()
    picture = svg(draw([loss, *p]))
    into = [texts[0].strip() for name, texts, _ in parts(picture, "edge") if texts]
    shown = [f"{x.grad:.4g}".replace("-", "−") for x in h]
    assert sorted(t.split(" ")[-1] for t in into if "ŷ" in t) == sorted(shown)
    assert not any("∂L/∂(0)" in said or "∂L/∂(1)" in said for said in tooltips(picture))
