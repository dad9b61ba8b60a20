"""An unknown factor: the derivative of a quantity beyond the output, found from a given one."""

from __future__ import annotations

from micrograd_vn.engine import Value
from micrograd_vn.errors import message
from micrograd_vn.formulas.document import Block, Display, Paragraph
from micrograd_vn.formulas.tree import Derivative, Equation, Formula, Name, Number, same
from micrograd_vn.readers.arithmetic import Quantity
from micrograd_vn.readers.factors import Factors
from micrograd_vn.readers.words import Words
from micrograd_vn.readers.working import Working


class Unknown:
    """∂L/∂output, where ∂L/∂wrt is given.

    Attributes
    ----------
    quantity
        Its number, once it is solved for.
    """

    def __init__(
        self, factors: Factors, working: Working, words: Words, given: float, loss: str
    ) -> None:
        self.factors, self.working, self.words = factors, working, words
        self.given, self.loss = given, Name(loss)
        (self.wrt,) = factors.wrt
        slope = factors.slope(self.wrt) if self.wrt in set(factors.steps) else 0.0
        if slope == 0:
            raise ValueError(message("undetermined", repr(self.wrt), repr(given)))
        self.value = given / slope
        self.left, self.goal = self.by(self.wrt), self.by(factors.output)
        self.quantity = Quantity(Number(0), exact=True)

    def by(self, value: Value) -> Derivative:
        """Return the derivative of the quantity beyond the output."""
        return Derivative(self.loss, [self.factors.names[value]])

    def asked(self) -> Paragraph:
        """Return what is asked for."""
        number, exact = self.working.arithmetic.in_digits(self.given)
        given = Equation(self.left, number, sign="=" if exact else "≈")
        return self.words.paragraph("given", self.goal, given)

    def solved(
        self, rest: Formula, rest_exact: bool, number: Quantity | None = None
    ) -> list[Block]:
        """Return how the unknown factor follows from the left side and the rest.

        Parameters
        ----------
        rest, rest_exact
            What the unknown factor is multiplied by, and whether its constants are exact.
        number
            The number of the rest, where that was found already, and the product said.
        """
        words, left, goal = self.words, self.left, self.goal
        given, given_exactly = self.working.arithmetic.in_digits(self.given)
        numeric, exact = self.working.put_in(rest) if number is None else number
        alone = same(rest, Number(1))
        quotient = given if alone else given / numeric
        line = self.working.arithmetic.to_the_number(
            goal,
            [(exact and given_exactly and rest_exact, quotient)],
            self.value,
            self.working.digits + 1,
        )
        self.quantity = line.quantity
        sign = "=" if rest_exact else "≈"
        whole: list[Block] = [
            words.paragraph("so"),
            Display(((Equation(left, goal if alone else goal * rest, sign=sign), ()),)),
        ]
        return [
            *(whole if number is None else []),
            words.paragraph("hence"),
            Display(((Equation(goal, left if alone else left / rest, sign=sign), ()),)),
            words.paragraph("put in"),
            Display(((line.equation, ()),)),
        ]
