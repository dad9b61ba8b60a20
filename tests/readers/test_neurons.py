"""The architecture of a network: circles, weights on arrows, biases."""

import pytest

from micrograd_vn import Value, architecture, cross_entropy, dot, relu, softmax, tanh
from micrograd_vn.nn import MLP, Layer, Neuron
from tests.readers.pictures import SVG, arrows, parts, place
from tests.readers.test_pictures import Net, svg, two_layers


def circles(picture):
    """Return the texts in each circle."""
    found = [(t, g) for _, t, g in parts(picture, "node") if g.find(f".//{SVG}ellipse") is not None]
    return {texts[0]: texts[1:] for texts, _ in found}


def test_cau4_is_one_neuron():
    net = Net()
    picture = svg(architecture(net.r, roles=net.roles))
    assert circles(picture) == {"x": [], "R": ["ReLU"]}
    assert arrows(picture) == {("x", "w₁"): None, ("w₁", "R"): None, ("b₁", "R"): None}
    texts = {t for _, found, _ in parts(picture, "node") for t in found}
    assert {"w₁ = 0.8", "b₁ = 0.0"} <= texts


def test_cau3_goes_through_softmax_to_the_loss():
    r, x, net = Value(2.4, "R"), Value(3.0, "x"), Net()
    h = [(w * r).named(f"h{i}") for w, i in zip(net.w, "₀₁", strict=True)]
    p = [q.named(f"ŷ{i}") for q, i in zip(softmax(h), "₀₁", strict=True)]
    loss = cross_entropy(h, net.y).named("L")
    options = {"roles": {"parameter": net.w}, "omitted": [(x, r, "ReLU")]}
    picture = svg(architecture([loss, *p], **options))
    assert circles(picture)["R"] == ["ReLU"]  # of which only the result is given
    way = ["x", "R", "h₀", "softmax", "ŷ₀", "cross-entropy", "L"]
    across = [place(picture, name)[0] for name in way]
    assert across == sorted(across)
    edges = set(arrows(picture))
    assert {("h₀", "softmax"), ("h₁", "softmax"), ("softmax", "ŷ₀"), ("softmax", "ŷ₁")} <= edges
    assert {("ŷ₀", "cross-entropy"), ("y₁", "cross-entropy"), ("cross-entropy", "L")} <= edges
    assert {("R", "w₂"), ("w₂", "h₀"), ("R", "w₂′"), ("w₂′", "h₁"), ("x", "R")} <= edges


def test_an_output_may_lead_to_a_name_without_a_value():
    net = Net()
    picture = svg(architecture(net.r, roles=net.roles, omitted=[(net.r, "L", "softmax, CE")]))
    assert circles(picture) == {"x": [], "R": ["ReLU"], "L": []}
    assert {("R", "softmax,"), ("softmax,", "L")} <= set(arrows(picture))
    assert picture.count(b"stroke-dasharray") == 3  # two arrows and L


def test_probabilities_beside_a_loss_have_no_gradient():
    net = Net()
    picture = svg(architecture(net.roots, roles=net.roles, show="gradients"))
    assert circles(picture)["ŷ₀"] == []
    assert circles(picture)["h₀"] == ["−0.1571"]


def test_a_loss_without_probabilities_has_softmax_in_its_box():
    net = Net()
    picture = svg(architecture(net.loss, roles=net.roles))
    assert {("h₀", "softmax"), ("softmax", "L")} <= set(arrows(picture))


def test_the_neurons_of_an_expression_are_those_of_its_module():
    model = MLP(2, [3, 2], activation="tanh")
    inputs = [Value(1.0, "x₁"), Value(2.0, "x₂")]
    drawn = [svg(architecture(d, show="weights")) for d in (model, model(inputs))]
    for picture in drawn:
        found = [t for _, t, g in parts(picture, "node") if g.find(f".//{SVG}ellipse") is not None]
        assert sorted(found) == [["tanh"]] * 3 + [["x₁"], ["x₂"]] + [["Σ"]] * 2
        texts = {t for _, texts, _ in parts(picture, "node") for t in texts}
        for p in model.parameters():
            assert any(t.startswith(f"{p.label} = ") for t in texts)
    assert arrows(drawn[0]) == arrows(drawn[1])


@pytest.mark.parametrize("module", [Neuron(2), Layer(2, 2)])
def test_any_module_of_neurons_can_be_drawn(module):
    assert {"x₁", "x₂", "ReLU"} <= set(circles(svg(architecture(module))))


@pytest.mark.parametrize("label", ["o", None])
@pytest.mark.parametrize("loss", [lambda o: (o - 1) ** 2, lambda o: (1 - o) ** 2, lambda o: o * 2])
def test_a_loss_with_a_number_in_it_keeps_the_neuron_it_is_of(label, loss):
    model = MLP(2, [2, 1])
    x = [Value(1.0, "x₁"), Value(2.0, "x₂")]
    o = model(x)
    if label:
        o.named(label)
    roles = {"parameter": model.parameters(), "input": x}
    picture = svg(architecture(loss(o).named("L"), roles=roles))
    assert set(circles(picture)) == {"x₁", "x₂", "ReLU", label or "Σ", "L"}
    assert (label or "Σ", "L") in arrows(picture)


def test_layers_stand_in_columns():
    loss, roles = two_layers()
    picture = svg(architecture(loss, roles=roles))
    assert place(picture, "a₁")[0] == pytest.approx(place(picture, "a₂")[0], abs=1)
    assert place(picture, "x₁")[0] < place(picture, "a₁")[0] < place(picture, "ŷ")[0]
    for above, below in (("x₁", "x₂"), ("a₁", "a₂")):
        assert place(picture, above)[1] < place(picture, below)[1]


def test_values_and_gradients_instead_of_weights():
    loss, roles = two_layers()
    values = svg(architecture(loss, roles=roles, show="values"))
    assert circles(values)["a₁"] == ["tanh", "0.8337"]
    assert ("w₁,₁", "a₁") in arrows(values)
    gradients = svg(architecture(loss, roles=roles, show="gradients"))
    assert circles(gradients)["a₁"] == ["tanh", "−0.7541"]
    assert circles(gradients)["y"] == []
    texts = {t for _, texts, _ in parts(gradients, "node") for t in texts}
    assert "−0.8981" in texts  # of v₁
    assert "đạo hàm của L" in gradients.decode().replace("\xa0", " ")


def test_before_backward_gradients_are_dashes():
    net = Net(seen=False)
    assert circles(svg(architecture(net.r, roles=net.roles, show="gradients")))["R"][-1] == "–"


def test_which_of_two_leaves_is_the_weight_has_to_be_said():
    x, w = Value(1.0, "x"), Value(2.0, "w")
    y = tanh(w * x).named("y")
    with pytest.raises(ValueError, match=r"label='w'.*label='x'.*which is the weight"):
        architecture(y)
    for roles in ({"parameter": [w]}, {"input": [x]}):
        assert ("w", "y") in arrows(svg(architecture(y, roles=roles)))
    assert ("w", "y") in arrows(svg(architecture(relu(dot([w], [x])).named("y"))))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"root": MLP(2, [1]), "show": "values"}, "no values before it is called"),
        ({"root": Value(1.0), "show": "data"}, "show is one of"),
        ({"root": Value(1.0), "rankdir": "XY"}, "rankdir"),
    ],
)
def test_bad_arguments_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        architecture(**arguments)
