"""Networks, losses and the ways to save them."""

import json
import math
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from micrograd_vn import Value, draw, explain, grad, lambdify, relu
from micrograd_vn.nn import (
    MLP,
    Layer,
    Module,
    Neuron,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    mse_loss,
)

jax.config.update("jax_enable_x64", True)


def test_micrograds_calling_conventions():
    model = MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    assert isinstance(model([1.0, -2.0]), Value)
    assert isinstance(model([Value(1.0), Value(-2.0)]), Value)
    assert [type(y) for y in MLP(3, [4, 2])([1, 2, 3])] == [Value, Value]
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(Neuron(2)([1.0, 2.0]), Value)


def test_a_model_computes_what_its_weights_say():
    model = MLP(2, [3, 1], activation="tanh", seed=4)
    p = jnp.array([v.data for v in model.parameters()])

    def by_jax(p, x):
        w, b = p[:9].reshape(3, 3)[:, :2], p[:9].reshape(3, 3)[:, 2]
        return jnp.tanh(w @ x + b) @ p[9:12] + p[12]

    x = jnp.array([0.3, -0.7])
    output = model([0.3, -0.7])
    output.backward()
    assert output.data == pytest.approx(float(by_jax(p, x)), rel=1e-12)
    want = jax.grad(by_jax)(p, x)
    for parameter, derivative in zip(model.parameters(), want, strict=True):
        assert parameter.grad == pytest.approx(float(derivative), rel=1e-9, abs=1e-15)
    model.zero_grad()
    assert {v.grad for v in model.parameters()} == {0.0}


def test_a_neuron_is_one_dot_and_one_activation():
    output = Neuron(3, activation="relu")([1.0, 2.0, 3.0])
    assert [str(output.op), str(output.parents[0].op)] == ["relu", "dot"]
    assert str(Neuron(3, activation=None)([1.0, 2.0, 3.0]).op) == "dot"
    assert str(Neuron(3, activation=Value.exp)([0.1, 0.2, 0.3]).op) == "exp"


def test_labels_make_diagrams_explanations_and_sources_readable():
    assert [p.label for p in Neuron(2).parameters()] == ["w₁", "w₂", "b"]
    model = MLP(2, [2, 1])
    labels = [p.label for p in model.parameters()]
    assert labels[:3] == ["w⁽¹⁾₁,₁", "w⁽¹⁾₁,₂", "b⁽¹⁾₁"]
    assert labels[-1] == "b⁽²⁾₁"
    assert len(set(labels)) == len(labels)
    output = model([1.0, 2.0])
    output.label = "y"
    assert "w⁽¹⁾₁,₁" in draw(output).source
    assert "∂y/∂w⁽¹⁾₁,₁" in str(explain(output, model.parameters()[0]))
    assert "w^{(1)}_{1,1}" in explain(output, model.parameters()[0]).to_latex()
    assert "w_1_1_1" in lambdify([model.parameters()], output).source


def test_initial_weights_follow_their_seed_and_their_source():
    first, same, other = MLP(5, [7, 1], seed=1), MLP(5, [7, 1], seed=1), MLP(5, [7, 1], seed=2)
    assert first.state_dict() == same.state_dict() != other.state_dict()
    state = random.getstate()
    MLP(5, [7, 1])
    assert random.getstate() == state
    for activation, variance in (("relu", 2 / 400), ("tanh", 1 / 400), (None, 1 / 400)):
        layer = Layer(400, 20, activation=activation)
        weights = [w.data for neuron in layer.neurons for w in neuron.w]
        assert sum(w * w for w in weights) / len(weights) == pytest.approx(variance, rel=0.05)
        assert max(map(abs, weights)) <= math.sqrt(3 * variance)
        assert all(neuron.b.data == 0 for neuron in layer.neurons)


class Residual(Module):
    def __init__(self, n):
        self.inner = Layer(n, n, activation="tanh")
        self.extra = {"scale": Value(0.5), "more": (Neuron(n), [Value(1.0)])}
        self.shared = self.inner
        self.size = n
        self.name = "block"
        self.constant_output = relu(Value(2.0))

    def __call__(self, x):
        return [a + self.extra["scale"] * b for a, b in zip(x, self.inner(x), strict=True)]


