"""`lambdify`: the graph as Python source, for floats and for arrays.

A recorded graph is a program: each node is one assignment. Written down and compiled,
it computes the same on other numbers without recording anything. The source has only
arithmetic and calls of the operations by name; whether these work on floats or on the
arrays of NumPy, JAX or Dask is a matter of the names that it is compiled with.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, Protocol, TypeAlias

from micrograd_vn.engine import OPERATIONS, Op, Value, topological_order

__all__ = ["Function", "lambdify"]

Nested: TypeAlias = "Value | Sequence[Nested]"

_INDENT = "    "
_WIDTH = 88
_TERMS = 32  # of a sum in one expression; a longer one could exhaust the parser
_CALL = re.compile(r"\b(?!abs\b)[A-Za-z_][\w.]*(?=\()")  # a function other than abs


class Function(Protocol):
    """What `lambdify` returns: a function that shows its source."""

    source: str

    def __call__(self, *arguments: Any) -> Any:
        """Return the outputs for these inputs."""


def lambdify(
    inputs: Sequence[Nested], outputs: Nested, modules: str | ModuleType = "math"
) -> Function:
    """Return the function that computes `outputs` from `inputs`, compiled from Python.

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
        last use.

    Returns
    -------
    Function
        A plain function, with its text as the attribute ``source``. What the first
        output needs is headed "forward" in it, the rest "backward".

    Raises
    ------
    TypeError
        An input or output is not a `Value`; or an operation's forward function, which
        has no entry for arrays, does more than arithmetic and operations.
    ValueError
        An input is not a leaf, or occurs twice, or `modules` is not known.

    Examples
    --------
    >>> from micrograd_vn import grad
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
    """
    library = _library(modules)
    leaves = list(_flat("an input", inputs))
    for i, leaf in enumerate(leaves):
        if leaf.op is not None:
            raise ValueError(f"lambdify: the input {leaf!r} is computed, not a leaf")
        if any(leaf is other for other in leaves[:i]):
            raise ValueError(f"lambdify: the input {leaf!r} occurs twice")
    roots = list(_flat("an output", outputs))

    program = _Program(library)
    program.taken.update(v.op.name for v in topological_order(*roots) if v.op is not None)
    for leaf in leaves:
        program.texts[leaf] = program.new_name(leaf.label, "x")
    arguments = [
        program.texts[x] if isinstance(x, Value) else program.new_name(None, "args") for x in inputs
    ]
    for name, x in zip(arguments, inputs, strict=True):
        program.unpack(name, x)
    program.compute("forward", topological_order(*roots[:1]))
    program.compute("backward", topological_order(*roots))
    body = program.lines
    result = _wrapped("return ", program.structured(outputs), "")

    head = _wrapped("def f(", ", ".join(arguments), "):")
    head[0] = head[0].removeprefix(_INDENT)
    source = "\n".join([*head, *body, *result, ""])
    if library is not None:
        body = program.freeing({program.texts[root] for root in roots})
    compiled = compile("\n".join([*head, *body, *result]), "<lambdify>", "exec")
    namespace: dict[str, Any] = {**program.functions, "inf": math.inf, "nan": math.nan}
    exec(compiled, namespace)
    function: Function = namespace.pop("f")  # or it would be in a cycle with its globals
    function.source = source
    return function


class _Program:
    """The lines written so far, and the names in them."""

    def __init__(self, library: ModuleType | None) -> None:
        self.library = library
        self.lines: list[str] = []
        self.last_use: dict[str, int] = {}  # the line after which a name is not needed
        self.functions: dict[str, Callable[..., Any]] = {}
        self.function_names: dict[Op, str] = {}
        self.texts: dict[Value, str] = {}  # the name or the literal of a value
        self.computed: dict[tuple[object, ...], str] = {}
        self.taken: set[str] = {*OPERATIONS, *keyword.kwlist, "f", "inf", "nan", "np"}
        self.counts: dict[str, int] = {}

    def new_name(self, label: str | None, prefix: str) -> str:
        """Return a name that is not taken, after `label` if that gives one."""
        name = _identifier(label) if label else None
        if name is not None and name not in self.taken:
            self.taken.add(name)
            return name
        stem = prefix if name is None else f"{name}_"
        while True:
            self.counts[stem] = self.counts.get(stem, 0 if name is None else 1) + 1
            name_ = f"{stem}{self.counts[stem]}"
            if name_ not in self.taken:
                self.taken.add(name_)
                return name_

    def unpack(self, name: str, x: Nested) -> None:
        """Write the assignments that take the sequence `name` apart."""
        if isinstance(x, Value):
            return
        parts = [
            self.texts[part] if isinstance(part, Value) else self.new_name(None, "args")
            for part in x
        ]
        target = ", ".join(parts)
        self.lines += _wrapped("[", target, f"] = {name}")
        for part_name, part in zip(parts, x, strict=True):
            self.unpack(part_name, part)

    def compute(self, title: str, order: list[Value]) -> None:
        """Write an assignment for each value in `order` that has none yet."""
        started = False
        for value in order:
            if value in self.texts:
                continue
            if value.op is None:
                self.texts[value] = _literal(value.data)
                continue
            op, operands = value.op, [self.texts[x] for x in value.parents]
            if all(_is_literal(text) for text in operands):
                numbers = [float(text.strip("()")) for text in operands]
                self.texts[value] = _literal(op(*numbers))
                continue
            if (same := _unchanged(op, operands)) is not None:
                self.texts[value] = same
                continue
            key = (op, *operands)
            if key not in self.computed:
                if not started:
                    self.lines.append(f"{_INDENT}# {title}")
                    started = True
                name = self.new_name(value.label, "d" if title == "backward" else "v")
                self.computed[key] = name
                self.assign(name, op, operands)
            self.texts[value] = self.computed[key]

    def assign(self, name: str, op: Op, operands: list[str]) -> None:
        """Write the assignment of `op` on `operands`."""
        terms = _terms(self.expression(op, operands))
        for start in range(0, len(terms), _TERMS):
            sum_ = " + ".join(([name] if start else []) + terms[start : start + _TERMS])
            self.lines += _wrapped(f"{name} = ", sum_, "")
        for text in operands:
            if not _is_literal(text):
                self.last_use[text] = len(self.lines) - 1

    def freeing(self, results: set[str]) -> list[str]:
        """Return the lines such that each array is freed after its last use.

        The next one then takes its place in memory, which makes large ones twice as
        fast. It is no part of what the function means, so its source does not show it.
        """
        lines = list(self.lines)
        for name, i in self.last_use.items():
            if name not in results:
                lines[i] += f"; del {name}"
        return lines

    def expression(self, op: Op, operands: Sequence[str]) -> str:
        """Return `op` on `operands` as Python, and see that its functions are there."""
        if op.code is not None:
            code = op.code(*operands) if callable(op.code) else op.code.format(*operands)
            for called in _CALL.findall(code):
                if called not in OPERATIONS:
                    raise ValueError(
                        f"lambdify: the code of the operation {op.name!r} calls {called!r}, "
                        "which is no operation of the table; give its Op arrays= instead"
                    )
            return _CALL.sub(lambda call: self.function(OPERATIONS[call[0]]), code)
        if self.library is None or op.arrays is not None:
            return f"{self.function(op)}({', '.join(operands)})"
        try:
            traced = op.forward(*[_Traced(text) for text in operands])
            return traced.write(self) if isinstance(traced, _Traced) else _literal(traced)
        except TypeError as error:
            raise TypeError(
                f"lambdify: the operation {op.name!r} is known for single numbers only "
                f"({error}); for arrays, give its Op "
                "arrays=lambda np, x: … with NumPy's functions"
            ) from error

    def function(self, op: Op) -> str:
        """Return the name by which the source calls `op`."""
        if op not in self.function_names:
            name = op.name
            if _identifier(name) != name or keyword.iskeyword(name) or name in self.functions:
                name = self.new_name(None, "op")
            library, arrays = self.library, op.arrays
            if library is None or arrays is None:
                self.functions[name] = op.forward
            else:
                self.functions[name] = lambda *operands: arrays(library, *operands)
            self.function_names[op] = name
        return self.function_names[op]

    def structured(self, outputs: Nested) -> str:
        """Return the names of `outputs`, in the same lists and tuples."""
        if isinstance(outputs, Value):
            return self.texts[outputs]
        parts = ", ".join([self.structured(x) for x in outputs])
        if isinstance(outputs, tuple):
            return f"({parts},)" if len(outputs) == 1 else f"({parts})"
        return f"[{parts}]"


class _Traced:
    """Stands for an operand while a forward function is traced into an expression.

    It cannot be compared or turned into a number, so that a forward function that would
    decide by the data is found out.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, op: Op | str, operands: Sequence[Any] = ()) -> None:
        self.op = op
        self.operands = operands

    def apply_op(self, op: Op, operands: Sequence[Any]) -> _Traced:
        """Return what stands for the result of `op`."""
        return _Traced(op, operands)

    def write(self, program: _Program) -> str:
        """Return the expression."""
        if isinstance(self.op, str):
            return self.op
        texts = [x.write(program) if isinstance(x, _Traced) else _literal(x) for x in self.operands]
        if self.op.code not in (None, "abs({})"):  # it is written with operators
            texts = [f"({text})" if _is_compound(text) else text for text in texts]
        return program.expression(self.op, texts)

    def __bool__(self) -> bool:
        raise TypeError("its forward function decides by the data")

    def __eq__(self, other: object) -> bool:
        raise TypeError("its forward function decides by the data")

    def __neg__(self) -> _Traced:
        return _Traced(OPERATIONS["neg"], (self,))

    def __abs__(self) -> _Traced:
        return _Traced(OPERATIONS["abs"], (self,))


