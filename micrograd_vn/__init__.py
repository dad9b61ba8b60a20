"""A minimal scalar autograd engine, with diagrams and worked exercises."""

from importlib import import_module
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
    from micrograd_vn.codegen import lambdify
    from micrograd_vn.diagram import draw
    from micrograd_vn.numeric import gradcheck
    from micrograd_vn.solution import explain

__all__ = [
    "Op",
    "Value",
    "cos",
    "cross_entropy",
    "dot",
    "draw",
    "exp",
    "explain",
    "grad",
    "gradcheck",
    "lambdify",
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


# What loads Graphviz or more of the standard library, loaded when it is asked for.
_LATER = {
    "draw": "diagram",
    "explain": "solution",
    "gradcheck": "numeric",
    "lambdify": "codegen",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *_LATER]
