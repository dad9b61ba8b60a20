"""Optimizers against an implementation of the same formulas in other words."""

import random

import numpy as np
import pytest

from micrograd_vn import Value
from micrograd_vn.optim import SGD, Adam


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
