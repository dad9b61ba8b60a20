"""Exercises of other shapes than the course's, for what has to work for any."""

from micrograd_vn import Value
from micrograd_vn.exercises import exercise, steps
from micrograd_vn.ops import sigmoid, tanh

NOT_ZERO = [w for w in steps(-0.9, 0.9, 0.1) if w]


@exercise(
    name={"vi": "Hai lớp", "en": "Two layers"},
    statement={
        "vi": "Cho `x = {x}`, `w = {w}`, `b = {b}`, `v = {v}`, `t = {t}`. Tính `∂L/∂w`.",
        "en": "Given `x = {x}`, `w = {w}`, `b = {b}`, `v = {v}`, `t = {t}`, find `∂L/∂w`.",
    },
    asks="∂L/∂w",
    decimals=3,
    domains={
        "x": steps(0.5, 3.0, 0.5), "w": NOT_ZERO, "b": steps(-0.5, 0.5, 0.1), "v": NOT_ZERO,
        "t": [0.0, 1.0],
    },
)  # fmt: skip
def two_layers(x=1.5, w=0.4, b=-0.2, v=0.7, t=1.0):
    """Return two sigmoid neurons, one after the other, with a squared error."""
    z = (Value(w, "w") * Value(x, "x") + Value(b, "b")).named("z")
    a = sigmoid(z).named("a")
    s = (Value(v, "v") * a).named("s")
    p = sigmoid(s).named("p")
    return ((p - Value(t, "t")) ** 2).named("L")


@exercise(
    name={"vi": "Đa thức", "en": "Polynomial"},
    statement={
        "vi": "Cho `y = (a·x³ + c·x)²` với `x = {x}`, `a = {a}`, `c = {c}`. Tính `∂y/∂x`.",
        "en": "Given `y = (a·x³ + c·x)²` with `x = {x}`, `a = {a}`, `c = {c}`, find `∂y/∂x`.",
    },
    asks="∂y/∂x",
    domains={"x": steps(0.3, 1.9, 0.1), "a": NOT_ZERO, "c": steps(-1.7, 1.7, 0.2)},
)
def polynomial(x=1.2, a=0.5, c=-0.3):
    """Return a polynomial whose variable is on two paths, squared."""
    x = Value(x, "x")
    p = (Value(a, "a") * x**3).named("p")
    q = (Value(c, "c") * x).named("q")
    u = (p + q).named("u")
    return (u**2).named("y")


@exercise(
    name={"vi": "Trọng số chung", "en": "A shared weight"},
    statement={
        "vi": "Cho `x = {x}`, `w = {w}`, `t = {t}`. Tính `∂L/∂w`.",
        "en": "Given `x = {x}`, `w = {w}`, `t = {t}`, find `∂L/∂w`.",
    },
    asks="∂L/∂w",
    domains={
        "x": steps(0.5, 3.0, 0.1), "w": steps(-1.45, 1.45, 0.1), "t": steps(-1.1, 1.1, 0.2),
    },
)  # fmt: skip
def shared_weight(x=0.8, w=0.55, t=-0.5):
    """Return two tanh neurons with one weight, as in a recurrent network."""
    w = Value(w, "w")
    z = (w * Value(x, "x")).named("z")
    h = tanh(z).named("h")
    o = (w * h).named("o")
    e = (o - Value(t, "t")).named("e")
    return (e**2).named("L")


@exercise(
    name={"vi": "Một nơ-ron", "en": "One neuron"},
    statement={
        "vi": "Cho `x = {x}`, `w = {w}`, `b = {b}`, `y = {y}`. Tính `∂L/∂w`.",
        "en": "Given `x = {x}`, `w = {w}`, `b = {b}`, `y = {y}`, find `∂L/∂w`.",
    },
    asks="∂L/∂w",
    decimals=3,
    domains={
        "x": steps(0.5, 3.0, 0.5), "w": steps(-0.9, 0.9, 0.1), "b": steps(-0.5, 0.5, 0.1),
        "y": [0, 1],
    },
)  # fmt: skip
def neuron(x=2.0, w=0.5, b=0.1, y=1):
    """Return one sigmoid neuron with a squared error, whose target is an integer."""
    z = (Value(w, "w") * Value(x, "x") + Value(b, "b")).named("z")
    y_hat = sigmoid(z).named("ŷ")
    return ((y_hat - Value(y, "y")) ** 2).named("L")
