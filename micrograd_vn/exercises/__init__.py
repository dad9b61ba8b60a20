"""Câu 3 and Câu 4 of the course AIO2024, rebuilt as expressions of values.

Both exercises look at one network from two sides:

    z₀ = w₁·x + b₁    R = ReLU(z₀)    h₀ = w₂·R    h₁ = w₂′·R    ŷ = softmax(h)

with the cross-entropy L of ŷ and the class y, and ask for ∂L/∂R. `network` is all of
it; `cau3` and `cau4` start from what each exercise gives. None knows the answer: the
engine finds it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from string import Formatter
from typing import TYPE_CHECKING

from micrograd_vn.engine import Constant, Value, depending, grad, topological_order
from micrograd_vn.formulas.document import Document, Paragraph, Part
from micrograd_vn.formulas.phrases import LANGUAGES, phrases
from micrograd_vn.formulas.text import number
from micrograd_vn.formulas.tree import Derivative, Equation, Formula, Name, Number
from micrograd_vn.ops import cross_entropy, relu, softmax

if TYPE_CHECKING:
    from micrograd_vn.readers.diagram import Diagram
    from micrograd_vn.readers.solution import Explanation

__all__ = ["Exercise", "GivensError", "cau3", "cau4", "network"]


class GivensError(ValueError):
    """Givens from which the exercise has no answer, or none that is unique.

    Attributes
    ----------
    text : dict of str to str
        The message by language, ``"vi"`` and ``"en"``.
    """

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.text = {"vi": vi, "en": en}


@dataclass(frozen=True)
class Exercise:
    """An exercise with its answer.

    Attributes
    ----------
    name
        ``"Câu 3"``, say.
    statement
        The text of the exercise by language, ``"vi"`` and ``"en"``: a `Document`, or words.
    givens
        The numbers that the exercise gives, by their names in it.
    nodes
        The values by label. Their `grad` is the derivative of the loss L.
    output
        The last value of the expression.
    start
        The value from which the question follows the chain rule to the output.
    answer
        The derivative that is asked for.

    Examples
    --------
    >>> exercise = cau3()
    >>> exercise.rounded
    -0.11
    >>> {label: round(node.data, 4) for label, node in exercise.nodes.items() if "ŷ" in label}
    {'ŷ₀': 0.8429, 'ŷ₁': 0.1571}
    """

    name: str
    statement: Mapping[str, Document | str]
    givens: dict[str, float]
    nodes: dict[str, Value]
    output: Value
    start: Value
    answer: float

    @property
    def question(self) -> str:
        """The derivative that is asked for, as a formula.

        It is that by `start`; if that is given, it is that by `output`.

        Examples
        --------
        >>> cau3().question, cau4().question
        ('∂L/∂R', '∂L/∂R')
        """
        asked = self.start if self._given is None else self.output
        return f"∂L/∂{asked.label}"

    @property
    def rounded(self) -> float:
        """The answer to two decimals, as the exercises ask for it, rounded as at school.

        Examples
        --------
        >>> cau4(dL_dw1=-0.375).rounded
        -0.13
        """
        return float(Decimal(repr(self.answer)).quantize(Decimal("0.01"), ROUND_HALF_UP)) + 0.0

    def draw(self) -> Diagram:
        """Return the expression as a diagram, with the paths of the chain rule highlighted."""
        from micrograd_vn.readers.diagram import draw

        return draw(
            [self.output, *self._beside()],
            highlight=depending(topological_order(self.output), [self.start]),
            title=f"{self.name}: {self.question} = {_as_given(self.rounded)}",
        )

    def explain(self, lang: str = "vi") -> Explanation:
        """Return the worked solution, in Vietnamese (``"vi"``) or English (``"en"``).

        Examples
        --------
        >>> print(cau4().explain("en"))
        Find ∂L/∂R, given ∂L/∂w₁ = −0.3299.
        <BLANKLINE>
        By the chain rule:
        <BLANKLINE>
            ∂L/∂w₁ = ∂L/∂R · ∂R/∂z₀ · ∂z₀/∂w₁
        <BLANKLINE>
        Here:
        <BLANKLINE>
        • z₀ = w₁·x + b₁, so ∂z₀/∂w₁ = x = 3.0
        <BLANKLINE>
        • R = ReLU(z₀), so ∂R/∂z₀ = 1 (as z₀ > 0)
        <BLANKLINE>
        Therefore:
        <BLANKLINE>
            ∂L/∂w₁ = ∂L/∂R · x
        <BLANKLINE>
        Hence:
        <BLANKLINE>
            ∂L/∂R = (∂L/∂w₁)/x
        <BLANKLINE>
        With the given values:
        <BLANKLINE>
            ∂L/∂R = −0.3299/3.0 = −0.10997
        <BLANKLINE>
        Result: ∂L/∂R = −0.11
        <BLANKLINE>
        """
        from micrograd_vn.readers.solution import explain

        return explain(self.output, self.start, given=self._given, using=self._beside(), lang=lang)

    @property
    def _given(self) -> float | None:
        return self.givens.get(f"∂L/∂{self.start.label}")

    def _beside(self) -> list[Value]:
        """Return the nodes that the output is not computed from, such as ŷ in Câu 3."""
        used = set(topological_order(self.output))
        return [node for node in self.nodes.values() if node not in used]


def network(
    x: float = 3.0,
    w1: float = 0.8,
    b1: float = 0.0,
    w2: float = 0.3,
    w2_prime: float = -0.4,
    y: int = 0,
) -> Exercise:
    """Return the whole network of both exercises, with ∂L/∂R found by backpropagation.

    Parameters
    ----------
    x
        The input.
    w1, b1
        Weight and bias of the first layer.
    w2, w2_prime
        The weights of the second layer.
    y
        The right class, 0 or 1.

    Raises
    ------
    GivensError
        `y` is neither 0 nor 1, or a number is not finite.

    Examples
    --------
    >>> network().rounded
    -0.11
    >>> network(w1=-0.8).answer  # ReLU is off, so R = 0 and both classes are as likely
    -0.35
    """
    givens = {"x": x, "w₁": w1, "b₁": b1, "w₂": w2, "w₂′": w2_prime, "y": y}
    _check_givens(givens)
    first = _first_layer(x, w1, b1)
    nodes = first | _second_layer(first["R"], w2, w2_prime, y)
    nodes["L"].backward()
    statement = _statement(
        givens, "a network", "the first layer", "the second layer", "the output", "find"
    )
    r = nodes["R"]
    return Exercise("Câu 3 và Câu 4", statement, givens, nodes, nodes["L"], r, r.grad)


def cau3(
    x: float = 3.0,
    w2: float = 0.3,
    w2_prime: float = -0.4,
    y_hat: tuple[float, float] = (0.8429, 0.1571),
    y: int = 0,
) -> Exercise:
    """Return Câu 3: ∂L/∂R from the second layer's weights and the softmax outputs.

    R is not given but follows: ŷ₀ / ŷ₁ = e^(h₀ - h₁), and h₀ - h₁ = (w₂ - w₂′)·R.

    Parameters
    ----------
    x
        The input, which the question does not need.
    w2, w2_prime
        The weights of the second layer.
    y_hat
        The softmax outputs, as rounded by the exercise.
    y
        The right class, 0 or 1.

    Raises
    ------
    GivensError
        `y_hat` are no probabilities or do not add up to 1; w₂ = w₂′, so that R does not
        follow; R would be negative, which no ReLU gives; `y` is neither 0 nor 1; or a
        number is not finite.

    Examples
    --------
    >>> exercise = cau3()
    >>> round(exercise.nodes["R"].data, 3), round(exercise.answer, 5)
    (2.4, -0.10997)
    """
    y_hat_0, y_hat_1 = y_hat
    givens = {"x": x, "w₂": w2, "w₂′": w2_prime, "ŷ₀": y_hat_0, "ŷ₁": y_hat_1, "y": y}
    _check_givens(givens)
    outputs = f"ŷ₀ = {_as_given(y_hat_0)}, ŷ₁ = {_as_given(y_hat_1)}"
    # Outputs rounded to three decimals may be off by 0.0005 each.
    if min(y_hat) <= 0 or not math.isclose(y_hat_0 + y_hat_1, 1, rel_tol=0, abs_tol=1.001e-3):
        raise GivensError(
            f"{outputs}: hai đầu ra của Softmax phải dương và có tổng bằng 1",
            f"{outputs}: softmax outputs are positive and add up to 1",
        )
    if w2 == w2_prime:
        same = f"w₂ = w₂′ = {_as_given(w2)}"
        raise GivensError(
            f"{same}: khi đó ŷ₀ và ŷ₁ không phụ thuộc R, nên R không xác định",
            f"{same}: then ŷ₀ and ŷ₁ do not depend on R, so R is not determined",
        )
    r = Value((math.log(y_hat_0) - math.log(y_hat_1)) / (w2 - w2_prime), "R")
    if r < 0:
        raise GivensError(
            f"{outputs} ứng với R = {number(r.data)}, nhưng đầu ra của ReLU không thể âm",
            f"{outputs} would need R = {number(r.data)}, but a ReLU never gives less than 0",
        )
    nodes = {"R": r} | _second_layer(r, w2, w2_prime, y)
    nodes["L"].backward()
    statement = _statement(
        givens, "a network", "the input", "the second layer", "the output", "softmax", "find"
    )
    return Exercise("Câu 3", statement, givens, nodes, nodes["L"], r, r.grad)


def cau4(
    x: float = 3.0, w1: float = 0.8, b1: float = 0.0, dL_dw1: float = -0.3299, y: int = 0
) -> Exercise:
    """Return Câu 4: ∂L/∂R from the first layer and ∂L/∂w₁.

    By the chain rule ∂L/∂w₁ = ∂L/∂R · ∂R/∂w₁. The engine differentiates R with respect
    to w₁; dividing by that gives ∂L/∂R.

    Parameters
    ----------
    x
        The input.
    w1, b1
        Weight and bias of the first layer.
    dL_dw1
        The derivative of the loss with respect to w₁.
    y
        The right class, 0 or 1, which the question does not need.

    Raises
    ------
    GivensError
        ∂R/∂w₁ = 0, because x = 0 or ReLU is off, so that ∂L/∂R does not follow; `y` is
        neither 0 nor 1; or a number is not finite.

    Examples
    --------
    >>> exercise = cau4()
    >>> round(exercise.answer, 5), round(exercise.nodes["w₁"].grad, 4)
    (-0.10997, -0.3299)
    """
    givens = {"x": x, "w₁": w1, "b₁": b1, "∂L/∂w₁": dL_dw1, "y": y}
    _check_givens(givens)
    nodes = _first_layer(x, w1, b1)
    output = nodes["R"]
    (dR_dw1,) = grad(output, [nodes["w₁"]])
    if dR_dw1 == 0:
        z = f"z₀ = {number(nodes['z₀'].data)}"
        why = f"x = {_as_given(x)}" if x == 0 else z
        raise GivensError(
            f"{why}: khi đó ∂R/∂w₁ = 0, nên từ ∂L/∂w₁ không suy ra được ∂L/∂R duy nhất",
            f"{why}: then ∂R/∂w₁ = 0, so ∂L/∂w₁ leaves no unique answer for ∂L/∂R",
        )
    answer = dL_dw1 / dR_dw1.data
    if not math.isfinite(answer):
        raise GivensError(
            f"∂R/∂w₁ = {number(dR_dw1.data)}: quá gần 0 nên ∂L/∂R vượt quá phạm vi số thực",
            f"∂R/∂w₁ = {number(dR_dw1.data)} is so near to 0 that ∂L/∂R is too large for a float",
        )
    output.backward(answer)
    statement = _statement(
        givens, "a network", "the first layer", "the output", "the derivative", "find, rounded"
    )
    return Exercise("Câu 4", statement, givens, nodes, output, nodes["w₁"], answer)


def _first_layer(x: float, w1: float, b1: float) -> dict[str, Value]:
    x_, w1_, b1_ = Value(x, "x"), Value(w1, "w₁"), Value(b1, "b₁")
    z0 = (w1_ * x_ + b1_).named("z₀")
    return _by_label(x_, w1_, b1_, z0, relu(z0).named("R"))


def _second_layer(r: Value, w2: float, w2_prime: float, y: int) -> dict[str, Value]:
    weights = [Value(w2, "w₂"), Value(w2_prime, "w₂′")]
    h = [(w * r).named(f"h{i}") for w, i in zip(weights, "₀₁", strict=True)]
    y_hat = [p.named(f"ŷ{i}") for p, i in zip(softmax(h), "₀₁", strict=True)]
    targets = [Constant(float(i == y), f"y{subscript}") for i, subscript in enumerate("₀₁")]
    return _by_label(*weights, *h, *y_hat, cross_entropy(h, targets).named("L"))


def _by_label(*values: Value) -> dict[str, Value]:
    return {str(value.label): value for value in values}


def _check_givens(givens: dict[str, float]) -> None:
    for label, given in givens.items():
        if not math.isfinite(given):
            raise GivensError(
                f"{label} = {given}: phải là một số hữu hạn",
                f"{label} = {given}: has to be a finite number",
            )
    if givens["y"] not in (0, 1):
        raise GivensError(
            f"y = {_as_given(givens['y'])}: lớp đúng phải là 0 hoặc 1",
            f"y = {_as_given(givens['y'])}: the right class is 0 or 1",
        )


def _statement(givens: dict[str, float], *sentences: str) -> dict[str, Document]:
    y = givens["y"]
    numbers = {**givens, "y₀": int(y == 0), "y₁": int(y == 1)}
    formulas: dict[str, Formula | Equation] = {
        label: Equation(Name(label), Number(Decimal(str(x)))) for label, x in numbers.items()
    }
    loss, r, w1 = map(Name, ("L", "R", "w₁"))
    formulas |= {"∂L/∂R": Derivative(loss, [r]), "w₁ alone": w1}
    if "∂L/∂w₁" in givens:
        formulas["∂L/∂w₁"] = Equation(
            Derivative(loss, [w1]), Number(Decimal(str(givens["∂L/∂w₁"])))
        )
    return {
        lang: Document([_sentence(phrases("statement", lang)[key], formulas) for key in sentences])
        for lang in LANGUAGES
    }


def _sentence(template: str, formulas: Mapping[str, Formula | Equation]) -> Paragraph:
    """Return a sentence with formulas in its gaps; one with a hyphen is a bullet."""
    parts: list[Part] = []
    for words, label, _, _ in Formatter().parse(template.removeprefix("- ")):
        parts.append(words)
        if label is not None:
            parts.append(formulas[label])
    return Paragraph(tuple(parts), bullet=template.startswith("- "))


def _as_given(x: float) -> str:
    """Return `x` as an exercise gives it: with all its digits."""
    return str(x).replace("-", "−")
