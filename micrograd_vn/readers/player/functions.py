"""What a page computes with: for each kind of operation, its functions and its formulas.

Two values are of one kind if they come from one operation, with the same plain numbers among
the operands. All is written once for each kind, by the writers: the functions in JavaScript;
the formulas in MathML and in text, with holes for the operands, into which the page puts names
or numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from micrograd_vn import table
from micrograd_vn.engine import Constant, Op, Value, topological_order
from micrograd_vn.errors import ERRORS, counted
from micrograd_vn.formulas.code import Variable
from micrograd_vn.formulas.identities import JUMPS, WRITTEN_OUT, textbook
from micrograd_vn.formulas.javascript import JavaScript
from micrograd_vn.formulas.mathml import MathML
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import (
    Apply,
    Derivative,
    Formula,
    Name,
    Number,
    evaluate,
    replaced,
    rounded,
    same,
)
from micrograd_vn.formulas.writer import NAME, NONE
from micrograd_vn.readers.factors import convention, jumping, slope_at_0

_LONGEST = 90  # of a formula in a sentence, in characters of plain text
_MARK = "\ue000"  # around a hole in text; no label has it there, as it is not printable


class Hole(Name):
    """Stands in a formula for what the page puts there."""

    def __init__(self, index: int) -> None:
        super().__init__(f"{_MARK}{index}")
        self.index = index


class _MathHoles(MathML):
    """Leaves an empty element for a hole, which says how tightly its content has to hold."""

    def __call__(self, f: Formula, least: int = NONE) -> str:
        if isinstance(f, Hole):
            return f'<mrow data-hole="{f.index},{least}"/>'
        return super().__call__(f, least)


class _TextHoles(Text):
    """Leaves a mark for a hole."""

    def __call__(self, f: Formula, least: int = NONE) -> str:
        if isinstance(f, Hole):
            return f"{_MARK}{f.index},{least}{_MARK}"
        return super().__call__(f, least)


_MATH, _TEXT = _MathHoles(), _TextHoles()


class Written(NamedTuple):
    """A formula with holes: its elements, its text, and how tightly each holds together.

    The text is a list of words and of holes, which are pairs ``[index, least]``.
    """

    math: str
    text: list[Any]
    bindings: tuple[int, int]


def written(f: Formula) -> Written:
    """Return a formula in both notations."""
    if isinstance(f, Hole):
        return Written(_MATH(f), [[f.index, NONE]], (NAME, NAME))
    (math, math_binding), (text, text_binding) = _MATH.written(f), _TEXT.written(f)
    parts: list[Any] = text.split(_MARK)
    parts[1::2] = [[int(n) for n in part.split(",")] for part in parts[1::2]]
    return Written(math, [part for part in parts if part], (math_binding, text_binding))


class Decision(NamedTuple):
    """What is compared where a derivative jumps.

    Attributes
    ----------
    sides
        Two operands, or lists that hold a number.
    convention, of, at
        What the derivative is where both sides are equal: the phrase that says so, what has it
        by convention, and which number.
    """

    sides: list[int | list[float]]
    convention: str
    of: Written
    at: str


class Slope(NamedTuple):
    """A partial derivative: its formula, unless that is long or jumps; what decides it then."""

    formula: Written | None
    reasons: list[Decision]


class Kind(NamedTuple):
    """An operation as a page has it.

    Attributes
    ----------
    forward, partials
        JavaScript functions of the operands, and of the result and the operands; None if the
        operation can't be written in JavaScript. Of a plain number, the derivative is 0.
    definition
        The formula of the result.
    slopes
        For each operand its partial derivative.
    """

    op: Op
    forward: str | None
    partials: str | None
    definition: Written | None
    slopes: list[Slope]


def key(value: Value) -> tuple[object, ...]:
    """Return what two values have in common that are of one kind."""
    return value.op, *[_constant(x) for x in value.parents]


def _constant(x: Value) -> tuple[object, ...] | None:
    return (repr(x.data), x.label is None) if isinstance(x, Constant) else None


class Functions:
    """The kinds of a graph."""

    def __init__(self) -> None:
        self.kinds: list[Kind] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def kind(self, value: Value) -> int:
        """Return the number of the kind of a value."""
        k = key(value)
        if k not in self._numbers:
            self._numbers[k] = self.number(kind_of(value))
        return self._numbers[k]

    def number(self, kind: Kind) -> int:
        """Return the number of a kind, the same for all that are written alike."""
        number = self._numbers.setdefault((repr(kind),), len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        return number


def kind_of(value: Value) -> Kind:
    """Return the kind of a value."""
    op = value.op
    assert op is not None
    # To compute with: constants are numbers, as they are in the chain rule.
    xs: list[Any] = [
        x.data if isinstance(x, Constant) else Variable(None, "x") for x in value.parents
    ]
    out = Variable("out", "out")
    variables = [x if isinstance(x, Variable) else Variable(None, "x") for x in xs]
    forward = function(variables, [Apply(op, *xs)], "{}")
    partials = None
    if (slopes := _slopes(op, out, xs)) is not None:
        wanted = [d if isinstance(x, Variable) else 0.0 for x, d in zip(xs, slopes, strict=True)]
        partials = function([out, *variables], wanted, "[{}]")
    # To be read: constants with a name are called by it.
    holes = [
        rounded(x.data) if isinstance(x, Constant) and x.label is None else Hole(i)
        for i, x in enumerate(value.parents)
    ]
    return Kind(op, forward, partials, short(Apply(op, *holes)), _read(op, value, holes))


def function(arguments: Sequence[Variable], results: Sequence[Any], returned: str) -> str | None:
    """Return a function of JavaScript, or None where there is none."""
    writer = JavaScript()
    head = ", ".join([writer.declare(x) for x in arguments])
    roots = [r if isinstance(r, Formula) else Number(r) for r in results]
    made: dict[Formula, Formula] = {}
    body = ""
    try:
        for node in topological_order(*roots):
            made[node] = node
            if node.op is None:
                continue
            made[node] = target = Variable(None, "v")
            for part, f in writer.lines(target, Apply(node.op, *[made[x] for x in node.parents])):
                text = writer(f)
                body += f"const {writer.declare(part)} = {text}; "
    except TypeError:
        return None
    result = returned.format(", ".join([writer(made[r]) for r in roots]))
    return f"({head}) => {{ {body}return {result}; }}" if body else f"({head}) => {result}"


def _slopes(op: Op, out: Any, operands: Sequence[Any]) -> Sequence[Any] | None:
    """Return the partial derivatives on formulas, unless the rule is for numbers only."""
    try:
        return counted(op.partials(out, *operands), op, len(operands))
    except (AttributeError, *ERRORS):
        return None


def _read(op: Op, value: Value, holes: Sequence[Formula]) -> list[Slope]:
    """Return the partial derivatives as they are read."""
    operands = [float(x) if isinstance(x, Number) else x for x in holes]
    out = Apply(op, *holes) if op in WRITTEN_OUT else Hole(len(holes))
    slopes = _slopes(op, out, operands)
    if slopes is None:
        return [Slope(None, []) for _ in holes]
    one = _sum_that_is_one(value, operands)
    formulas = [
        replaced(d, lambda f: Number(1) if one is not None and same(f, one) else None)
        if isinstance(d, Formula)
        else Number(d)
        for d in slopes
    ]
    return [
        Slope(None, []) if isinstance(x, Constant) else slope(d, textbook(d), Apply(op, *holes))
        for d, x in zip(formulas, value.parents, strict=True)
    ]


def _sum_that_is_one(value: Value, operands: Sequence[Any]) -> Formula | None:
    """Return the sum of the targets of a cross-entropy if it is 1 and no input changes it."""
    targets = value.parents[len(operands) // 2 :]
    if value.op is not table.cross_entropy_op or not all(isinstance(t, Constant) for t in targets):
        return None
    total = reduce(add, operands[len(operands) // 2 :])
    one = math.isclose(math.fsum(t.data for t in targets), 1.0, rel_tol=1e-12)
    return total if one and isinstance(total, Formula) else None


def slope(derivative: Formula, as_written: Formula, definition: Formula) -> Slope:
    """Return a derivative as it is read: its formula, or what decides where it jumps."""
    jumps = [f for f in topological_order(derivative) if f.op in JUMPS]
    if not jumps:
        return Slope(short(as_written), [])
    return Slope(None, [d for jump in jumps if (d := _decision(jump, definition)) is not None])


def _decision(jump: Formula, definition: Formula) -> Decision | None:
    """Return what is compared in a jump, if that has a name, and what holds where it is equal."""
    found = jumping(definition, jump)
    if found is None or found[0].op is None:
        return None
    (node, partial), op = found, found[0].op
    others = {f for f in topological_order(partial) if isinstance(f, Hole)} - {*jump.parents}
    said = "" if others else convention(op, jump)
    sides: list[int | list[float]] = []
    for side in (*(node if said == "tie" else jump).parents, Number(0))[:2]:
        if isinstance(side, Hole):
            sides.append(side.index)
        elif isinstance(side, Number):
            sides.append([float(side)])
    of = node if said in ("tie", "kink") else slope_at_0(op)
    at = "" if said in ("", "tie") else Text()(rounded(evaluate(partial, lambda f: 0.0)))
    return Decision(sides, said, written(of), at) if len(sides) == 2 else None


def short(f: Formula) -> Written | None:
    """Return a formula in both notations, its numbers rounded, unless it is long."""
    f = replaced(f, lambda x: rounded(float(x)) if isinstance(x, Number) else None)
    return written(f) if len(_TEXT(f)) <= _LONGEST + 4 * _holes(f) else None


def _holes(f: Formula) -> int:
    return sum([isinstance(x, Hole) for x in topological_order(f)])


# What sentences are made of, whatever the operation

_A, _B, _C = map(Hole, range(3))


PIECES = {
    "derivative": written(Derivative(_A, [_B])),
    "held": written(Derivative(_A, [_B], [_C])),
    "product": written(_A * _B),
    "difference": written((_A - _B) / (2 * _C)),
    "plus": written(_A + _B),
}
"""The formulas that all pages have."""
