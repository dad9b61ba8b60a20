"""A minimal scalar autograd engine, with diagrams and worked exercises."""

from typing import TYPE_CHECKING, Any

from micrograd_vn.engine import Op, Value, grad, topological_order
from micrograd_vn.ops import (
    cos,
    cross_entropy,
    dot,
    exp,
    log,
    log_softmax,
    logsumexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    softmax,
    sqrt,
    tanh,
)

if TYPE_CHECKING:
    from micrograd_vn.diagram import draw

__all__ = [
    "Op",
    "Value",
    "cos",
    "cross_entropy",
    "dot",
    "draw",
    "exp",
    "grad",
    "log",
    "log_softmax",
    "logsumexp",
    "maximum",
    "minimum",
    "relu",
    "sigmoid",
    "sin",
    "softmax",
    "sqrt",
    "tanh",
    "topological_order",
]


def __getattr__(name: str) -> Any:
    if name == "draw":  # loads Graphviz, so not before it is asked for
        from micrograd_vn.diagram import draw

        return draw
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