def test_parameters_of_a_students_module_are_found():
    names = [name for name, _ in Residual(2).named_parameters()]
    assert names == [
        "inner.neurons.0.w.0", "inner.neurons.0.w.1", "inner.neurons.0.b",
        "inner.neurons.1.w.0", "inner.neurons.1.w.1", "inner.neurons.1.b",
        "extra.scale", "extra.more.0.w.0", "extra.more.0.w.1", "extra.more.0.b",
        "extra.more.1.0",
    ]  # fmt: skip


def test_state_goes_through_json_exactly():
    model, other = MLP(3, [4, 1], seed=1), MLP(3, [4, 1], seed=2)
    for p in model.parameters():
        p.data *= math.pi
    other.load_state_dict(json.loads(json.dumps(model.state_dict())))
    assert other.state_dict() == model.state_dict()
    assert other([1.0, 2.0, 3.0]).data == model([1.0, 2.0, 3.0]).data


def test_a_state_that_does_not_fit_changes_nothing():
    model = MLP(2, [2, 1])
    before = model.state_dict()
    state = dict.fromkeys(before, 7.0)
    del state["layers.0.neurons.1.b"]
    state["layers.9.b"] = 1.0
    with pytest.raises(ValueError, match=r"missing: 'layers.0.neurons.1.b'.*'layers.9.b'"):
        model.load_state_dict(state)
    assert model.state_dict() == before
    with pytest.raises(TypeError, match=r"layers.1.neurons.0.b.*not str 'x'"):
        model.load_state_dict(before | {"layers.1.neurons.0.b": "x", "layers.0.neurons.0.b": 9.0})
    assert model.state_dict() == before
    with pytest.raises(ValueError, match=r"missing: —, .*: '[^']*', '[^']*', '[^']*', … \(18\)$"):
        model.load_state_dict(MLP(2, [6, 1, 1]).state_dict() | before)


X, T = [0.7, -1.3, 2.0], [1.0, 0.0, 1.0]
LOSSES = [
    (mse_loss, X, T, lambda x, t: (x - t) ** 2),
    (hinge_loss, X, [1, -1, -1], lambda x, t: jnp.maximum(0, 1 - t * x)),
    (
        binary_cross_entropy_with_logits,
        X,
        T,
        lambda x, t: -t * jax.nn.log_sigmoid(x) - (1 - t) * jax.nn.log_sigmoid(-x),
    ),
]


