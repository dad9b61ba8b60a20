"""The outline: a graph cut at its names.

For each value with a name: its formula in terms of others with a name, those that it depends
on directly, and its derivative by each, as a formula and as a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial, reduce
from operator import add, mul

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.identities import WRITTEN_OUT, signed, textbook, written_out
from micrograd_vn.formulas.names import SUBSCRIPTS, derivative, indices
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import (
    Apply,
    Derivative,
    Formula,
    Meanings,
    Name,
    Number,
    differentiate,
    evaluate,
    formula_of,
    replaced,
    rounded,
    same,
    whole,
)
from micrograd_vn.operators import DerivativeLabel

_SHARED = frozenset({table.largest_op, table.excess_op})  # by the outputs of a large softmax
_SOFTMAX = frozenset({table.softmax_op, table.softmax_of_many_op})
_EXACT = 1e-12  # by how much a sum of targets that is 1 may differ from it
_LONGEST_FORMULA = 40  # of a value without a label; a longer one gets a name


class Outline:
    """A graph in terms of values with a name.

    Parameters
    ----------
    order
        The values, each after its operands.
    names
        The names of some of them, all different.
    lasting
        Whether derivatives have to hold for other numbers of the leaves too: that targets add up
        to 1 is then only taken for granted of constants.

    Attributes
    ----------
    names : dict of Value to Name
        In the order of the graph.
    premises : dict of (Value, Value) to Formula
        The sum of targets that a derivative takes for 1, of those that were asked for.
    """

    def __init__(
        self, order: Sequence[Value], names: dict[Value, Name], lasting: bool = False
    ) -> None:
        self.order, self.names, self.lasting = order, names, lasting
        self._values = {name.label: v for v, name in names.items()}
        self._formulas: dict[Value, Formula] = {}
        self._derivatives: dict[tuple[Value, Value], Formula] = {}
        self._meaning = Meanings()
        self._meant: dict[int, list[Value]] | None = None
        self.premises: dict[tuple[Value, Value], Formula] = {}

    def formula(self, value: Value) -> Formula:
        """Return how a value is computed from others with a name.

        A derivative uses the names of what its rule computes anew: 1 − o² is of o = tanh(z).
        """
        if value not in self._formulas:
            formula = formula_of(value, self.names, lambda v: Number(v.data))
            self._formulas[value] = formula
            if derivative(str(value.label)):
                others = self.names.keys() - {*topological_order(value)} | {value}
                written = textbook(replaced(formula, _mirrored))
                self._formulas[value] = self.recognised(written, others)
        return self._formulas[value]

    def operands(self, value: Value) -> list[Value]:
        """Return the values with a name on which a value depends directly, in order."""
        if value.op is None:
            return []
        used = {f for f in topological_order(self.formula(value)) if isinstance(f, Name)}
        return [v for v, name in self.names.items() if name in used]

    def derivative(self, value: Value, by: Value) -> Formula:
        """Return the derivative of a value by one that it depends on directly."""
        key = value, by
        if key not in self._derivatives:
            written = replaced(differentiate(self.formula(value), self.names[by]), whole)
            for total in self._totals(value):
                one = replaced(written, partial(_as_one, total))
                if one is not written and any(isinstance(f, Name) for f in total.parents):
                    self.premises[key] = total
                written = one
            self._derivatives[key] = written
        return self._derivatives[key]

    def _totals(self, value: Value) -> list[Formula]:
        """Return the sums of the targets of cross-entropies in a formula, where these are 1."""
        totals: list[Formula] = []
        for f in topological_order(self.formula(value)):
            if f.op is table.cross_entropy_op:
                total = reduce(add, f.parents[len(f.parents) // 2 :])
                moving = self.lasting and not all(
                    isinstance(self.value(x), Constant)
                    for x in topological_order(total)
                    if isinstance(x, Name)
                )
                if not moving and abs(self.number(total) - 1) <= _EXACT:
                    totals.append(total)
        return totals

    def value(self, name: Name) -> Value:
        """Return the value that has a name."""
        return self._values[name.label]

    def __contains__(self, name: Name) -> bool:
        return name.label in self._values

    def number(self, f: Formula) -> float:
        """Return what a formula of names is in this graph."""
        return evaluate(f, {label: v.data for label, v in self._values.items()})

    # As a person writes it

    def definition(self, value: Value) -> Formula:
        """Return the formula of a value as it is written by hand."""
        formula = self.formula(value)
        alike = {*self._alike(formula)}
        of_probabilities = replaced(formula, _cross_entropy)
        if of_probabilities is not formula:
            named = self.recognised(of_probabilities, alike)
            if not any(f.op in _SOFTMAX for f in topological_order(named)):
                return textbook(named)
        formula = replaced(formula, self._softmax_in_order)
        written = textbook(formula) if derivative(str(value.label)) else written_out(formula)
        return signed(self.recognised(written, alike))

    def with_constants(self, formula: Formula) -> Formula:
        """Return a formula with numbers for plain numbers that were given a name."""

        def number(f: Formula) -> Formula | None:
            v = self.value(f) if isinstance(f, Name) else None
            return Number(v.data) if isinstance(v, Constant) and v.label is None else None

        return textbook(replaced(formula, number))

    def _softmax_in_order(self, f: Formula) -> Formula | None:
        """Return a softmax with its denominator in the order of the graph, the same for all."""
        if f.op is not table.softmax_op:
            return None
        places = {id(name): i for i, name in enumerate(self.names.values())}
        ordered = sorted(f.parents, key=lambda x: places.get(id(x), len(places)))
        parts = [indices(x.label) if isinstance(x, Name) else None for x in ordered]
        if len({(p[0], len(p[1]), p[2]) if p else None for p in parts}) == 1 and parts[0]:
            # h₀, h₁, … stand in this order, whichever the graph came upon first.
            ordered.sort(key=lambda x: [(len(i), i) for i in (indices(str(x)) or ("", [], ""))[1]])
        total: Formula = reduce(add, map(table.exp, ordered))
        written: Formula = table.exp(f.parents[0]) / total
        return written

    def textbook(self, value: Value, derivative: Formula) -> Formula:
        """Return a derivative of a value as it is written by hand, with names where there are."""
        unnamed = {value} if value.op in WRITTEN_OUT else set()
        mirrored = replaced(derivative, _mirrored)
        named = replaced(self.recognised(mirrored, unnamed), self._softmax_in_order)
        return self.recognised(textbook(named), unnamed)

    def recognised(self, f: Formula, unnamed: set[Value]) -> Formula:
        """Return a formula with the name of each value that it computes anew, but for some."""

        def name(node: Formula) -> Formula | None:
            if node.op is None:
                return None
            return next((self.names[v] for v in self._alike(node) if v not in unnamed), None)

        return replaced(f, name)

    def _alike(self, f: Formula) -> Sequence[Value]:
        """Return the values that are computed as a formula says, in order."""
        if self._meant is None:
            self._meant = {}  # while it is filled, a derivative finds what is before it
            for v in self.names:
                if v.op is not None:
                    self._meant.setdefault(self._meaning(self.formula(v)), []).append(v)
        return self._meant.get(self._meaning(f), ())


def partial_derivative(
    names: Mapping[Value, Formula], value: Value, operands: Iterable[Value], x: Value
) -> Derivative:
    """Return ∂value/∂x; a bar before what is held tells it from the whole derivative."""
    others = {id(p): p for p in operands if p is not x}.values()
    held = [names[p] for p in others if p.op is not None and x in {*topological_order(p)}]
    return Derivative(names[value], [names[x]], held)


def _as_one(total: Formula, f: Formula) -> Formula | None:
    """Return 1 for what a sum of targets is."""
    return Number(1) if same(f, total) else None


def _mirrored(f: Formula) -> Formula | None:
    """Return 1 − σ(−z) for σ(−(−z)), as −z is what there is a name for."""
    if f.op is table.sigmoid and f.parents[0].op is table.neg:
        inner = f.parents[0].parents[0]
        return 1 - table.sigmoid(inner) if inner.op is table.neg else None
    return None


def _cross_entropy(f: Formula) -> Formula | None:
    """Return a cross-entropy as that of probabilities: −(y₀·ln ŷ₀ + y₁·ln ŷ₁)."""
    if f.op is not table.cross_entropy_op:
        return None
    n = len(f.parents) // 2
    logarithms = [table.log(whole(p)) for p in table.softmaxes(f.parents[:n])]
    total: Formula = reduce(add, map(mul, f.parents[n:], logarithms))
    return -total


def short_names(
    order: Iterable[Value],
    ends: set[Value],
    digits: int,
    *,
    fold: bool,
    plain: Iterable[Value] = (),
    called: Mapping[Value, str] | None = None,
) -> dict[Value, Name]:
    """Return the names of values: their labels, and short ones where they are needed.

    Parameters
    ----------
    order
        The values, each after its operands.
    ends
        Those that get a name in any case.
    digits
        How many digits constants in a formula have.
    fold
        Whether values whose formula would be long, and weighted sums, get a name.
    plain
        Values that are written out in spite of their label.
    called
        Names for values without a label; a short one where that is empty.

    Raises
    ------
    ValueError
        Two values have one label.
    """
    order, unnamed, called = list(order), set(plain) - ends, called or {}
    labels, taken = list[str](), set[str]()
    for v in order:
        if v.label is not None and isinstance(v.label, DerivativeLabel) and v.label in taken:
            unnamed.add(v)  # the same derivative, asked for once more
        elif v.label is not None:
            labels.append(v.label)
            taken.add(v.label)
    if len(taken) < len(labels):
        same_ = min(label for label in taken if labels.count(label) > 1)
        raise ValueError(message("same label", labels.count(same_), repr(same_)))
    taken.update(called.values())
    text = Text()
    names: dict[Value, Name] = {}
    formulas: dict[Value, Formula] = {}
    count = 0
    for value in order:
        label = None if value in unnamed else value.label
        if label is None:
            label = called.get(value) or None
        if label is None and value not in ends and value not in called:
            if isinstance(value, Constant):
                formulas[value] = rounded(value.data, digits)
                continue
            if value.op is not None and not fold:
                continue
            if value.op is not None:
                formulas[value] = whole(Apply(value.op, *[formulas[x] for x in value.parents]))
                short = len(text(formulas[value])) <= _LONGEST_FORMULA
                if value.op in _SHARED or (short and value.op is not table.dot_op):
                    continue
        if label is None and value in ends and value.op is not None and "f" not in taken:
            label = "f"
            taken.add(label)
        while label is None:
            count += 1
            label = f"u{str(count).translate(SUBSCRIPTS)}"
            label = None if label in taken else label
        names[value] = formulas[value] = Name(label)
    return names


def outline(*roots: Value) -> Outline:
    """Return the outline of a graph at its labels.

    Examples
    --------
    >>> x, w = Value(3.0, "x"), Value(0.5, "w")
    >>> z = (w * x).named("z")
    >>> y = (z**2 + 1).named("y")
    >>> cut = outline(y)
    >>> cut.formula(y), [str(name) for name in map(cut.names.get, cut.operands(y))]
    (z² + 1, ['z'])
    >>> cut.textbook(y, cut.derivative(y, z)), cut.number(cut.derivative(y, z))
    (2·z, 3.0)
    """
    order = topological_order(*roots)
    return Outline(order, short_names(order, set(roots), 4, fold=False))
