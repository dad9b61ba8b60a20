"""A user's program, which type checkers have to accept: mypy --strict and pyright."""

import pickle
from collections.abc import Sequence

import numpy as np

import micrograd_vn
from micrograd_vn import Op, Value, draw, exp, explain, grad, gradcheck, lambdify, softmax, tanh
from micrograd_vn.moons import accuracy, make_moons, plot, train
from micrograd_vn.nn import MLP, Layer, Module, mse_loss
from micrograd_vn.optim import SGD, Adam, Optimizer
from micrograd_vn.train import CompiledLoss, fit

version: str = micrograd_vn.__version__

# Expressions

a, b = Value(2.0, "a"), Value(-3.0, label="b")
c: Value = (a * b + a**2 - 1 / b + 2**a).named("c")
total: Value = sum([a, b, c], Value(0.0))
mixed: Value = 1.0 + a * np.float64(2.0) - 3
activated: Value = tanh(total) + exp(a) + a.relu() + abs(b) + -c + max(a, b)
number: float = exp(1.0)
probabilities: list[Value] = softmax([a, b])
plain: list[float] = softmax([1.0, 2.0])
c.backward()
slope: float = a.grad
smaller: bool = a < b
derivatives: list[Value] = grad(c, [a, b])
second: Value = grad(derivatives[0], [a])[0]
text: str = f"{c:.3f}"
parents: tuple[Value, ...] = c.parents
again: Value = pickle.loads(pickle.dumps(c))

# An operation

softsign = Op(
    "softsign", forward=lambda x: x / (1 + abs(x)), partials=lambda out, x: (1 / (1 + abs(x)) ** 2,)
)
y: Value = softsign(a)
right: bool = gradcheck(lambda u, v: u * v.tanh(), [2.0, 0.5])

# Readers

source: str = draw(c).source
solution: str = str(explain(c, a))
f = lambdify([a, b], [c, *grad(c, [a, b])])
results: list[float] = f(1.0, 2.0)
shown: str = f.source
javascript: str = lambdify([a], exp(a), "javascript").source

# Training


class Residual(Module):
    """A module of one's own."""

    def __init__(self, n: int) -> None:
        self.inner = Layer(n, n, activation="tanh")
        self.scale = Value(0.5, "s")

    def __call__(self, x: Sequence[Value | float]) -> list[Value]:
        """Return the outputs."""
        return [u + self.scale * v for u, v in zip(x, self.inner(x), strict=True)]


block = Residual(2)
outputs: list[Value] = block([1.0, Value(2.0)])
model = MLP(2, [4, 1], activation="tanh", seed=1)
X, t = make_moons(20)
loss: Value = mse_loss([model(row) for row in X], t)
optimizer: Optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
optimizer.zero_grad()
loss.backward()
optimizer.step()
optimizer.lr = 0.01
state: dict[str, float] = model.state_dict()
model.load_state_dict(state)

point = CompiledLoss(model, lambda o, u: (o - u) ** 2, X[0], t[0], modules="numpy")
losses: list[float] = fit(point, Adam(model.parameters()), np.array(X), np.array(t), 3)
losses += fit(point, Adam(model.parameters()), X, t, 3, schedule=lambda k: 0.1 / (k + 1))
sums: list[float] = point.sums(X, t, [p.data for p in model.parameters()])
with_numpy = CompiledLoss(model, lambda o, u: (o - u) ** 2, [0.0, 0.0], 0.0, modules=np)
demo, history = train(np.array(X), np.array(t), steps=2)
share: float = accuracy(demo, np.array(X), np.array(t))
figure = plot(demo, X, t)
