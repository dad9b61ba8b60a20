"""Câu 3 and Câu 4 of the course AIO2024, rebuilt as expressions of values.

Both exercises look at one network from two sides:

    z₀ = w₁·x + b₁    R = ReLU(z₀)    h₀ = w₂·R    h₁ = w₂′·R    ŷ = softmax(h)

with the cross-entropy L of ŷ and the class y, and ask for ∂L/∂R. `network` is all of
it; `cau3` and `cau4` start from what each exercise gives. None knows the answer: the
engine finds it.
"""

from __future__ import annotations

import math

from micrograd_vn.engine import Constant, Value
from micrograd_vn.exercises.definition import GivensError, exercise, steps
from micrograd_vn.exercises.solved import Expression
from micrograd_vn.formulas.text import number
from micrograd_vn.ops import cross_entropy, log, relu, softmax

__all__ = ["cau3", "cau4", "network"]


def _first_layer(x: float, w1: float, b1: float) -> tuple[Value, Value]:
    z0 = (Value(w1, "w₁") * Value(x, "x") + Value(b1, "b₁")).named("z₀")
    return z0, relu(z0).named("R")


def _second_layer(r: Value, w2: float, w2_prime: float, y: int) -> Expression:
    h = [(Value(w, w_) * r).named(h_) for w, w_, h_ in ((w2, "w₂", "h₀"), (w2_prime, "w₂′", "h₁"))]
    y_hat = [p.named(f"ŷ{i}") for p, i in zip(softmax(h), "₀₁", strict=True)]
    targets = [Constant(float(i == y), f"y{subscript}") for i, subscript in enumerate("₀₁")]
    return Expression(cross_entropy(h, targets).named("L"), y_hat)


def _check_givens(y: float, **givens: float) -> None:
    for label, given in givens.items():
        if not math.isfinite(given):
            raise GivensError.saying("givens", "not finite", label, given)
    if y not in (0, 1):
        raise GivensError.saying("givens", "right class", _as_given(y))


def _as_given(x: float) -> str:
    """Return `x` as an exercise gives it: with all its digits."""
    return str(x).replace("-", "−")


_WEIGHTS = [w for w in steps(-0.9, 0.9, 0.1) if w != 0]


@exercise(
    name={"vi": "Câu 3 và Câu 4", "en": "Câu 3 and Câu 4"},
    statement={
        "vi": """Xét một mạng nơ-ron đơn giản:
        - Giá trị đầu vào: `x = {x}`. Trọng số và bias tại lớp thứ nhất lần lượt là `w₁ = {w1}` và `b₁ = {b1}`.
        - Trọng số tại lớp thứ hai: `w₂ = {w2}` và `w₂′ = {w2_prime}`.
        - Node R sử dụng hàm kích hoạt ReLU, đầu ra qua Softmax với hàm mất mát Cross-Entropy.
        Yêu cầu: Tính `∂L/∂R` với `y = {y}`, tức là `y₀ = {y₀}`, `y₁ = {y₁}`.""",
        "en": """Consider a simple neural network:
        - Input: `x = {x}`. Weight and bias of the first layer: `w₁ = {w1}` and `b₁ = {b1}`.
        - Weights of the second layer: `w₂ = {w2}` and `w₂′ = {w2_prime}`.
        - Node R uses the ReLU activation; the output goes through softmax, and the loss is the cross-entropy.
        Find `∂L/∂R` for `y = {y}`, which means `y₀ = {y₀}`, `y₁ = {y₁}`.""",
    },
    asks="∂L/∂R",
    domains={
        "x": steps(0.5, 4.0, 0.5), "w1": steps(0.2, 1.5, 0.1), "b1": steps(-0.5, 0.5, 0.1),
        "w2": _WEIGHTS, "w2_prime": _WEIGHTS, "y": [0, 1],
    },
    roles={"input": "x", "parameter": "w₁ b₁ w₂ w₂′", "target": "y₀ y₁"},
)  # fmt: skip
def network(
    x: float = 3.0,
    w1: float = 0.8,
    b1: float = 0.0,
    w2: float = 0.3,
    w2_prime: float = -0.4,
    y: int = 0,
) -> Expression:
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
    _check_givens(y, x=x, w1=w1, b1=b1, w2=w2, w2_prime=w2_prime)
    return _second_layer(_first_layer(x, w1, b1)[1], w2, w2_prime, y)


def _rounded_outputs(w2: float, w2_prime: float) -> list[tuple[float, float]]:
    """Return the softmax outputs, as rounded in print, for pleasant R."""
    found = []
    for r in steps(0.4, 5.0, 0.1):
        y_hat_0 = round(1 / (1 + math.exp((w2_prime - w2) * r)), 4)
        found.append((y_hat_0, round(1 - y_hat_0, 4)))
    return found if w2 != w2_prime else []