def _traced_operator(name: str, *, reflected: bool) -> Callable[[_Traced, Any], _Traced]:
    def method(self: _Traced, other: Any) -> _Traced:
        return _Traced(OPERATIONS[name], (other, self) if reflected else (self, other))

    return method


for _name, _operator in [
    ("add", "add"), ("sub", "sub"), ("mul", "mul"), ("div", "truediv"), ("pow", "pow"),
]:  # fmt: skip
    setattr(_Traced, f"__{_operator}__", _traced_operator(_name, reflected=False))
    setattr(_Traced, f"__r{_operator}__", _traced_operator(_name, reflected=True))


def _library(modules: str | ModuleType) -> ModuleType | None:
    """Return the module with the functions for arrays, or None for floats."""
    if modules in ("math", math):
        return None
    if modules == "numpy":
        import numpy as np

        return np
    if not (isinstance(modules, ModuleType) and hasattr(modules, "logaddexp")):
        raise ValueError(
            "lambdify: modules is 'math', 'numpy' or a module with NumPy's functions, "
            f"not {modules!r}"
        )
    return modules


def _flat(what: str, values: Nested) -> Iterator[Value]:
    if isinstance(values, Value):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(what, value)
    else:
        kind = type(values).__name__
        raise TypeError(f"lambdify: {what} must be a Value or a list, not {kind} {values!r}")


