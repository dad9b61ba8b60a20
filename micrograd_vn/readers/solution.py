"""`explain`: the graph as a worked solution by the chain rule.

The graph between two values is cut at those that have a name. What lies between two
names is one formula, and its derivative one factor of the chain rule. A solution is put
together as a document of words and formulas; that every equality in it holds to the digits
shown is seen to on the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import pairwise
from operator import add, mul
from typing import NamedTuple

from micrograd_vn.engine import Value
from micrograd_vn.formulas.document import Block, Display, Document, Paragraph, Part
from micrograd_vn.formulas.phrases import LANGUAGES, phrases
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Equation, Formula, Name, Number, rounded
from micrograd_vn.readers.factors import Factor, Factors, fewest_digits, gives, product, products

__all__ = ["Explanation", "explain"]

_LONGEST_DEFINITION = 60
_MOST_PATHS = 4  # to be multiplied out; with more, each value has a step


class Explanation(Document):
    """A worked solution: prints as text, shows in Jupyter, and is written as LaTeX and HTML."""


def explain(
    output: Value,
    wrt: Value,
    *,
    given: float | None = None,
    loss: str = "L",
    using: Iterable[Value] = (),
    lang: str = "vi",
    digits: int = 4,
) -> Explanation:
    """Return how one finds the derivative of `output` with respect to `wrt` by hand.

    Parameters
    ----------
    output, wrt
        The values. Those with a label between them are the steps of the chain rule;
        those without are folded into formulas.
    given
        If given, the derivative of `loss` with respect to `wrt`. The solution then
        solves for the unknown factor, that of `loss` with respect to `output`.
    loss
        The name of a quantity beyond `output`, for `given`.
    using
        Further values with labels, by whose names formulas may be written: such as the
        outputs of softmax, in the derivative of the cross-entropy.
    lang
        ``"vi"`` or ``"en"``.
    digits
        Significant digits of each number, from 1 to 15. Where rounded numbers would not
        give the rounded result, they are shown with more.

    Raises
    ------
    TypeError
        `output` or `wrt` is not a `Value`, or a rule decides by the data.
    ValueError
        `lang` or `digits` is out of range, two values have the same label, the graph
        between the two is too large to be read, or `given` leaves the unknown factor
        undetermined.

    Examples
    --------
    >>> w, x = Value(0.5, "w"), Value(3.0, "x")
    >>> z = (w * x).named("z")
    >>> y = (z**2).named("y")
    >>> print(explain(y, w, lang="en"))
    Find ∂y/∂w.
    <BLANKLINE>
    By the chain rule:
    <BLANKLINE>
        ∂y/∂w = ∂y/∂z · ∂z/∂w
    <BLANKLINE>
    Here:
    <BLANKLINE>
    • z = w·x, so ∂z/∂w = x = 3.0
    <BLANKLINE>
    • y = z², so ∂y/∂z = 2·z = 2·1.5 = 3
    <BLANKLINE>
    Therefore:
    <BLANKLINE>
        ∂y/∂w = 3·3.0 = 9
    <BLANKLINE>
    Result: ∂y/∂w = 9
    <BLANKLINE>
    """
    for name, value in (("output", output), ("wrt", wrt)):
        if not isinstance(value, Value):
            kind = type(value).__name__
            raise TypeError(f"explain: {name} must be a Value, not {kind} {value!r}")
    if lang not in LANGUAGES:
        raise ValueError(f"explain: lang is 'vi' or 'en', not {lang!r}")
    if not isinstance(digits, int) or digits not in range(1, 16):
        raise ValueError(f"explain: digits is a whole number from 1 to 15, not {digits}")
    unknown = None if given is None else Unknown(float(given), Name(loss))
    factors = Factors(output, wrt, tuple(using), digits)
    if unknown is not None and loss in factors.labels:
        raise ValueError(
            f"explain: a value is called {loss!r} as the quantity beyond the output is; "
            "give that another name, such as loss='E'"
        )
    return Explanation(_Solution(factors, unknown, lang).blocks())


class Unknown(NamedTuple):
    """The derivative of a quantity beyond the output, by which the unknown factor is found."""

    given: float
    loss: Name


class _Words:
    """What a solution says around its formulas, in one language."""

    def __init__(self, factors: Factors, lang: str) -> None:
        self.factors, self.phrases = factors, phrases("solution", lang)

    def said(self, phrase: str, *gaps: Part | Sequence[Part]) -> tuple[Part, ...]:
        """Return a phrase with formulas in its gaps."""
        first, *texts = self.phrases[phrase].split("{}")
        parts: list[Part] = [first]
        for gap, text in zip(gaps, texts, strict=True):
            parts += [gap] if isinstance(gap, (str, Formula, Equation)) else gap
            parts.append(text)
        return tuple(part for part in parts if not isinstance(part, str) or part)

    def because(self, factor: Factor) -> tuple[Part, ...]:
        """Return a remark that gives the reasons."""
        return self.said("because", listed(factor.reasons, ", ")) if factor.reasons else ()

    def display(self, factors: Iterable[Factor]) -> Display:
        """Return equations one below the other."""
        return Display(tuple((f.equation, self.because(f)) for f in factors))

    def definition(self, value: Value) -> Equation | None:
        """Return what a value is in terms of others, unless that is long."""
        if self.factors.brief:
            return None
        written = self.factors.outline.definition(value)
        short = len(Text()(written)) <= _LONGEST_DEFINITION
        return Equation(self.factors.names[value], written) if short else None

    def step(
        self, step: int, symbols: Sequence[Formula], definitions: Iterable[Equation | None]
    ) -> Paragraph:
        """Return the heading of a step: what is computed, and from what."""
        parts = [f"({step}) ", *self.said("compute", listed(symbols, self.phrases["and"]))]
        if known := [d for d in definitions if d is not None]:
            parts += self.said("with", listed(known, ", "))
        return Paragraph((*parts, ":"))


class _Solution:
    """A solution, in the form that suits the paths of the chain rule."""

    def __init__(self, factors: Factors, unknown: Unknown | None, lang: str) -> None:
        self.factors, self.unknown, self.words = factors, unknown, _Words(factors, lang)
        self.output, self.wrt = factors.output, factors.wrt
        self.steps, self.operands, self.digits = factors.steps, factors.operands, factors.digits

    def by_loss(self, value: Value) -> Derivative:
        """Return the derivative of the quantity beyond the output."""
        assert self.unknown is not None
        return Derivative(self.unknown.loss, [self.factors.names[value]])

    def blocks(self) -> list[Block]:
        """Return the solution, in the form that suits the paths of the chain rule."""
        answer = self.answer()
        if not {self.wrt, self.output}.issubset(self.steps):
            return self.independent()
        goal = self.factors.by_output(self.wrt)
        if self.wrt is self.output:
            equation = Equation(goal, Number(1)), ()
            return [Paragraph(self.words.said("find", goal)), Display((equation,))]
        if self.unknown is None:
            blocks = [Paragraph(self.words.said("find", goal))]
        else:
            goal = self.by_loss(self.output)
            given = Equation(self.by_loss(self.wrt), rounded(self.unknown.given, self.digits + 1))
            blocks = [Paragraph(self.words.said("given", goal, given))]
        if self.factors.brief:
            blocks.append(Paragraph(self.words.said("labelled only")))
        if any(self.factors.edge(v, x).held for v in self.operands for x in self.operands[v]):
            y, x, h = map(Name, "yxh")
            blocks.append(Paragraph(self.words.said("held", Derivative(y, [x], [h]), y, x, h)))
        paths = self.paths()
        rest = (
            self.by_steps()
            if paths is None
            else self.by_one_path(paths[0], goal)
            if len(paths) == 1
            else self.by_paths(paths)
        )
        result = Equation(goal, rounded(answer, self.digits))
        return [*blocks, *rest, Paragraph((self.words.phrases["result"] + " ", result))]

    def answer(self) -> float:
        """Return the number asked for, from the graph itself."""
        slope = self.slope()
        if self.unknown is None:
            return slope
        if slope == 0:
            raise ValueError(
                f"explain: the derivative of the output with respect to {self.wrt!r} is 0, "
                f"so the given {self.unknown.given!r} leaves the unknown factor undetermined"
            )
        return self.unknown.given / slope

    def slope(self) -> float:
        """Return the derivative of the output with respect to wrt."""
        return self.factors.slope()

    def independent(self) -> list[Block]:
        """Return why the derivative is 0."""
        symbol = self.factors.by_output(self.wrt)
        return [
            Paragraph(self.words.said("find", symbol)),
            Paragraph(self.words.said("independent", symbol.of, *symbol.by)),
            Paragraph((self.words.phrases["result"] + " ", Equation(symbol, Number(0)))),
        ]

    def paths(self) -> list[list[Value]] | None:
        """Return the paths from the output to wrt, or None if there are too many."""
        counts = {self.wrt: 1}
        for v, operands in self.operands.items():
            counts[v] = sum(counts[x] for x in operands)
        if counts[self.output] > _MOST_PATHS:
            return None
        complete: list[list[Value]] = []
        stack = [[self.output]]
        while stack:
            path = stack.pop()
            if path[-1] is self.wrt:
                complete.append(path)
            else:
                stack += [[*path, x] for x in reversed(self.operands[path[-1]])]
        return complete

    def chain(self, path: Sequence[Value]) -> Formula:
        """Return the product of derivatives along a path, in symbols."""
        return reduce(mul, [self.factors.edge(a, b) for a, b in pairwise(path)])

    def by_one_path(self, path: list[Value], goal: Formula) -> list[Block]:
        """Return the solution where the chain rule is one product."""
        edges = list(pairwise(path))
        factors = [self.factors.factor(*edge) for edge in edges]
        if self.unknown is None and len(edges) == 1:
            definition = self.words.definition(path[0])
            intro = [Display(((definition, ()),))] if definition else []
            return [*intro, self.words.display(factors)]
        left, chain = goal, self.chain(path)
        if self.unknown is not None:
            left = self.by_loss(self.wrt)
            chain = reduce(mul, [self.factors.edge(a, b) for a, b in edges], goal)
        blocks: list[Block] = [
            Paragraph(self.words.said("chain rule")),
            Display(((Equation(left, chain), ()),)),
            Paragraph(self.words.said("where")),
        ]
        for (result, _), factor in reversed(list(zip(edges, factors, strict=True))):
            definition = self.words.definition(result)
            line: tuple[Part, ...] = (factor.equation, *self.words.because(factor))
            if definition is not None:
                line = (*self.words.said("implies", definition, factor.equation), *line[1:])
            blocks.append(Paragraph(line, bullet=True))
        if self.unknown is not None:
            return [*blocks, *self.solved(factors)]
        sides = products([factors], self.digits)
        return [*blocks, Paragraph(self.words.said("so")), Display(((Equation(goal, *sides), ()),))]

    def solved(self, factors: Sequence[Factor]) -> list[Block]:
        """Return how the unknown factor follows from the left side and the others."""
        assert self.unknown is not None
        left, goal, given = self.by_loss(self.wrt), self.by_loss(self.output), self.unknown.given
        answer, digits = self.answer(), self.digits
        shown = rounded(answer, digits)  # as the result, which may not contradict this line
        finer = next(d for d in range(digits + 1, 18) if gives(rounded(answer, d), shown, digits))
        final = rounded(answer, finer)
        rest = product([f.equation.sides[1] for f in reversed(factors)])

        def quotient(d: int) -> Formula:
            numbers = [f.shown if d == digits else rounded(f.value, d) for f in reversed(factors)]
            return rounded(given, d) / product(numbers)

        numeric = fewest_digits(self.digits, quotient, lambda f: gives(f, final, finer))
        sides = [final] if numeric is None else [numeric, final]
        return [
            Paragraph(self.words.said("so")),
            Display(((Equation(left, goal * rest), ()),)),
            Paragraph(self.words.said("hence")),
            Display(((Equation(goal, left / rest), ()),)),
            Paragraph(self.words.said("put in")),
            Display(((Equation(goal, *sides), ()),)),
        ]

    def by_paths(self, paths: list[list[Value]]) -> list[Block]:
        """Return the solution where the chain rule is a sum over a few paths."""
        symbol = self.factors.by_output(self.wrt)
        whole = Equation(symbol, reduce(add, map(self.chain, paths)))
        blocks: list[Block] = [Paragraph(self.words.said("chain rule")), Display(((whole, ()),))]
        depth = {self.output: 0}
        for v in reversed(self.steps):
            for x in self.operands.get(v, []):
                depth[x] = max(depth.get(x, 0), depth[v] + 1)
        edges = {edge: None for path in paths for edge in pairwise(path)}
        levels = sorted({depth[a] for a, _ in edges})
        for step, level in enumerate(levels, start=1):
            here = [edge for edge in edges if depth[edge[0]] == level]
            definitions = [self.words.definition(v) for v in {a: None for a, _ in here}]
            blocks.append(self.words.step(step, [self.factors.edge(*e) for e in here], definitions))
            blocks.append(self.words.display([self.factors.factor(*edge) for edge in here]))
        blocks.append(Paragraph((f"({len(levels) + 1}) {self.words.phrases['combine']}",)))
        factors = [[self.factors.factor(*edge) for edge in pairwise(path)] for path in paths]
        sides = products(factors, self.digits)
        blocks.append(Display(((Equation(symbol, *sides), ()),)))
        if self.unknown is not None:
            blocks += self.solved([Factor(Equation(symbol, symbol), [], sides[-1], self.slope())])
        return blocks

    def by_steps(self) -> list[Block]:
        """Return the solution where each value with a name has a step of its own."""
        known: dict[Value, Factor] = {}
        number_of_step: dict[Value, int] = {}
        blocks: list[Block] = [Paragraph(self.words.said("chain rule"))]
        for step, v in enumerate(reversed(self.steps[:-1]), start=1):
            users = [u for u in self.steps if v in set(self.operands.get(u, []))]
            symbol = self.factors.by_output(v)
            factors = [self.factors.factor(u, v) for u in users]
            blocks.append(
                self.words.step(step, [symbol], [self.words.definition(u) for u in users])
            )
            lines = [(f.equation, self.words.because(f)) for f in factors]
            terms = [
                [f] if u is self.output else [known[u], f]
                for u, f in zip(users, factors, strict=True)
            ]
            value = sum(math.prod(f.value for f in term) for term in terms)
            if len(users) > 1 or users[0] is not self.output:
                formula = reduce(add, [product([f.equation.sides[0] for f in t]) for t in terms])
                equation = Equation(symbol, formula, *products(terms, self.digits))
                steps = sorted(number_of_step[u] for u in users if u is not self.output)
                by_step = self.words.phrases["by step"].format(", ".join(f"({s})" for s in steps))
                lines.append((equation, (by_step,)))
            known[v] = Factor(Equation(symbol), [], rounded(value, self.digits), value)
            number_of_step[v] = step
            blocks.append(Display(tuple(lines)))
        if self.unknown is not None:
            symbol = self.factors.by_output(self.wrt)
            shown = rounded(self.slope(), self.digits)
            blocks += self.solved([Factor(Equation(symbol, symbol), [], shown, self.slope())])
        return blocks


def listed(parts: Sequence[Part], last: str) -> list[Part]:
    """Return parts with commas between them, and `last` before the last."""
    separated: list[Part] = []
    for i, part in enumerate(parts):
        if i:
            separated.append(last if i == len(parts) - 1 else ", ")
        separated.append(part)
    return separated