@exercise(
    name={"vi": "Câu 3", "en": "Câu 3"},
    statement={
        "vi": """Xét một mạng nơ-ron đơn giản với thông tin như Hình 1:
        - Đầu vào `x = {x}`. Trọng số tại lớp thứ hai: `w₂ = {w2}` và `w₂′ = {w2_prime}`.
        - Node R sử dụng hàm kích hoạt ReLU, đầu ra qua Softmax với hàm mất mát Cross-Entropy.
        - Kết quả Softmax: `ŷ₀ = {y_hat[0]}`, `ŷ₁ = {y_hat[1]}`.
        Yêu cầu: Tính `∂L/∂R` với `y = {y}`.""",
        "en": """Consider a simple neural network, as in Figure 1:
        - Input `x = {x}`. Weights of the second layer: `w₂ = {w2}` and `w₂′ = {w2_prime}`.
        - Node R uses the ReLU activation; the output goes through softmax, and the loss is the cross-entropy.
        - Softmax outputs: `ŷ₀ = {y_hat[0]}`, `ŷ₁ = {y_hat[1]}`.
        Find `∂L/∂R` for `y = {y}`.""",
    },
    asks="∂L/∂R",
    domains={
        "x": steps(0.5, 4.0, 0.5), "w2": _WEIGHTS, "w2_prime": _WEIGHTS, "y": [0, 1],
        "y_hat": _rounded_outputs,
    },
    roles={"input": "x", "parameter": "w₂ w₂′", "target": "y₀ y₁"},
    figure=1,
)  # fmt: skip
def cau3(
    x: float = 3.0,
    w2: float = 0.3,
    w2_prime: float = -0.4,
    y_hat: tuple[float, float] = (0.8429, 0.1571),
    y: int = 0,
) -> Expression:
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
    _check_givens(y, x=x, w2=w2, w2_prime=w2_prime, **dict(zip(("ŷ₀", "ŷ₁"), y_hat, strict=True)))
    outputs = f"ŷ₀ = {_as_given(y_hat[0])}, ŷ₁ = {_as_given(y_hat[1])}"
    if min(y_hat) <= 0 or not math.isclose(sum(y_hat), 1, rel_tol=0, abs_tol=1e-9):
        raise GivensError.saying("givens", "no probabilities", outputs)
    if w2 == w2_prime:
        raise GivensError.saying("givens", "equal weights", _as_given(w2))
    y0, y1 = (Value(p, f"ŷ{i}") for p, i in zip(y_hat, "₀₁", strict=True))
    r = (log(y0 / y1) / (Value(w2, "w₂") - Value(w2_prime, "w₂′"))).named("R")
    if r < 0:
        raise GivensError.saying("givens", "negative ReLU", outputs, number(r.data))
    leaf = Value(r.data, "R")
    network = _second_layer(leaf, w2, w2_prime, y)
    return network._replace(found=[r], omitted=[(Value(x, "x"), leaf, "ReLU")])


@exercise(
    name={"vi": "Câu 4", "en": "Câu 4"},
    statement={
        "vi": """Xét một mạng nơ-ron đơn giản với thông tin như Hình 2:
        - Giá trị đầu vào: `x = {x}`. Trọng số và bias tại lớp thứ nhất lần lượt là `w₁ = {w1}` và `b₁ = {b1}`.
        - Hàm kích hoạt tại node R là hàm ReLU, đầu ra sử dụng hàm Softmax, và hàm mất mát Cross Entropy được áp dụng.
        - Giá trị đạo hàm của hàm mất mát theo trọng số `w₁` là: `L′_w₁ = ∂L/∂w₁ = {dL_dw1}`.
        Câu hỏi: Tính giá trị đạo hàm của hàm mất mát `L` theo đầu ra `R` tại node R (kết quả làm tròn đến 2 chữ số phần thập phân) với `y = {y}`.""",
        "en": """Consider a simple neural network, as in Figure 2:
        - Input: `x = {x}`. Weight and bias of the first layer: `w₁ = {w1}` and `b₁ = {b1}`.
        - The activation of node R is ReLU; the output uses softmax, and the cross-entropy loss is applied.
        - The derivative of the loss with respect to the weight `w₁`: `L′_w₁ = ∂L/∂w₁ = {dL_dw1}`.
        Find the derivative of the loss `L` with respect to the output `R` of node R, rounded to 2 decimals, for `y = {y}`.""",
    },
    asks="∂L/∂R",
    domains={
        "x": steps(0.5, 4.0, 0.5), "w1": steps(0.2, 1.5, 0.1), "b1": steps(-0.5, 0.5, 0.1),
        "dL_dw1": steps(-0.95, 0.95, 0.0037), "y": [0, 1],
    },
    roles={"input": "x", "parameter": "w₁ b₁"},
    figure=2,
)  # fmt: skip
def cau4(
    x: float = 3.0, w1: float = 0.8, b1: float = 0.0, dL_dw1: float = -0.3299, y: int = 0
) -> Expression:
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
    _check_givens(y, x=x, w1=w1, b1=b1, dL_dw1=dL_dw1)
    r = _first_layer(x, w1, b1)[1]
    return Expression(r, omitted=[(r, "L", "softmax +\ncross-entropy")])
