"""A minimal scalar autograd engine, with diagrams and worked exercises."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from micrograd_vn import ops
from micrograd_vn import pickling as _pickling  # noqa: F401
from micrograd_vn.engine import Op, Value, grad, topological_order
from micrograd_vn.ops import *  # noqa: F403

if TYPE_CHECKING:
    from micrograd_vn.numeric import gradcheck
    from micrograd_vn.readers.codegen import lambdify
    from micrograd_vn.readers.diagram import draw
    from micrograd_vn.readers.neurons import architecture
    from micrograd_vn.readers.player import play
    from micrograd_vn.readers.sequence import frames
    from micrograd_vn.readers.solution import explain

__version__ = "0.1.0"

__all__ = [
    "Op", "Value", "architecture", "draw", "explain", "frames", "grad", "gradcheck", "lambdify",
    "play", "topological_order",
]  # fmt: skip
__all__ += ops.__all__

# What loads Graphviz or more of the standard library, loaded when it is asked for.
_LATER = {
    "architecture": "readers.neurons",
    "draw": "readers.diagram",
    "explain": "readers.solution",
    "frames": "readers.sequence",
    "gradcheck": "numeric",
    "lambdify": "readers.codegen",
    "play": "readers.player",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *_LATER]
