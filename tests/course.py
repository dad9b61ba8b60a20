"""The course's exercises as expressions, and their solutions: the network of Câu 3 and Câu 4.

With ``page=True``, what is said comes with the values that its names stand for.
"""

import math

from micrograd_vn import Value, cross_entropy, explain, relu, softmax, topological_order
from micrograd_vn.engine import Constant


def second_layer(r, w2, w2_prime, y):
    """Return h, ŷ and the loss."""
    h = [(w * r).named(f"h{i}") for w, i in ((w2, "₀"), (w2_prime, "₁"))]
    y_hat = [p.named(f"ŷ{i}") for p, i in zip(softmax(h), "₀₁", strict=True)]
    targets = [Constant(float(i == y), f"y{'₀₁'[i]}") for i in (0, 1)]
    return h, y_hat, cross_entropy(h, targets).named("L")


def cau3(w2=0.3, w2_prime=-0.4, y_hat=(0.8429, 0.1571), y=0, page=False, **how):
    """Return the solution of Câu 3: R is not given, but follows from ŷ."""
    weights = [Value(w2, "w₂"), Value(w2_prime, "w₂′")]
    given = [Value(p, f"ŷ{i}") for p, i in zip(y_hat, "₀₁", strict=True)]
    found = ((given[0] / given[1]).log() / (weights[0] - weights[1])).named("R")
    r = Value(math.log(y_hat[0] / y_hat[1]) / (w2 - w2_prime), "R")
    h, outputs, loss = second_layer(r, *weights, y)
    how = {"decimals": 2} | how
    said = explain(loss, r, using=outputs, known=[*weights, *outputs], found=[found], **how)
    return (said, [*weights, r, *h, *outputs, *loss.parents, loss]) if page else said


def cau4(x=3.0, w1=0.8, b1=0.0, dL_dw1=-0.3299, page=False, **how):
    """Return the solution of Câu 4: ∂L/∂R from ∂L/∂w₁."""
    w = Value(w1, "w₁")
    z = (w * Value(x, "x") + Value(b1, "b₁")).named("z₀")
    r = relu(z).named("R")
    said = explain(r, w, given=dL_dw1, **({"decimals": 2} | how))
    return (said, topological_order(r)) if page else said


def network(x=3.0, w1=0.8, b1=0.0, w2=0.3, w2_prime=-0.4, y=0, wrt="R", page=False, **how):
    """Return the solution of the whole network, by R or another value."""
    values = {"x": Value(x, "x"), "w₁": Value(w1, "w₁"), "b₁": Value(b1, "b₁")}
    z = values["z₀"] = (values["w₁"] * values["x"] + values["b₁"]).named("z₀")
    r = values["R"] = relu(z).named("R")
    _, outputs, loss = second_layer(r, Value(w2, "w₂"), Value(w2_prime, "w₂′"), y)
    of = [values[name] for name in wrt.split()]
    said = explain(loss, of[0] if len(of) == 1 else of, using=outputs, **how)
    return (said, topological_order(loss, *outputs)) if page else said
