"""An exercise with its answer: what a definition returns for some givens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from micrograd_vn.engine import Constant, Value
from micrograd_vn.exercises.pictured import looks_of, played, roots_of, titled
from micrograd_vn.formulas.document import Document, Paragraph
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Derivative, Equation, evaluate
from micrograd_vn.phrases import language

if TYPE_CHECKING:
    from micrograd_vn.exercises.definition import Definition
    from micrograd_vn.readers.diagram import Diagram
    from micrograd_vn.readers.looks import Omissions
    from micrograd_vn.readers.player import Live
    from micrograd_vn.readers.sequence import Frames
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
        Pairs of values where the exercise leaves out how the second comes from the first, and
        with a third what the architecture shows of that; see `micrograd_vn.architecture`.
    """

    output: Value
    beside: Sequence[Value] = ()
    found: Sequence[Value] = ()
    omitted: Omissions = ()


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

    def draw(
        self, lang: str | None = None, *, fold: bool = True, slide: bool = False, **options: Any
    ) -> Diagram:
        """Return the expression as a diagram, with the paths of the chain rule highlighted.

        `options` are those of `micrograd_vn.draw`: `show`, `digits`, `legend`, … Unless `digits`
        is given, numbers have as many as the decimals of the answer need, and at least four.

        Examples
        --------
        >>> from micrograd_vn.exercises import cau4
        >>> "−0.109967" in cau4().draw(show=["gradient"], digits=6).source
        True
        """
        from micrograd_vn.readers.diagram import draw

        path = {} if "path" in options else {"path": (self.start, self.output)}
        options = {**titled(self, lang), **path, **options}
        return draw(roots_of(self), fold=fold, slide=slide, **options)

    def frames(self, lang: str | None = None, *, fold: bool = True, **options: Any) -> Frames:
        """Return the diagram step by step, for slides: the forward pass, then the backward pass.

        `options` are those of `micrograd_vn.frames`: `slide`, `show`, `digits`, `legend`, …

        Examples
        --------
        >>> from micrograd_vn.exercises import cau4
        >>> len(cau4().frames())  # givens; z₀ and R; gradients of R, z₀, b₁, x and w₁
        8
        """
        from micrograd_vn.readers.sequence import frames

        return frames(roots_of(self), fold=fold, **{**titled(self, lang), **options})

    def architecture(
        self, lang: str | None = None, *, show: str = "weights", **options: Any
    ) -> Diagram:
        """Return the network with circles for its neurons, and what is given on its arrows.

        Or with ``"values"`` or ``"gradients"``, which are part of the answer. `options` are those
        of `micrograd_vn.architecture`: `rankdir`, `digits`, `title`.

        Examples
        --------
        >>> from micrograd_vn.exercises import cau4
        >>> "−0.3299" in cau4().architecture(show="gradients").source
        True
        """
        from micrograd_vn.readers.neurons import architecture

        omitted = self.expression.omitted
        options = {**looks_of(self, lang), "omitted": omitted, **options}
        return architecture(roots_of(self), show=show, **options)

    def play(self, lang: str | None = None) -> Live:
        """Return the exercise as a live page: statement, picture to step through, solution."""
        return played(self, lang)

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
