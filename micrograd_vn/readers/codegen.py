"""`lambdify`: the program of a graph as a function, in Python or JavaScript.

The source has only arithmetic and calls of the operations by name; whether these work on
floats or on the arrays of NumPy, JAX or Dask is a matter of the names that it is compiled with.
"""

from __future__ import annotations

import importlib
import math
import textwrap
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, Literal, NamedTuple, TypeAlias, overload

from micrograd_vn.engine import Op
from micrograd_vn.errors import message
from micrograd_vn.formulas.code import Code, Variable
from micrograd_vn.formulas.javascript import JavaScript
from micrograd_vn.formulas.python import Python, implementation
from micrograd_vn.formulas.tree import Formula
from micrograd_vn.readers.program import Nested, Program

__all__ = ["Function", "Script", "lambdify"]

Modules: TypeAlias = "Literal['math', 'numpy'] | ModuleType"

_INDENT = "    "
_WIDTH = 88


class Function:
    """What `lambdify` returns: a function that shows its source, and can be pickled.

    Attributes
    ----------
    source : str
        The function's text.
    """

    def __init__(
        self, source: str, compiled: str, functions: dict[str, Op], library: str | None
    ) -> None:
        self.source, self._made_of = source, (source, compiled, functions, library)
        module = None if library is None else importlib.import_module(library)
        namespace: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
        namespace |= {name: implementation(op, module) for name, op in functions.items()}
        exec(compile(compiled, "<lambdify>", "exec"), namespace)
        # Out of the namespace, or it would be in a cycle with its globals.
        self.__wrapped__ = namespace.pop("f")
        self.__name__ = "f"

    def __call__(self, *arguments: Any) -> Any:
        """Return the outputs for these inputs."""
        return self.__wrapped__(*arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return Function, self._made_of


class Script(NamedTuple):
    """A function in JavaScript: its text, and what it calls of the functions in `HELPERS`."""

    source: str
    helpers: tuple[str, ...]


@overload
def lambdify(
    inputs: Sequence[Nested], outputs: Nested, modules: Literal["javascript"]
) -> Script: ...


@overload
def lambdify(inputs: Sequence[Nested], outputs: Nested, modules: Modules = "math") -> Function: ...


def lambdify(
    inputs: Sequence[Nested], outputs: Nested, modules: Modules | Literal["javascript"] = "math"
) -> Function | Script:
    """Return the function that computes `outputs` from `inputs`.

    Values that the outputs depend on and that are not inputs are constants. What no
    output needs is left out, what occurs twice is computed once, and nothing else is
    changed: the function does the operations of the graph in their order.

    Parameters
    ----------
    inputs
        A leaf for each argument of the function, or a sequence of them for an argument
        that takes a sequence.
    outputs
        A value, or a nested sequence of values in whose shape the function returns its
        results; typically ``[L, *grad(L, parameters)]``.
    modules
        ``"math"`` for floats; ``"numpy"`` for arrays of floats, where any argument may
        be an array or a number and they broadcast; or a module with NumPy's functions, such
        as `jax.numpy`, `dask.array` or `cupy`. For arrays, each is freed after its
        last use. ``"javascript"`` for a function in that language.

    Returns
    -------
    Function or Script
        A function with its text as the attribute ``source``; of JavaScript, the text and the
        names of the helpers that it calls. What the first output needs is headed "forward" in
        it, the rest "backward".

    Raises
    ------
    TypeError
        An input or output is not a `Value`; or an operation's forward function does more than
        arithmetic and operations, and its entry does not say what to do instead.
    ValueError
        An input is not a leaf, occurs twice, or is not what an output depends on but has the
        name of such a value; or `modules` is not known.

    Examples
    --------
    >>> from micrograd_vn import Value, grad
    >>> x, w = Value(3.0, "x"), Value(0.5, "w₁")
    >>> y = (w * x) ** 2
    >>> f = lambdify([x, w], [y, *grad(y, [w])])
    >>> f(3.0, 0.5)
    [2.25, 9.0]
    >>> print(f.source)
    def f(x, w1):
        # forward
        v1 = w1 * x
        v2 = v1 ** 2.0
        # backward
        d1 = 2.0 * v1
        d2 = d1 * x
        return [v2, d2]
    <BLANKLINE>
    >>> print(lambdify([x], [x.sigmoid()], "javascript").source)
    function f(x) {
        // forward
        const v1 = sigmoid(x);
        return [v1];
    }
    <BLANKLINE>
    """
    if modules == "javascript":
        return _script(Program(inputs, outputs))
    return _function(Program(inputs, outputs), _library(modules))


def _function(program: Program, library: ModuleType | None) -> Function:
    """Return a program as a function of Python's."""
    writer = Python(library)
    names = _declared(writer, program.arguments)
    body = [f"{_INDENT}# no output depends on {writer(x)}" for x in program.unused]
    for name, part in zip(names, program.arguments, strict=True):
        body += _unpacked(writer, name, part)
    last_use: dict[Formula, int] = {}  # the line after which a variable is not needed
    for section, target, formula in _lines(writer, program):
        if section:
            body.append(f"{_INDENT}# {section}")
        text = writer(formula)
        body += _wrapped(f"{writer.declare(target)} = ", text, "")
        if library is not None:
            last_use |= dict.fromkeys(_variables(formula), len(body) - 1)
    result = _wrapped("return ", _structured(writer, program.results), "")
    head = _wrapped("def f(", ", ".join(names), "):")
    head[0] = head[0].removeprefix(_INDENT)
    source = "\n".join([*head, *body, *result, ""])
    compiled = source
    if library is not None:
        # Each array is freed after its last use: the next one then takes its place in memory,
        # which makes large ones twice as fast. It is no part of what the function means.
        kept = set(_flat(program.results))
        for x, i in last_use.items():
            if x not in kept:
                body[i] += f"; del {writer(x)}"
        compiled = "\n".join([*head, *body, *result, ""])
    functions = {name: op for op, name in writer.functions.items()}
    return Function(source, compiled, functions, None if library is None else library.__name__)


def _script(program: Program) -> Script:
    """Return a program as a function of JavaScript's."""
    writer = JavaScript()
    arguments = _pattern(writer, program.arguments)[1:-1]
    body = [f"{_INDENT}// no output depends on {writer(x)}" for x in program.unused]
    for section, target, formula in _lines(writer, program):
        if section:
            body.append(f"{_INDENT}// {section}")
        text = writer(formula)
        body.append(f"{_INDENT}const {writer.declare(target)} = {text};")
    result = _structured(writer, program.results, "[]")
    lines = [f"function f({arguments}) {{", *body, f"{_INDENT}return {result};", "}", ""]
    return Script("\n".join(lines), tuple(sorted(writer.functions.values())))


def _lines(writer: Code, program: Program) -> Iterator[tuple[str, Variable, Formula]]:
    """Yield the assignments in terms that the language has, with a heading where one is due."""
    heading = ""
    for target, formula, section in program.assignments:
        for name, part in writer.lines(target, formula):
            yield "" if section == heading else section, name, part
            heading = section


def _variables(f: Formula) -> list[Formula]:
    stack, found = [f], list[Formula]()
    while stack:
        node = stack.pop()
        if isinstance(node, Variable):
            found.append(node)
        stack += node.parents
    return found


def _declared(writer: Code, arguments: Any) -> list[str]:
    """Return the names of arguments; those of their parts come first."""
    for x in _flat(arguments):
        writer.declare(x)
    return [
        writer(x) if isinstance(x, Variable) else writer.new_name("", "args") for x in arguments
    ]


def _unpacked(writer: Code, name: str, x: Any) -> list[str]:
    """Return the assignments that take the sequence `name` apart."""
    if isinstance(x, Variable):
        return []
    parts = [writer(p) if isinstance(p, Variable) else writer.new_name("", "args") for p in x]
    lines = _wrapped("[", ", ".join(parts), f"] = {name}")
    for part_name, part in zip(parts, x, strict=True):
        lines += _unpacked(writer, part_name, part)
    return lines


def _pattern(writer: Code, x: Any) -> str:
    """Return variables, nested in brackets."""
    if isinstance(x, Variable):
        return writer.declare(x)
    return f"[{', '.join([_pattern(writer, part) for part in x])}]"


def _flat(x: Any) -> Iterator[Any]:
    if isinstance(x, Formula):
        yield x
    else:
        for part in x:
            yield from _flat(part)


def _structured(writer: Code, x: Any, tuples: str = "()") -> str:
    """Return results, in the same lists and tuples."""
    if isinstance(x, Formula):
        return writer(x)
    parts = ", ".join([_structured(writer, part, tuples) for part in x])
    if isinstance(x, list) or tuples == "[]":
        return f"[{parts}]"
    return f"({parts},)" if len(x) == 1 else f"({parts})"


def _library(modules: str | ModuleType) -> ModuleType | None:
    """Return the module with the functions for arrays, or None for floats."""
    if modules in ("math", math):
        return None
    if modules == "numpy":
        return importlib.import_module("numpy")
    if not (isinstance(modules, ModuleType) and hasattr(modules, "logaddexp")):
        raise ValueError(message("modules", repr(modules)))
    return modules


def _wrapped(start: str, text: str, end: str) -> list[str]:
    """Return ``start + text + end`` on as many lines as it needs, in brackets if several."""
    line = f"{_INDENT}{start}{text}{end}"
    if len(line) <= _WIDTH:
        return [line]
    opening, closing = ("(", ")") if not start.endswith(("(", "[")) else ("", "")
    if opening and text.startswith("[") and start == "return ":
        opening, text, closing = "[", text[1:-1], "]"
    body = textwrap.wrap(text, _WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    inner = [f"{_INDENT * 2}{part}" for part in body]
    return [f"{_INDENT}{start}{opening}", *inner, f"{_INDENT}{closing}{end}"]