def _unchanged(op: Op, operands: list[str]) -> str | None:
    """Return the operand that `op` leaves as it is, to the last bit, if it does."""
    match op.name, operands:
        case ("identity", [x]) | ("mul", ["1.0", x]):
            return x
        case ("mul" | "div" | "pow", [x, "1.0"]) | ("sub", [x, "0.0"]):
            return x
    return None


def _literal(x: float) -> str:
    text = repr(float(x))
    return f"({text})" if text.startswith("-") else text


def _is_literal(text: str) -> bool:
    return text[0].isdigit() or text[0] == "(" or text in ("inf", "nan")


def _terms(expression: str) -> list[str]:
    """Return the terms of a sum, not looking into parentheses."""
    terms: list[str] = []
    depth = 0
    for part in expression.split(" + "):
        if depth:
            terms[-1] += f" + {part}"
        else:
            terms.append(part)
        depth += part.count("(") - part.count(")")
    return terms


def _is_compound(expression: str) -> bool:
    """Whether an expression has an operator outside of parentheses."""
    if _is_literal(expression) and "(" not in expression[1:]:
        return False
    tree = ast.parse(expression, mode="eval").body
    return not isinstance(tree, (ast.Name, ast.Constant, ast.Call))


_SPELLED = str.maketrans(
    {"ŷ": "y_hat", "\u0302": "_hat", "′": "_prime", "'": "_prime", "∂": "d"}
    | dict.fromkeys("/,⁽⁾", "_")
)


def _identifier(label: str) -> str | None:
    """Return a label as a Python name, if it is fit for one: w₂′ as w2_prime."""
    name = unicodedata.normalize("NFKC", label.translate(_SPELLED))
    fit = name.isidentifier() and len(name) <= 30 and not name.startswith("__")
    return name if fit else None


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
