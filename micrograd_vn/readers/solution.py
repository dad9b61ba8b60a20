"""`explain`: the graph as a worked solution by the chain rule.

The graph between two values is cut at those that have a name. What lies between two
names is one formula, and its derivative one factor of the chain rule. A solution is put
together as a document of words and formulas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import pairwise
from operator import mul

from micrograd_vn.engine import Value, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.document import Block, Display, Document, Paragraph, Part
from micrograd_vn.formulas.tree import Equation, Formula, Number, rounded, same, to_decimals
from micrograd_vn.operators import value as a_value
from micrograd_vn.phrases import decimals_key, language
from micrograd_vn.readers.arithmetic import TINY, Quantity, product
from micrograd_vn.readers.factors import Edge, Factors
from micrograd_vn.readers.steps import Steps
from micrograd_vn.readers.unknown import Unknown
from micrograd_vn.readers.words import Words
from micrograd_vn.readers.working import Working

__all__ = ["Explanation", "explain"]

_MOST_PATHS = 4  # to be multiplied out; with more, each value has a step
_MOST_DIGITS = 17  # that a float has


class Explanation(Document):
    """A worked solution: prints as text, shows in Jupyter, and is written as LaTeX and HTML.

    Attributes
    ----------
    results : tuple of Equation
        The derivatives that are asked for, with the numbers that it ends with.
    """

    def __init__(self, blocks: Iterable[Block], results: Iterable[Equation]) -> None:
        super().__init__(blocks)
        self.results = tuple(results)


def explain(
    output: Value,
    wrt: Value | Sequence[Value],
    *,
    given: float | None = None,
    loss: str = "L",
    using: Iterable[Value] = (),
    known: Iterable[Value] | None = None,
    found: Iterable[Value] = (),
    decimals: int | None = None,
    forward: bool = False,
    lang: str | None = None,
    digits: int = 4,
) -> Explanation:
    """Return how one finds the derivative of `output` with respect to `wrt` by hand.

    Parameters
    ----------
    output, wrt
        The values. Those with a label between them are the steps of the chain rule;
        those without are folded into formulas. Of a list, each derivative is found, in one
        pass back from the output.
    given
        If given, the derivative of `loss` with respect to `wrt`. The solution then
        solves for the unknown factor, that of `loss` with respect to `output`.
    loss
        The name of a quantity beyond `output`, for `given`.
    using
        Further values with labels, by whose names formulas may be written: such as the
        outputs of softmax, in the derivative of the cross-entropy.
    known
        All values whose numbers are given; the leaves unless given. What else is needed is
        computed before it is put in.
    found
        Values computed from what is given, each with the label of a leaf that is not given:
        that is how its number is found.
    decimals
        How many the result has; `digits` significant ones unless given.
    forward
        Whether all values are computed first, and not only those that are needed.
    lang
        ``"vi"`` or ``"en"``.
    digits
        Significant digits of each number, from 1 to 15. All have more where so few would not
        give the right result.

    Raises
    ------
    TypeError
        `output` or `wrt` is not a `Value`, or a rule decides by the data.
    ValueError
        `lang` or `digits` is out of range, two values have the same label, the graph
        between the two is too large to be read, `given` leaves the unknown factor
        undetermined, or a number is needed that is neither known nor found.

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
    • z = w·x = 0.5·3.0 = 1.5, so ∂z/∂w = x = 3.0
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
    goals = [wrt] if isinstance(wrt, Value) or not isinstance(wrt, Sequence) else list(wrt)
    for name, value in (("output", output), *[("wrt", x) for x in goals]):
        a_value("explain", name, value)
    lang = language(lang)
    if not isinstance(digits, int) or digits not in range(1, 16):
        raise ValueError(message("digits", "explain", 15, digits))
    if not goals or (given is not None and len(goals) > 1):
        raise ValueError(message("one or several"))
    factors = Factors(output, goals, tuple(using), digits)
    if given is not None and loss in factors.labels:
        raise ValueError(message("loss named", repr(loss)))
    givens, sources = None if known is None else set(known), list(found)
    for computed_with in range(digits, _MOST_DIGITS + 1):
        working = Working(factors.outline, givens, sources, digits, computed_with)
        words = Words(lang)
        unknown = None if given is None else Unknown(factors, working, words, float(given), loss)
        solution = _Solution(factors, working, words, unknown, decimals)
        blocks = solution.blocks(forward)
        if working.arithmetic.agrees:
            break
    return Explanation(blocks, solution.results)


