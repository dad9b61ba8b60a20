"""The engine: values that remember how they were computed, and the chain rule.

A `Value` is one number together with the operation (`Op`) and the operands that gave
it. Values therefore form a directed acyclic graph. `topological_order` walks it,
`Value.backward` adds derivatives up along it, and `grad` writes the derivatives down
as a new graph. What the operations are is said in `micrograd_vn.table`, not here: the
engine treats all of them alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from micrograd_vn.errors import ERRORS, check, counted, fail, real, text
from micrograd_vn.operation import Op
from micrograd_vn.operators import Number, Operators, Undecided, derived, value, values

__all__ = ["Constant", "Op", "Value", "grad", "topological_order"]

Node = TypeVar("Node", bound=Any)  # a value or a formula: what has operands and an operation
_new = object.__new__


class Value(Operators):
    """A number that remembers how it was computed.

    Parameters
    ----------
    data
        A real number: `int`, `float` or a NumPy scalar.
    label
        The name that diagrams, solutions and error messages show.

    Attributes
    ----------
    grad : float
        The derivative of the value on which `backward` was called with respect to
        this one. Leaves add up over calls until `zero_grad`; a value that was computed
        keeps that of the latest call.
    op : Op or None
        The operation that gave this value; None for a leaf.

    Raises
    ------
    TypeError
        `data` is not a real number, or `label` is not a string.

    Examples
    --------
    >>> a = Value(2.0, "a")
    >>> b = Value(-3.0, "b")
    >>> c = (a * b + a**2).named("c")
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-2.0, 1.0, 2.0)
    """

    # One object and no tuple for an operation on one or two operands: the garbage
    # collector's work grows with the number of objects. Of three operands and more, `_x`
    # is None and `_y` a tuple of all.
    __slots__ = ("_label", "_x", "_y", "data", "grad", "op")

    data: float
    grad: float
    op: Op | None
    _x: Value | None
    _y: Any

    def __init__(self, data: float, label: str | None = None) -> None:
        self.data = real(data, f"Value {label!r}" if label else "Value")
        self.grad = 0.0
        self.op = self._x = self._y = None
        self.label = label

    @property
    def label(self) -> str | None:
        """The name that diagrams, solutions and error messages show."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        self._label = text(label, self)

    def named(self, label: str | None) -> Value:
        """Set the label and return this value: ``z = (w * x + b).named("z")``."""
        self.label = label
        return self

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands in their order, with repetitions (of ``a + a``, a twice)."""
        if self._x is None:
            return self._y or ()
        return (self._x,) if self._y is None else (self._x, self._y)

    def local_derivatives(self) -> Sequence[float]:
        """Return the partial derivatives of this value, one for each of `parents`.

        Examples
        --------
        >>> a, b = Value(2.0), Value(5.0)
        >>> (a * b).local_derivatives()
        (5.0, 2.0)
        """
        return rule(self, [x.data for x in self.parents], self.data) if self.op else ()

    def backward(self, gradient: float = 1.0) -> None:
        """Add the derivatives of this value to the `grad` of all that it depends on.

        A graph is to be recorded anew when the `data` of a leaf was changed. Else this takes
        its new number where the leaf is an operand, and the old ones of what was computed
        from it. (To find that out would cost a quarter of a step of training; `gradcheck` does.)

        Parameters
        ----------
        gradient
            The derivative with respect to this value, from which to start.

        Raises
        ------
        ZeroDivisionError, ValueError, OverflowError
            A derivative does not exist, such as that of a square root at 0. The
            gradients of the leaves are then what they were before.

        Examples
        --------
        >>> x = Value(3.0)
        >>> (x * x).backward()
        >>> x.grad
        6.0
        """
        order = topological_order(self)
        leaves = [(node, node.grad) for node in order if node.op is None]
        for node in order:  # PyTorch's users set that of a leaf to None, for 0
            node.grad = 0.0 if node.op is not None else node.grad or 0.0
        self.grad += real(gradient, "backward")
        try:  # the chain rule, unrolled for one and two operands, which is nearly all there is
            for node in reversed(order):
                op = node.op
                if op is None:
                    continue
                x, y, g = node._x, node._y, node.grad
                if x is None:
                    partials = op.partials(node.data, *[x.data for x in y])
                    for x, dx in zip(y, partials, strict=True):
                        x.grad += g * dx
                elif y is None:
                    (dx,) = op.partials(node.data, x.data)
                    x.grad += g * dx
                else:
                    dx, dy = op.partials(node.data, x.data, y.data)
                    x.grad += g * dx
                    y.grad += g * dy
        except BaseException as error:
            for leaf, before in leaves:
                leaf.grad = before
            if not isinstance(error, ERRORS):
                raise
            node.local_derivatives()  # says what is wrong with the rule, if it is that
            fail(error, op, node.parents, "derivative")

    def zero_grad(self) -> None:
        """Set `grad` to 0, here and in all that this value depends on."""
        for node in topological_order(self):
            node.grad = 0.0

    @staticmethod
    def apply_op(op: Op, operands: Sequence[Number]) -> Value:
        """Return the value that `op` gives on `operands`; this is what calling `op` does."""
        xs: tuple[Any, ...] = tuple(operands)
        for x in xs:
            if x.__class__ is not Value:
                xs = tuple([x if isinstance(x, Value) else Constant(real(x, op.name)) for x in xs])
                break
        try:
            data = float(op.forward(*[x.data for x in xs]))
            if data - data:  # of a finite number this is 0, of inf and nan it is nan
                check(data, xs)
        except ERRORS as error:
            fail(error, op, xs)
        node = _new(Value)
        node.data, node.grad, node.op, node._label = data, 0.0, op, None
        node._x, node._y = (None, xs) if len(xs) > 2 else (*xs, None)[:2]
        return node


class Constant(Value):
    """A plain number in an expression, such as the 2 in ``2 * x``."""

    __slots__ = ()


def topological_order(*roots: Node) -> list[Node]:
    """Return all values that `roots` depend on, each after its operands.

    The order follows from the expression alone: depth first, operands from left to
    right.

    Examples
    --------
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [f"{node}" for node in topological_order(a * b + a)]
    ['2.0', '3.0', '6.0', '8.0']
    """
    order: list[Any] = []
    seen: set[Any] = set()
    stack: list[Any] = [*reversed(roots)]
    push, pop, mark, done = stack.append, stack.pop, seen.add, order.append
    while stack:
        node = pop()
        if node is None:  # the operands of the next one are done
            done(pop())
        elif node not in seen:
            mark(node)
            if node.op is None:
                done(node)
                continue
            push(node)
            push(None)
            x, y = node._x, node._y
            if x is None:
                if not seen.issuperset(y):
                    stack.extend([x for x in reversed(y) if x not in seen])
            else:
                if y is not None and y not in seen:
                    push(y)
                if x not in seen:
                    push(x)
    return order


def depending(order: Iterable[Node], inputs: Iterable[Node]) -> set[Node]:
    """Return the inputs, and what in a topological order depends on them."""
    found = set(inputs)
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found


def grad(output: Value, inputs: Iterable[Value]) -> list[Value]:
    """Return the derivatives of `output`, one for each of `inputs`, as new values.

    Where `backward` adds up numbers, `grad` records the same chain rule as a graph:
    the derivative can be differentiated again, or drawn. Of values with labels it has one:
    ∂y/∂x. No `Value.grad` is touched.

    Parameters
    ----------
    output
        The value to differentiate.
    inputs
        The values with respect to which; they need not be leaves.

    Raises
    ------
    TypeError
        `output` or an input is not a `Value`, or a rule decides by the data.
    ZeroDivisionError, ValueError, OverflowError
        A derivative does not exist.

    Examples
    --------
    >>> x = Value(5.0)
    >>> (dx,) = grad(x**3, [x])
    >>> (ddx,) = grad(dx, [x])
    >>> dx.data, ddx.data
    (75.0, 30.0)
    """
    inputs = values("grad", "inputs", inputs)
    order = topological_order(value("grad", "output", output))
    derivatives = chain_rule(order, inputs)
    results, taken = list[Value](), set(order)
    for x in inputs:
        # It has a label, or the caller's: it has to be a value of its own.
        d = derivatives.get(x, 0.0)
        d = +d if d in taken else d if isinstance(d, Value) else Value(d)
        taken.add(d)
        d.label = derived(output.label, x.label)
        results.append(d)
    return results


def chain_rule(order: Sequence[Node], inputs: Iterable[Node]) -> dict[Node, Any]:
    """Return the derivatives of the last of `order`; those that are constant are floats."""
    between = depending(order, inputs)
    derivatives: dict[Any, Any] = {order[-1]: 1.0}
    seen: set[tuple[Any, ...]] = set()
    for node in reversed(order):
        if node not in derivatives or between.isdisjoint(node.parents):
            continue
        operands = [
            x.data if isinstance(x, Constant) and x not in between else x for x in node.parents
        ]
        kind = (node.op, *[isinstance(x, float) for x in operands])
        if kind not in seen:
            seen.add(kind)  # and see that the rule does not decide by the data
            rule(node, [x if isinstance(x, float) else Undecided() for x in operands], Undecided())
        for x, dx in zip(node.parents, rule(node, operands, node), strict=True):
            if x in between and not (isinstance(dx, float) and dx == 0.0):
                term = _product(derivatives[node], dx)
                derivatives[x] = term + derivatives[x] if x in derivatives else term
    return derivatives


def rule(node: Any, operands: Sequence[Any], out: Any) -> Sequence[Any]:
    """Return the partial derivatives of a node's operation, at numbers or whatever else."""
    try:
        return counted(node.op.partials(out, *operands), node.op, len(operands))
    except ERRORS as error:
        fail(error, node.op, node.parents, "derivative")


def _product(g: Any, dx: Any) -> Any:
    """Return ``g * dx`` as one writes it by hand, without factors of 1."""
    for one, other in (g, dx), (dx, g):
        if isinstance(one, (float, int)) and abs(one) == 1.0:
            return other if one == 1.0 else -other
    return g * dx
