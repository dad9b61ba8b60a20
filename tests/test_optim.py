"""Optimizers against an implementation of the same formulas in other words."""

import random

import numpy as np
import pytest

from micrograd_vn import Value
from micrograd_vn.optim import SGD, Adam, Optimizer


def gradients(n, steps):
    rng = random.Random(3)
    return [[rng.gauss(0, 1) for _ in range(n)] for _ in range(steps)]


def run(optimizer, params, steps):
    for gs in steps:
        for p, g in zip(params, gs, strict=True):
            p.grad = g
        optimizer.step()
    return [p.data for p in params]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_sgd(momentum, weight_decay):
    start, steps = [0.5, -1.0, 2.0], gradients(3, 20)
    params = [Value(x) for x in start]
    got = run(SGD(params, lr=0.05, momentum=momentum, weight_decay=weight_decay), params, steps)
    p, buffer = np.array(start), None
    for g in steps:
        d = np.array(g) + weight_decay * p
        buffer = d if buffer is None else momentum * buffer + d
        p = p - 0.05 * (buffer if momentum else d)
    np.testing.assert_allclose(got, p, rtol=1e-12)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_adam(weight_decay):
    start, steps = [0.5, -1.0, 2.0], gradients(3, 50)
    params = [Value(x) for x in start]
    optimizer = Adam(params, lr=0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=weight_decay)
    got = run(optimizer, params, steps)
    p, m, v = np.array(start), np.zeros(3), np.zeros(3)
    for t, g in enumerate(steps, start=1):
        d = np.array(g) + weight_decay * p
        m = 0.8 * m + 0.2 * d
        v = 0.99 * v + 0.01 * d**2
        m_hat, v_hat = m / (1 - 0.8**t), v / (1 - 0.99**t)
        p = p - 0.02 * m_hat / (np.sqrt(v_hat) + 1e-6)
    np.testing.assert_allclose(got, p, rtol=1e-12)


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_zero_grad_lr_and_no_parameters(kind):
    p = Value(1.0)
    optimizer = kind([p], lr=0.1)
    p.grad = 2.0
    optimizer.zero_grad()
    assert p.grad == 0.0
    optimizer.lr = 0.0
    p.grad = 2.0
    optimizer.step()
    assert p.data == 1.0
    with pytest.raises(ValueError, match="at least one parameter"):
        kind([])


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_a_step_before_any_backward_is_one_by_a_gradient_of_zero(kind, weight_decay):
    p = Value(2.0)
    optimizer = kind([p], lr=0.5, weight_decay=weight_decay)
    optimizer.step()
    assert (p.data == 2.0) == (weight_decay == 0.0)


@pytest.mark.parametrize(
    "make",
    [lambda ps: SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.1),
     lambda ps: Adam(ps, lr=0.1, weight_decay=0.1)],
)  # fmt: skip
def test_a_parameter_whose_gradient_is_none_is_left_alone(make):
    """As in PyTorch: neither it nor what the optimizer knows of it changes."""
    alone, kept, skipped = Value(1.0), Value(1.0), Value(1.0)
    one, two = make([alone]), make([kept, skipped])
    for k in range(6):
        alone.grad = kept.grad = 0.3 * k - 1.0
        one.step()
        skipped.grad = None
        two.step()
    assert (kept.data, skipped.data) == (alone.data, 1.0)
    fresh = make([Value(1.0)])
    fresh.params[0].grad = skipped.grad = 0.7
    fresh.step()
    two.step()
    assert skipped.data == fresh.params[0].data != 1.0


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_what_can_not_be_optimized_is_refused(kind):
    w, v = Value(1.0, "w"), Value(1.0)
    assert kind([w, v]).params == [w, v]
    for given, error, said in [
        ([w, v, w], ValueError, "the parameter w=1.0 occurs twice"),
        ([w, v * 2], ValueError, "2.0 is computed, by mul"),
        (w, TypeError, r"write \[w=1.0\]"),
        ([w, 2.0], TypeError, "each of params must be a Value, not float 2.0"),
        ([("w", w)], TypeError, "not tuple"),
        (3, TypeError, "params is a list of Values, not int 3"),
    ]:
        with pytest.raises(error, match=said):
            kind(given)


def test_an_optimizer_says_by_how_much_a_gradient_moves_a_parameter():
    optimizer = Optimizer([Value(1.0)], lr=0.1, weight_decay=0.0)
    with pytest.raises(NotImplementedError):
        optimizer.step()


def test_defaults_are_those_of_pytorch():
    p = Value(1.0)
    sgd, adam = SGD([p]), Adam([p])
    assert (sgd.lr, sgd.momentum, sgd.weight_decay) == (1e-3, 0.0, 0.0)
    assert (adam.lr, adam.betas, adam.eps, adam.weight_decay) == (1e-3, (0.9, 0.999), 1e-8, 0.0)
