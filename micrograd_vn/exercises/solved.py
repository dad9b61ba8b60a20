"""An exercise with its answer: what a definition returns for some givens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from micrograd_vn.engine import Constant, Value
from micrograd_vn.formulas.document import Document, Paragraph
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Equation, evaluate
from micrograd_vn.phrases import LANGUAGES, language

if TYPE_CHECKING:
    from micrograd_vn.exercises.definition import Definition
    from micrograd_vn.readers.diagram import Diagram
    from micrograd_vn.readers.player import Live
    from micrograd_vn.readers.solution import Explanation


class Expression(NamedTuple):
    """What the function of an exercise returns, where that is more than the output.

    Attributes
    ----------
    output
        The last value of the expression.
    beside
        Values that the output is not computed from but that the solution names, such as
        the outputs of softmax beside a cross-entropy of logits.
    found
        Where a leaf is not given but follows from what is: the same value, computed.
    omitted
        Pairs of values where the exercise leaves out how the second comes from the first.
    """

    output: Value
    beside: Sequence[Value] = ()
    found: Sequence[Value] = ()
    omitted: Sequence[tuple[Value, Value]] = ()


@dataclass(frozen=True, repr=False, eq=False)
class Exercise:
    """An exercise with its answer: what a definition returns for some givens.

    Attributes
    ----------
    definition, arguments
        What it was made by, and with what that was called.
    name, statement
        By language, ``"vi"`` and ``"en"``.
    givens
        The numbers that the exercise gives, by their names in it.
    nodes
        The values by label. Their `grad` is the derivative of the loss L.
    expression
        What the function of the definition returned.
    start
        The value from which the question follows the chain rule to the output.
    asked
        The derivative that is asked for, as a formula.
    given
        The derivative by `start` if the exercise gives that, and asks for the one by `output`.
    answer
        The number that is asked for.

    Examples
    --------
    >>> from micrograd_vn.exercises import cau3
    >>> exercise = cau3()
    >>> exercise.rounded
    -0.11
    >>> {label: round(node.data, 4) for label, node in exercise.nodes.items() if "ŷ" in label}
    {'ŷ₀': 0.8429, 'ŷ₁': 0.1571}
    """

    definition: Definition[Any]
    name: Mapping[str, str]
    statement: Mapping[str, Document]
    givens: dict[str, float]
    nodes: dict[str, Value]
    expression: Expression
    start: Value
    asked: Derivative
    given: float | None
    answer: float
    arguments: Mapping[str, Any]

    @property
    def output(self) -> Value:
        """The last value of the expression."""
        return self.expression.output

    @property
    def question(self) -> str:
        """The derivative that is asked for, as text.

        Examples
        --------
        >>> from micrograd_vn.exercises import cau3
        >>> cau3().question
        '∂L/∂R'
        """
        return Text()(self.asked)

    @property
    def decimals(self) -> int:
        """How many decimals the answer has."""
        return self.definition.decimals

    @property
    def rounded(self) -> float:
        """The answer with the exercise's decimals, rounded as at school.

        Examples
        --------
        >>> from micrograd_vn.exercises import cau4
        >>> cau4(dL_dw1=-0.375).rounded
        -0.13
        """
        (equation,) = (part for part in self.result().parts if isinstance(part, Equation))
        return float(evaluate(equation.sides[-1], {})) + 0.0

    @property
    def known(self) -> list[Value]:
        """The values whose number the statement says."""
        named = self.nodes.items()
        return [v for label, v in named if label in self.givens or isinstance(v, Constant)]

    def draw(self, lang: str | None = None, *, fold: bool = True, slide: bool = False) -> Diagram:
        """Return the expression as a diagram, with the paths of the chain rule highlighted.

        Parameters
        ----------
        lang
            ``"vi"`` or ``"en"``.
        fold
            Whether only values with a name are shown, else each operation.
        slide
            Whether it has to fit a slide.
        """
        from micrograd_vn.readers.diagram import draw

        return draw(
            self._roots,
            path=(self.start, self.output),
            title=f"{self.name[language(lang)]}: {self.question}",
            fold=fold,
            slide=slide,
            **self._looks(lang),
        )

    def architecture(self, lang: str | None = None) -> Diagram:
        """Return the network with circles for its neurons, and what is given on its arrows."""
        from micrograd_vn.readers.neurons import architecture

        return architecture(self._roots, **self._looks(lang))

    def play(self, lang: str | None = None) -> Live:
        """Return the exercise as a live page: statement, picture to step through, solution."""
        from micrograd_vn.readers.player import play

        looks = self._looks(lang)
        del looks["of"]  # what the page says itself
        return play(
            self.output,
            beside=self.expression.beside,
            gradient=1.0 if self.given is None else self.answer,
            loss=None if self.given is None else Text()(self.asked.of),
            path=(self.start, self.output),
            title=self.name[looks["lang"]],
            statement=self.statement,
            solution={said: self.explain(said) for said in LANGUAGES},
            decimal=True,
            **looks,
        )

    @property
    def _roots(self) -> list[Value]:
        return [self.output, *self.expression.beside]

    def _looks(self, lang: str | None) -> dict[str, Any]:
        """Return what pictures of the exercise have in common."""
        return {
            "roles": {
                role: [self.nodes[label] for label in labels.split()]
                for role, labels in self.definition.roles.items()
            },
            "of": Text()(self.asked.of),
            "omitted": self.expression.omitted,
            "lang": language(lang),
        }

    def explain(self, lang: str | None = None, *, forward: bool = False) -> Explanation:
        """Return the worked solution.

        Parameters
        ----------
        lang
            Vietnamese (``"vi"``) or English (``"en"``).
        forward
            Whether it begins with all values, from the givens to the output, even if they
            are not needed.

        Examples
        --------
        >>> from micrograd_vn.exercises import cau4
        >>> print(str(cau4().explain("en")).splitlines()[0])
        Find ∂L/∂R, given ∂L/∂w₁ = −0.3299.
        """
        from micrograd_vn.readers.solution import explain

        return explain(
            self.output,
            self.start,
            given=self.given,
            loss=Text()(self.asked.of),
            using=self.expression.beside,
            known=self.known,
            found=self.expression.found,
            decimals=self.decimals,
            forward=forward,
            lang=lang,
        )

    def result(self, lang: str | None = None) -> Paragraph:
        """Return the line with the answer, as the solution ends."""
        result = self.explain(lang).blocks[-1]
        assert isinstance(result, Paragraph)
        return result

    def document(self, lang: str | None = None) -> Document:
        """Return statement and answer."""
        lang = language(lang)
        name = Paragraph((self.name[lang],))
        return Document([name, *self.statement[lang].blocks, self.result(lang)])

    def __repr__(self) -> str:
        return str(self.document())

    def _repr_markdown_(self) -> str:
        return self.document().to_markdown()
