"""What a solution says around its formulas, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from micrograd_vn.formulas.document import Block, Display, Paragraph, Part
from micrograd_vn.formulas.general import general
from micrograd_vn.formulas.tree import Equation, Formula, Number, same
from micrograd_vn.phrases import phrases
from micrograd_vn.readers.arithmetic import Line
from micrograd_vn.readers.factors import Factor, Reason


def filled(text: str, *gaps: Part | Sequence[Part]) -> tuple[Part, ...]:
    """Return a text with formulas in its gaps."""
    first, *texts = text.split("{}")
    parts: list[Part] = [first]
    for gap, text in zip(gaps, texts, strict=True):
        parts += [gap] if isinstance(gap, (str, Formula, Equation)) else gap
        parts.append(text)
    return tuple(part for part in parts if not isinstance(part, str) or part)


class Words:
    """Phrases with formulas in their gaps."""

    def __init__(self, lang: str, section: str = "solution") -> None:
        self.phrases = phrases(section, lang)

    def said(self, phrase: str, *gaps: Part | Sequence[Part]) -> tuple[Part, ...]:
        """Return a phrase with formulas in its gaps."""
        return filled(self.phrases[phrase], *gaps)

    def paragraph(self, phrase: str, *gaps: Part | Sequence[Part]) -> Paragraph:
        """Return a phrase as a paragraph."""
        return Paragraph(self.said(phrase, *gaps))

    def because(self, factor: Factor) -> tuple[Part, ...]:
        """Return a remark that gives the reasons."""
        plain = [part for r in factor.reasons if r.phrase == "as" for part in r.parts]
        said = [self.said("as", self.listed(plain))] if plain else []
        said += [self.said(r.phrase, *r.parts) for r in factor.reasons if r.phrase != "as"]
        inside: list[Part] = []
        for i, parts in enumerate(said):
            inside += ["; ", *parts] if i else parts
        return self.said("because", inside) if inside else ()

    def listed(self, parts: Iterable[Part], last: str = ", ") -> list[Part]:
        """Return parts with commas between them, and `last` before the last."""
        parts = list(parts)
        separated: list[Part] = []
        for i, part in enumerate(parts):
            if i:
                separated.append(last if i == len(parts) - 1 else ", ")
            separated.append(part)
        return separated

    def step(
        self, number: int, symbols: Sequence[Formula], definitions: Sequence[Equation]
    ) -> Paragraph:
        """Return the heading of a step: what is computed, and from what."""
        shared = general(*[[s] for s in symbols]) if len(symbols) > 1 else None
        named = self.listed(shared or symbols, self.phrases["and"])
        parts: list[Part] = [f"({number}) ", *self.said("compute", named), ":"]
        if definitions:
            parts += [" ", *self.said("follows", self.listed(definitions))]
        return Paragraph(tuple(parts))

    def instances(
        self,
        factors: Sequence[Factor],
        lines: Sequence[Line],
        given: Sequence[Equation],
        shared: Equation | None,
    ) -> list[Block]:
        """Return equations one below the other, after the general one if there is one.

        Parameters
        ----------
        factors, lines
            The derivatives, each with its equation.
        given
            What numbers the named constants in these are.
        shared
            The equation that they are instances of.
        """
        blocks: list[Block] = []
        if shared is not None:
            blocks.append(Display(((shared, self.because(factors[0])),)))
            if isinstance(shared.sides[-1], Number):
                return blocks
            with_ = self.said("with", self.listed(given)) if given else self.said("namely")
            blocks.append(Paragraph(with_))
        rows = [
            (line.equation, self.because(f) if shared is None else ())
            for f, line in zip(factors, lines, strict=True)
        ]
        blocks.append(Display(tuple(rows)))
        return blocks


def _alike(some: Sequence[Reason], others: Sequence[Reason]) -> bool:
    """Return whether reasons are the same equations."""
    sides = [
        [
            side
            for r in reasons
            for part in r.parts
            if isinstance(part, Equation)
            for side in part.sides
        ]
        for reasons in (some, others)
    ]
    return len(sides[0]) == len(sides[1]) and all(map(same, *sides))


def shared_formula(factors: Sequence[Factor]) -> Equation | None:
    """Return the equation that several derivatives are instances of, such as ∂L/∂hᵢ = ŷᵢ − yᵢ."""
    if len(factors) < 2 or any(not _alike(f.reasons, factors[0].reasons) for f in factors):
        return None
    if any(f.decided for f in factors):
        return None
    shared = general(*[[f.symbol, f.formula] for f in factors])
    return None if shared is None else Equation(*shared)