class _Solution:
    """A solution, in the form that suits the paths of the chain rule."""

    def __init__(
        self,
        factors: Factors,
        working: Working,
        words: Words,
        unknown: Unknown | None,
        decimals: int | None,
    ) -> None:
        self.factors, self.working, self.words = factors, working, words
        self.unknown, self.decimals = unknown, decimals
        self.output, self.wrt = factors.output, factors.wrt
        self.steps = Steps(factors, working, words)
        self.results: list[Equation] = []
        self.inline: set[Value] = set()  # those whose numbers the steps say themselves

    # The whole

    def blocks(self, forward: bool) -> list[Block]:
        """Return the solution: what is asked, the forward pass, the chain rule, the results."""
        words, factors = self.words, self.factors
        symbols = [factors.by_output(x) for x in self.wrt]
        asked = words.paragraph("find", words.listed(symbols, words.phrases["and"]))
        if self.unknown is not None:
            asked = self.unknown.asked()
        apart = [x for x in self.wrt if not {x, self.output}.issubset(factors.steps)]
        body: list[Block] = []
        if len(apart) < len(self.wrt):
            body = self.body(forward)
        for x in apart:
            names = factors.names[self.output], factors.names[x]
            body.append(words.paragraph("independent", *names))
        return [asked, *self.notes(), *self.forward_pass(forward), *body, self.ending()]

    def body(self, forward: bool) -> list[Block]:
        """Return the chain rule, in the form that suits its paths."""
        paths = self.factors.paths(_MOST_PATHS) if len(self.wrt) == 1 else None
        if self.output in set(self.wrt) and len(self.wrt) == 1:
            symbol = self.factors.by_output(self.output)
            self.steps.known[self.output] = Quantity(Number(1), exact=True)
            if self.unknown is None:
                return [Display(((Equation(symbol, Number(1)), ()),))]
        if paths is not None and len(paths) == 1:
            return self.by_one_path(paths[0], forward)
        blocks = self.steps.backwards() if paths is None else self.steps.by_paths(paths)
        if self.unknown is not None:
            unknown, symbol = self.unknown, self.factors.by_output(self.wrt[0])
            whole = Equation(unknown.left, unknown.goal * symbol)
            solved = unknown.solved(symbol, True, self.steps.known[self.wrt[0]])
            rule = self.words.paragraph("chain rule")
            after = blocks if paths is None else blocks[1:]
            blocks = [rule, Display(((whole, ()),)), *after, *solved]
        return blocks

    def notes(self) -> list[Block]:
        """Return what has to be said before: what is left out, and what a bar means."""
        words, factors = self.words, self.factors
        notes: list[Block] = [words.paragraph("labelled only")] if factors.brief else []
        for y, x in factors.edges:
            if held := factors.symbol(y, x).held:
                names = factors.names[y], factors.names[x], words.listed(held)
                notes.append(words.paragraph("held", factors.symbol(y, x), *names))
                break
        return notes

    def forward_pass(self, forward: bool) -> list[Block]:
        """Return how the values are computed that are put in but not given."""
        working, factors = self.working, self.factors
        inside = set(topological_order(self.output)) if forward else set()
        computed = [v for v in factors.names if v.op is not None and v in inside]
        if factors.brief:
            rows = [working.taken(v).equation for v in computed]
        else:
            for v in computed:
                working.quantity(v)
            rows = [line.equation for v, line in working.in_order().items() if v not in self.inline]
        if not rows:
            return []
        return [self.words.paragraph("forward"), Display(tuple((row, ()) for row in rows))]

    def ending(self) -> Paragraph:
        """Return the derivatives that are asked for, rounded."""
        self.results = [self.result(x) for x in self.wrt]
        parts: list[Part] = [self.words.phrases["result"], " ", *self.words.listed(self.results)]
        if self.decimals is not None and any(e.signs == ("≈",) for e in self.results):
            parts += self.words.said(decimals_key(self.decimals), str(self.decimals))
        return Paragraph(tuple(parts))

    def result(self, x: Value) -> Equation:
        """Return a derivative that is asked for, rounded."""
        if self.unknown is not None:
            symbol, quantity = self.unknown.goal, self.unknown.quantity
            value = self.unknown.value
        else:
            symbol = self.factors.by_output(x)
            quantity = self.steps.known.get(x, Quantity(Number(0), exact=True))
            value = self.factors.slope(x) if x in self.steps.known else 0.0
        shown = float(quantity.number)
        tiny = abs(shown - value) <= TINY
        number = self.rounded(shown if quantity.exact or tiny else value)
        if quantity.exact and shown == float(number):
            return Equation(symbol, quantity.number)
        self.working.arithmetic.agrees &= same(self.rounded(shown), number)
        return Equation(symbol, number, sign="≈")

    def rounded(self, x: float) -> Number:
        """Return a result with the digits that are asked for."""
        if self.decimals is None:
            return rounded(x, self.working.arithmetic.wanted)
        return to_decimals(x, self.decimals)

    # One path

    def by_one_path(self, path: list[Value], forward: bool) -> list[Block]:
        """Return the solution where the chain rule is one product."""
        words, steps = self.words, self.steps
        goal = self.factors.by_output(path[-1])
        edges = list(pairwise(path))
        factors = [self.factors.factor(*edge) for edge in edges]
        blocks: list[Block] = []
        if self.unknown is not None:
            equations = [steps.symbolic(edge) for edge in edges]
            rest = product([e.sides[-1] for e in reversed(equations)])
            blocks = self.unknown.solved(rest, all(e.signs == ("=",) for e in equations))
        else:
            equations = [steps.line(edge).equation for edge in edges]
            if len(edges) > 1:
                blocks = [words.paragraph("so"), self.product_of(goal, edges)]
        definitions = {value: steps.definition(value) for value, _ in edges}  # need numbers, too
        if not forward:
            definitions |= self.said_in_line(path)
        if self.unknown is None and len(edges) == 1:
            steps.known[path[-1]] = steps.line(edges[0]).quantity
            shown = () if forward and not self.factors.brief else definitions.values()
            intro: list[Block] = [Display(((d, ()),)) for d in shown if d is not None]
            return [*intro, Display(((equations[0], words.because(factors[0])),))]
        chain = self.factors.chain(path) if edges else None
        left = goal
        if self.unknown is not None:
            left = self.unknown.left
            chain = reduce(mul, [f.symbol for f in factors], self.unknown.goal)
        assert chain is not None
        whole = Display(((Equation(left, chain), ()),))
        intro = [words.paragraph(self.rule), whole, words.paragraph("where")]
        for definition, equation, factor in reversed(
            list(zip(definitions.values(), equations, factors, strict=True))
        ):
            parts: tuple[Part, ...] = (equation,)
            if definition is not None:
                parts = words.said("implies", definition, equation)
            intro.append(Paragraph((*parts, *words.because(factor)), bullet=True))
        return [*intro, *blocks]

    @property
    def rule(self) -> str:
        return "chain rule" if self.unknown is None else "use the chain rule"

    def said_in_line(self, path: Sequence[Value]) -> dict[Value, Equation]:
        """Return the numbers that are needed, for the steps to say, if they are of the path."""
        needed = set(self.working.lines)
        seen: set[Value] = set()
        for result, operand in reversed(list(pairwise(path))):
            seen.add(result)
            factor = self.factors.factor(result, operand)
            formulas = [factor.formula, *[f for pair in factor.decided for f in pair]]
            used = {v for f in formulas for v in self.working.values(f)}
            if not (used & needed) <= seen:
                return {}
        if not needed <= seen:
            return {}
        self.inline = needed
        return {v: self.working.lines[v].equation for v in needed}

    def product_of(self, goal: Formula, edges: Sequence[Edge]) -> Display:
        """Return the product of the factors."""
        terms = [[self.steps.line(edge).quantity for edge in edges]]
        value = math.prod(self.factors.factor(*edge).value for edge in edges)
        line = self.working.arithmetic.combined(goal, terms, [value], None, self.working.digits + 1)
        self.steps.known[self.wrt[0]] = line.quantity
        return Display(((line.equation, ()),))