@pytest.mark.parametrize(("loss", "x", "t", "by_jax"), LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_losses_agree_with_jax(loss, x, t, by_jax, reduction):
    def total(x):
        return getattr(jnp, reduction)(by_jax(x, jnp.array(t)))

    values = [Value(number) for number in x]
    output = loss(values, t, reduction=reduction)
    assert output.data == pytest.approx(float(total(jnp.array(x))), rel=1e-12)
    for got, want in zip(grad(output, values), jax.grad(total)(jnp.array(x)), strict=True):
        assert got.data == pytest.approx(float(want), rel=1e-12)
    each = loss(values, t, reduction="none")
    want = by_jax(jnp.array(x), jnp.array(t))
    assert [v.data for v in each] == pytest.approx([float(w) for w in want], rel=1e-12)


def test_cross_entropy_of_rows_agrees_with_jax():
    rows, targets = [[0.5, -1.0, 2.0], [3.0, 0.0, 1.0]], [2, 1]
    values = [[Value(x) for x in row] for row in rows]
    want = -jax.nn.log_softmax(jnp.array(rows))[jnp.arange(2), jnp.array(targets)]
    assert cross_entropy(values, targets).data == pytest.approx(float(want.mean()))
    assert cross_entropy(values, targets, "sum").data == pytest.approx(float(want.sum()))
    one_hot = [[0, 0, 1], [0, 1, 0]]
    assert cross_entropy(values, one_hot).data == cross_entropy(values, targets).data


@pytest.mark.parametrize(
    ("action", "error", "said"),
    [
        (lambda: Neuron(2, activation="rely"), ValueError, "not 'rely'"),
        (lambda: Neuron(2)([1.0]), ValueError, "got 2 and 1"),
        (lambda: mse_loss([Value(1.0)], []), ValueError, "mse_loss: needs as many targets"),
        (lambda: mse_loss([], []), ValueError, "at least one"),
        (lambda: mse_loss([Value(1.0)], [1], "avg"), ValueError, "not 'avg'"),
    ],
)
def test_bad_input(action, error, said):
    with pytest.raises(error) as caught:
        action()
    assert said in str(caught.value)


def test_a_module_prints_what_it_is():
    assert repr(MLP(2, [16, 16, 1])) == "MLP(2-16-16-1, 337 parameters)"
    assert repr(Layer(3, 2)) == "Layer(3-2, 8 parameters)"
    assert repr(Neuron(3)) == "Neuron(3, 4 parameters)"
    assert repr(Residual(2)) == "Residual(11 parameters)"


def holding(x):
    module = Module()
    module.held = x
    return module


@pytest.mark.parametrize(
    "paths", [{"a.b": Value(1.0), "a": {"b": Value(2.0)}}, {1: Value(1.0), "1": Value(2.0)}]
)
def test_parameters_of_one_name_are_refused_where_the_name_counts(paths):
    module = holding(paths)
    name = "held.a.b" if "a" in paths else "held.1"
    assert len(module.parameters()) == 2
    with pytest.raises(ValueError, match=f"two parameters of Module have the name '{name}'"):
        module.state_dict()
    with pytest.raises(ValueError, match=f"two parameters of Module have the name '{name}'"):
        module.load_state_dict({name: 5.0})
    assert [p.data for p in module.parameters()] == [1.0, 2.0]


def test_one_parameter_by_two_paths_is_one_entry():
    shared = Value(1.0)
    assert holding([shared, {"again": shared}]).state_dict() == {"held.0": 1.0}
    layer = Layer(1, 1)
    assert len(holding([layer, layer]).parameters()) == 2


def test_a_module_inside_itself_is_refused():
    module, ring = holding([Value(1.0)]), []
    module.held.append(module)
    ring.append(ring)
    for inside, path in [(module, "held.1"), (holding(ring), "held.0")]:
        for action in (inside.parameters, inside.state_dict, inside.zero_grad):
            with pytest.raises(ValueError, match=f"'{path}' is inside itself"):
                action()


@pytest.mark.parametrize(
    "container",
    [
        {Value(1.0)},
        frozenset([Value(1.0)]),
        np.array([[Value(1.0), Value(2.0)]], object),
        {Neuron(1)},
        np.array([Neuron(1), None]),
    ],
)
def test_parameters_in_sets_and_arrays_are_refused(container):
    kind = type(container).__name__
    with pytest.raises(TypeError, match=f"'held' is of type {kind}; keep them in a list"):
        holding(container).parameters()


def test_what_holds_no_parameter_may_be_any_object():
    held = [{1, "a"}, np.array([None, "x"]), np.zeros(3), jnp.zeros(2), "text", {"k": object()}]
    assert holding(held).parameters() == []


@pytest.mark.parametrize(
    ("loss", "right", "wrong"),
    [
        (binary_cross_entropy_with_logits, [0, 1, 0.3, Value(1.0), np.float64(0)],
         [-1, 1.01, math.nan, Value(-0.1)]),
        (hinge_loss, [1, -1.0, Value(-1.0), np.int64(1)], [0, 0.5, 2, math.nan, Value(0.0)]),
    ],
)  # fmt: skip
def test_losses_check_their_targets(loss, right, wrong):
    x = Value(0.5)
    loss([x] * len(right), right)
    for target in wrong:
        with pytest.raises(ValueError, match=f"{loss.__name__}: a target is .*, not .*"):
            loss([x, x], [1, target])
    for reduction in ("none", "sum"):
        with pytest.raises(ValueError, match="a target is"):
            loss([x], wrong[:1], reduction)


@pytest.mark.parametrize(
    ("target", "error"),
    [(2, IndexError), (-1, IndexError), ([1, 1], ValueError), ([0.5, 0.6], ValueError),
     ([math.nan, 1], ValueError), ([-1, 2], ValueError), (1.0, TypeError)],
)  # fmt: skip
def test_cross_entropy_checks_its_targets(target, error):
    row = [Value(0.1), Value(0.2)]
    with pytest.raises(error, match="cross_entropy: target"):
        cross_entropy([row, row], [0, target])


@pytest.mark.parametrize(
    "loss", [mse_loss, hinge_loss, binary_cross_entropy_with_logits, cross_entropy]
)
def test_a_loss_of_one_point_without_lists_says_how_to_write_it(loss):
    for arguments in [(Value(1.0), 1.0), ([Value(1.0)], 1.0), (Value(1.0), [1.0])]:
        with pytest.raises(TypeError, match=rf"{loss.__name__}: .* {loss.__name__}\(\[output\]"):
            loss(*arguments)
