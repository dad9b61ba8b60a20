"""Numbers without rounding: whether a formula is exactly the number that is shown.

Fractions go through the operations' own forward functions: what is arithmetic stays exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Op, Value, topological_order
from micrograd_vn.formulas.tree import Formula, Number

Exact: TypeAlias = "Fraction | float"  # a float is rounded

_POWERS = (table.power, table.power_slope)  # the fraction 9⁻⁹⁹⁹⁹⁹⁹⁹⁹⁹ has no end
_FEW = 10  # digits: with so few, what a function gives is exact, as √9, e⁰ and σ(0) are
_LARGEST = 1e15
NOISE = 1e-14  # of the terms that cancel: what rounding leaves of 0
_LONGEST = 400  # bits of a fraction; a longer one is rounded


def exactly(f: Formula, at: Callable[[Formula], Exact] = float) -> Exact:
    """Return the number that a formula stands for: a fraction where that is exact.

    What rounding leaves of a sum that is 0 is 0.

    Examples
    --------
    >>> x = Number(0.1)
    >>> exactly(x * 3), exactly(table.exp(x))
    (Fraction(3, 10), 1.1051709180756477)
    """
    return _sized(f, at)[0]


def exact_numbers(order: Iterable[Value]) -> dict[Value, Exact]:
    """Return the numbers of values, each after its operands, from those of leaves as written.

    Examples
    --------
    >>> z = Value(0.1) * 3 - 0.3
    >>> z.data == 0, exact_numbers(topological_order(z))[z]
    (False, Fraction(0, 1))
    """
    numbers: dict[Value, Exact] = {}
    for v in order:
        if v.op is None:
            numbers[v] = Fraction(repr(v.data)) if math.isfinite(v.data) else v.data
        else:
            x = _applied(v.op, [numbers[operand] for operand in v.parents])
            short = isinstance(x, Fraction) and x.denominator.bit_length() <= _LONGEST
            numbers[v] = x if short else float(x)
    return numbers


def noise(f: Formula) -> float:
    """Return what binary rounding may add to a sum of numbers."""
    return NOISE * _sized(f, float)[1]


def settled(total: float, size: float) -> float:
    """Return a sum of terms that are so large without their signs; 0 if it is what rounding leaves.

    Examples
    --------
    >>> settled(0.1 + 0.2 - 0.3, 0.6), settled(1e-9, 0.6)
    (0.0, 1e-09)
    """
    return 0.0 if abs(total) <= NOISE * size else total


def _sized(f: Formula, at: Callable[[Formula], Exact]) -> tuple[Exact, float]:
    """Return the number of a formula, and what its terms add up to without their signs."""
    numbers: dict[Formula, Exact] = {}
    sizes: dict[Formula, float] = {}
    for node in topological_order(f):
        operands = [numbers[x] for x in node.parents]
        if node.op is None:
            numbers[node] = fraction(node) if isinstance(node, Number) else at(node)
        else:
            numbers[node] = _applied(node.op, operands)
        sizes[node] = abs(float(numbers[node]))
        if node.op in (table.add, table.sub):
            sizes[node] = sum([sizes[x] for x in node.parents])
            if isinstance(number := numbers[node], float):
                numbers[node] = settled(number, sizes[node])
        elif node.op is table.mul:
            sizes[node] = sizes[node.parents[0]] * sizes[node.parents[1]]
    return numbers[f], sizes[f]


def fraction(x: Number) -> Exact:
    """Return a number with all the digits that are shown."""
    return Fraction(x.shown) if x.shown.is_finite() else float(x)


def agree(x: Exact, y: Exact) -> bool:
    """Whether two numbers are known to be exactly equal."""
    return isinstance(x, Fraction) and isinstance(y, Fraction) and x == y


def _applied(op: Op, operands: Sequence[Exact]) -> Exact:
    """Return the result of an operation: a fraction where it is one of fractions."""
    floats = [float(x) for x in operands]
    rounded = float(op(*floats))
    if not all(isinstance(x, Fraction) for x in operands) or not abs(rounded) < _LARGEST:
        return rounded
    y = operands[-1]
    if op is table.power and isinstance(y, Fraction) and y.denominator == 1 and abs(y) <= 20:
        power: Any = operands[0] ** int(y)
        return Fraction(power)
    result: Any = rounded
    if op not in _POWERS:
        with suppress(TypeError, AttributeError):  # it is one of floats
            result = op.forward(*operands)
    if isinstance(result, (int, Fraction)):
        return Fraction(result)
    digits = Decimal(repr(rounded)).normalize()
    return Fraction(digits) if len(digits.as_tuple().digits) <= _FEW else rounded
