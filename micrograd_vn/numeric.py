"""`gradcheck`: the engine's derivatives against differences of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isnan

from micrograd_vn.engine import Op, Value, grad, topological_order
from micrograd_vn.errors import ERRORS, described, message
from micrograd_vn.operators import Number

__all__ = ["GradcheckError", "gradcheck"]


class GradcheckError(RuntimeError):
    """A derivative that differs from the differences of the function."""


def gradcheck(
    f: Callable[..., Value],
    inputs: Sequence[Number],
    *,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-4,
    second_order: bool = False,
) -> bool:
    """Return True if the derivatives of `f` agree with central differences.

    Both ways to differentiate are checked: `Value.backward` and `grad`.
    A wrong rule may be right at one point, as 3x is for 3x² at 0 and 1: check at several uneven
    points, such as -1.3, 0.4 and 2.7.

    Parameters
    ----------
    f
        A function of as many values as there are inputs, that returns a value.
    inputs
        The numbers, or values, at which to check.
    eps
        The step of the differences; for an input x beyond ±1, ``eps * |x|``.
    atol, rtol
        The derivatives may differ by ``atol + rtol * |numeric|``, as in PyTorch and JAX. So a
        derivative below `atol` passes as 0, too: differences of numbers near 1 hold no more
        than 1e-10. Where the function itself is that small, pass a smaller `atol`.
    second_order
        Whether to check also that the derivatives can be differentiated. This takes the
        derivatives themselves for right.

    Raises
    ------
    GradcheckError
        A derivative disagrees, and it is said of which operation by which operand; or the
        function has a kink at the point, where the differences to the left and to the right
        disagree, so that nothing can be said.
    TypeError
        `f` does not return a `Value`, or `inputs` is no list.
    ValueError
        `f` changed the data of a leaf after it had been recorded, so that its graph holds
        numbers of before and after.

    Examples
    --------
    >>> gradcheck(lambda x, y: x * y.tanh(), [2.0, 0.5], second_order=True)
    True
    >>> from micrograd_vn import Op
    >>> cube = Op("cube", lambda x: x**3, lambda out, x: (3 * x,))  # it should be 3 x²
    >>> gradcheck(cube, [2.0])
    Traceback (most recent call last):
    micrograd_vn.numeric.GradcheckError: gradcheck: derivatives disagree
      input 0 = 2.0: backward gives 6.0, differences give 12.0 (off by 6)
      input 0 = 2.0: grad gives 6.0, differences give 12.0 (off by 6)
      cube(2.0): its derivative by operand 0 (2.0) is 6.0, differences give 12.0
    """
    if not isinstance(inputs, Iterable) or isinstance(inputs, Value):
        raise TypeError(message("one number", repr(inputs)))
    point = [x.data if isinstance(x, Value) else Value(x).data for x in inputs]
    labels = [x.label if isinstance(x, Value) else None for x in inputs]
    values = [Value(x, label) for x, label in zip(point, labels, strict=True)]
    output = f(*values)
    if not isinstance(output, Value):
        raise TypeError(message("no value returned", type(output).__name__))
    _check_recorded(output)
    before = {v: v.grad for v in topological_order(output)}
    output.backward()
    ways = {"backward": [v.grad for v in values], "grad": [d.data for d in grad(output, values)]}
    for v, gradient in before.items():  # parameters that are no input keep theirs
        v.grad = gradient

    def at(i: int, step: float) -> float:
        moved = [x + step * (j == i) for j, x in enumerate(point)]
        return f(*map(Value, moved)).data

    wrong = []
    for i, x in enumerate(point):
        step = eps * max(1.0, abs(x))
        left, right = _sides(at, i, step, output.data)
        numeric = (left + right) / 2
        tolerance = atol + rtol * max(abs(left), abs(right))
        if abs(right - left) > tolerance:
            nearer = _sides(at, i, step / 10, output.data)
            if abs(nearer[1] - nearer[0]) > 0.5 * abs(right - left):
                wrong.append(message("kink", i, repr(x), f"{left:.6g}", f"{right:.6g}"))
                continue
        for way, derivatives in ways.items():
            difference = abs(derivatives[i] - numeric)
            if not difference <= tolerance:
                numbers = f"{derivatives[i]:.9}", f"{numeric:.9}", f"{difference:.6g}"
                wrong.append(message("off", i, repr(x), way, *numbers))
    if wrong:
        wrong += _wrong_operations(output, eps, atol, rtol)
        raise GradcheckError("\n  ".join([message("disagree"), *wrong]))
    if second_order:
        for i in range(len(point)):
            gradcheck(lambda *xs, i=i: grad(f(*xs), xs)[i], point, eps=eps, atol=atol, rtol=rtol)
    return True


def _wrong_operations(output: Value, eps: float, atol: float, rtol: float) -> Iterator[str]:
    """Yield what is said of each operation of a graph whose own derivative is wrong."""
    for node in topological_order(output):
        if (op := node.op) is None:
            continue
        numbers, shown = [x.data for x in node.parents], list(map(described, node.parents))
        leaves = [Value(x) for x in numbers]
        op(*leaves).backward()

        def at(i: int, step: float, op: Op = op, numbers: list[float] = numbers) -> float:
            return float(op(*[x + step * (j == i) for j, x in enumerate(numbers)]))

        for i, x in enumerate(numbers):
            try:
                left, right = _sides(at, i, eps * max(1.0, abs(x)), node.data)
            except ERRORS:  # beyond its domain nothing can be said
                continue
            found, numeric = leaves[i].grad, (left + right) / 2
            tolerance = atol + rtol * max(abs(left), abs(right))
            if not abs(found - numeric) <= tolerance and abs(right - left) <= 10 * tolerance:
                said = f"{op}({', '.join(shown)})", i, shown[i], f"{found:.9}", f"{numeric:.9}"
                yield message("wrong operation", *said)


def _check_recorded(output: Value) -> None:
    """See that each value of a graph is still what its operands give."""
    for node in topological_order(output):
        if node.op is not None:
            now = node.op(*[x.data for x in node.parents])
            if now != node.data and not (isnan(now) and isnan(node.data)):
                operands = ", ".join(map(described, node.parents))
                raise ValueError(
                    message("changed", f"{node.op}({operands})", repr(node.data), repr(now))
                )


def _sides(
    at: Callable[[int, float], float], i: int, step: float, here: float
) -> tuple[float, float]:
    """Return the differences to the left and to the right."""
    return (here - at(i, -step)) / step, (at(i, step) - here) / step
