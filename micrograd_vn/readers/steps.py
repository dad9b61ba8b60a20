"""The steps of a solution with several paths: by paths, or back from the output."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import pairwise
from operator import add

from micrograd_vn.engine import Constant, Value
from micrograd_vn.formulas.document import Block, Display, Paragraph, Part
from micrograd_vn.formulas.general import general
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Equation
from micrograd_vn.readers.arithmetic import Line, Quantity, total
from micrograd_vn.readers.factors import Edge, Factor, Factors
from micrograd_vn.readers.words import Words, shared_formula
from micrograd_vn.readers.working import Working

_LONGEST_DEFINITION = 60


class Steps:
    """Numbered steps, from the output back, and the numbers found in them."""

    def __init__(self, factors: Factors, working: Working, words: Words) -> None:
        self.factors, self.working, self.words = factors, working, words
        self.output = factors.output
        self.known: dict[Value, Quantity] = {}  # the derivatives of the output
        self._lines: dict[tuple[Edge, bool], Line] = {}
        self._defined: set[Value] = set()

    # Pieces

    def line(self, edge: Edge, *, names: bool = True) -> Line:
        """Return the equation of a factor with its numbers."""
        key = edge, names
        if key not in self._lines:
            factor, working = self.factors.factor(*edge), self.working
            if self.factors.brief:
                number = working.arithmetic.in_digits(factor.value)
                equation = Equation(factor.symbol, number.number, sign="=" if number.exact else "≈")
                self._lines[key] = Line(equation, number)
            else:
                self.see_reasons(factor)
                self._lines[key] = working.line(
                    factor.symbol, factor.formula, factor.value, names=names
                )
        return self._lines[key]

    def symbolic(self, edge: Edge) -> Equation:
        """Return the equation of a factor without numbers."""
        factor = self.factors.factor(*edge)
        self.see_reasons(factor)
        formula, exact = self.working.constants(factor.formula)
        return Equation(factor.symbol, formula, sign="=" if exact else "≈")

    def see_reasons(self, factor: Factor) -> None:
        """Let the numbers be computed that reasons are about, such as that of z in z > 0."""
        for a, b in factor.decided:
            (x, _), (y, _) = map(self.working.put_in, (a, b))
            self.working.arithmetic.compare_order(x, y, self.factors.outline.number(a - b))

    def definition(self, value: Value) -> Equation | None:
        """Return what a value is in terms of others, unless that is long."""
        if self.factors.brief:
            return None
        definition = self.factors.outline.definition(value)
        for written in (definition, self.factors.outline.with_constants(definition)):
            if len(Text()(written)) <= _LONGEST_DEFINITION:
                for v in self.factors.outputs.intersection(self.working.values(written)):
                    self.working.quantity(v)  # so that what it is has been said before
                formula, exact = self.working.constants(written)
                return Equation(self.factors.names[value], formula, sign="=" if exact else "≈")
        return None

    def definitions(self, values: Iterable[Value]) -> list[Equation]:
        """Return what values are that was not said before."""
        new = [v for v in dict.fromkeys(values) if v not in self._defined]
        self._defined.update(new)
        return [d for d in map(self.definition, new) if d is not None]

    def local(self, edges: Sequence[Edge]) -> list[Block]:
        """Return the factors of a step."""
        factors = [self.factors.factor(*edge) for edge in edges]
        shared = None if self.factors.brief else shared_formula(factors)
        lines = [self.line(edge, names=shared is None) for edge in edges]
        return self.words.instances(factors, lines, self.targets(factors), shared)

    def targets(self, factors: Sequence[Factor]) -> list[Equation]:
        """Return the named constants in formulas, with their numbers: y₀ = 1."""
        values = [v for f in factors for v in self.working.values(f.formula)]
        return [
            Equation(self.factors.names[v], self.working.quantity(v).number)
            for v in dict.fromkeys(values)
            if isinstance(v, Constant)
        ]

    # By paths

    def by_paths(self, paths: list[list[Value]]) -> list[Block]:
        """Return the solution where the chain rule is a sum over a few paths."""
        factors, words = self.factors, self.words
        symbol, depth = factors.by_output(paths[0][-1]), factors.depths()
        whole = Equation(symbol, reduce(add, map(factors.chain, paths)))
        blocks: list[Block] = [words.paragraph("chain rule"), Display(((whole, ()),))]
        edges = {edge: None for path in paths for edge in pairwise(path)}
        levels = sorted({depth[a] for a, _ in edges})
        for step, level in enumerate(levels, start=1):
            here = [edge for edge in edges if depth[edge[0]] == level]
            symbols = [factors.factor(*edge).symbol for edge in here]
            blocks.append(words.step(step, symbols, self.definitions(a for a, _ in here)))
            blocks += self.local(here)
        blocks.append(Paragraph((f"({len(levels) + 1}) {words.phrases['combine']}",)))
        terms = [[self.line(edge).quantity for edge in pairwise(path)] for path in paths]
        values = [
            math.prod(factors.factor(*edge).value for edge in pairwise(path)) for path in paths
        ]
        more = self.working.digits + 1
        line = self.working.arithmetic.combined(symbol, terms, values, None, more)
        self.known[paths[0][-1]] = line.quantity
        return [*blocks, Display(((line.equation, ()),))]

    # Back from the output

    def backwards(self) -> list[Block]:
        """Return backpropagation: each derivative of the output once, from those before it."""
        factors, words = self.factors, self.words
        values = {self.output: 1.0}
        number_of_step: dict[Value, int] = {}
        blocks: list[Block] = []
        for step, family in enumerate(self.families(), start=1):
            users = {v: factors.users(v) for v in family}
            edges = [(u, v) for v in family for u in users[v]]
            symbols = [factors.by_output(v) for v in family]
            blocks.append(words.step(step, symbols, self.definitions(u for u, _ in edges)))
            blocks += self.local(edges)
            direct = all(u is self.output for u, _ in edges)
            shared = None if direct else self.shared_chain(family)
            sums: list[tuple[Equation, tuple[Part, ...]]] = []
            for v in family:
                number_of_step[v] = step
                values[v] = total([factors.factor(u, v).value * values[u] for u in users[v]])
                if all(u is self.output for u in users[v]):
                    self.known[v] = self.line((self.output, v)).quantity
                    continue
                names = shared is None
                sums.append(self.summed(v, users[v], values, number_of_step, names=names))
            if shared is not None:
                blocks += [Display(((shared, sums[0][1]),)), words.paragraph("namely")]
                sums = [(equation, ()) for equation, _ in sums]
            if sums:
                blocks.append(Display(tuple(sums)))
        chained = any(u is not self.output for v in number_of_step for u in factors.users(v))
        return [words.paragraph("backwards"), *blocks] if chained else blocks

    def summed(
        self,
        v: Value,
        users: Sequence[Value],
        values: dict[Value, float],
        number_of_step: dict[Value, int],
        *,
        names: bool,
    ) -> tuple[Equation, tuple[Part, ...]]:
        """Return ∂L/∂v as the sum over what v is used in, by the steps before."""
        terms: list[list[Quantity]] = []
        numbers: list[float] = []
        for u in users:
            factor, quantity = self.factors.factor(u, v), self.line((u, v)).quantity
            direct = u is self.output
            terms.append([quantity] if direct else [self.known[u], quantity])
            numbers.append(factor.value * values[u])
        left = self.factors.by_output(v)
        chain = reduce(add, self.factors.terms(v)) if names else None
        line = self.working.arithmetic.combined(left, terms, numbers, chain, self.working.digits)
        self.known[v] = line.quantity
        steps = sorted({number_of_step[u] for u in users if u is not self.output})
        said = self.words.said("by step", ", ".join(f"({s})" for s in steps))
        return line.equation, said

    def shared_chain(self, family: Sequence[Value]) -> Equation | None:
        """Return what the sums of a step have in common: ∂L/∂wᵢ = ∂L/∂hᵢ · ∂hᵢ/∂wᵢ."""
        if len(family) < 2:
            return None
        factors = self.factors
        pairs = [[factors.by_output(v), reduce(add, factors.terms(v))] for v in family]
        shared = general(*pairs)
        return None if shared is None else Equation(*shared)

    def families(self) -> list[list[Value]]:
        """Return the values from the output back; those of a level whose names are alike as one."""
        depth = self.factors.depths()
        levels: dict[int, list[Value]] = {}
        for v in self.factors.steps:
            if v is not self.output:
                levels.setdefault(depth[v], []).append(v)
        families: list[list[Value]] = []
        for level in sorted(levels):
            here: list[list[Value]] = []
            for v in levels[level]:
                for family in here:
                    if general(*[[self.factors.names[x]] for x in [*family, v]]) is not None:
                        family.append(v)
                        break
                else:
                    here.append([v])
            families += here
        return families
