"""The engine: values that remember how they were computed, and the chain rule.

A `Value` is one number together with the operation (`Op`) and the operands that gave
it. Values therefore form a directed acyclic graph. `topological_order` walks it,
`Value.backward` adds derivatives up along it, and `grad` writes the derivatives down
as a new graph.

What the operations are is not said here: each is one entry in the table of
`micrograd_vn.ops`, and the engine treats all of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isinf, isnan, nan
from numbers import Real
from typing import Any, ClassVar, TypeAlias, overload

__all__ = ["OPERATIONS", "Constant", "Op", "Value", "grad", "topological_order"]

Number: TypeAlias = "Value | float"
Method: TypeAlias = "Callable[[Value, Number], Value]"


class Op:
    """An operation: how it is computed, and its partial derivatives.

    Creating an `Op` is all that it takes to add an operation: it can then be called,
    backpropagated through, differentiated to any order and drawn.

    Parameters
    ----------
    name
        The name under which it enters the table `OPERATIONS`.
    forward
        The result as a `float`, from operands that are `float`.
    partials
        Called with the result and the operands; returns one partial derivative for
        each operand. Written with arithmetic and other operations, so that the same
        rule serves numbers (`Value.backward`) and values (`grad`); an ``if`` would be
        decided once and for all when `grad` records it, so use `step` or `sign`.
    symbol
        What diagrams show for it; its name unless given.
    template
        How a formula shows it: with one ``{}`` for each operand, or a function that
        returns the formula from those of the operands; ``symbol(x, y)`` unless given.
    binding
        How tightly the template holds together and how tightly each operand has to,
        from 0 (a comma) over 1 (a sum), 2 (a product) and 3 (a power) to 4 (a name).
        An operand that is looser than required is put in parentheses. The last number
        holds for all further operands. Unless given, a template is as loose as a sum and
        all but names in it are put in parentheses.
    code
        How `lambdify` writes it in Python: an expression with one ``{}`` for each
        operand, or a function that returns the expression from the operands' names;
        a call of `forward` unless given. It may call operations of the table, and `abs`.
    arrays
        `forward` for arrays: called with a module that has NumPy's functions, and the
        operands. Not needed where `forward` is made of arithmetic and operations.
    domain
        Where the result exists, such as ``"x > 0"``; everywhere unless given. Documents
        what `forward` does, and is not checked by the engine.

    Examples
    --------
    >>> softsign = Op(
    ...     "softsign",
    ...     forward=lambda x: x / (1 + abs(x)),
    ...     partials=lambda out, x: (1 / (1 + abs(x)) ** 2,),
    ... )
    >>> x = Value(-3.0)
    >>> y = softsign(x)
    >>> y.backward()
    >>> y.data, x.grad
    (-0.75, 0.0625)
    >>> del OPERATIONS["softsign"]
    """

    __slots__ = (
        "arrays", "binding", "code", "domain", "forward", "name", "partials", "symbol", "template",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        forward: Callable[..., float],
        partials: Callable[..., Sequence[Any]],
        symbol: str | None = None,
        template: str | Callable[..., str] | None = None,
        binding: Sequence[int] | None = None,
        code: str | Callable[..., str] | None = None,
        arrays: Callable[..., Any] | None = None,
        domain: str = "",
    ) -> None:
        self.name = name
        self.forward = forward
        self.partials = partials
        self.symbol = name if symbol is None else symbol
        self.template = template
        self.binding = tuple(binding or ((4,) if template is None else (1, 4)))
        self.code = code
        self.arrays = arrays
        self.domain = domain
        OPERATIONS[name] = self

    @overload
    def __call__(self, *operands: float) -> float: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, *operands: Number) -> Value: ...

    def __call__(self, *operands: Number) -> Number:
        """Return the recorded result; of plain numbers alone, a plain number.

        Raises
        ------
        TypeError
            An operand is neither a `Value` nor a real number.
        ValueError, ZeroDivisionError, OverflowError
            The operands are outside the domain, or the result is too large. The
            message names the operation and its operands with their labels.
        """
        for x in operands:
            if isinstance(x, Value):
                return record(self, operands)
        try:
            numbers = [_real(x, self.name) for x in operands]
        except TypeError:
            for x in operands:
                if hasattr(x, "apply_op"):  # it stands for an operand, as in lambdify
                    return x.apply_op(self, operands)  # type: ignore[no-any-return]
            raise
        try:
            return self.forward(*numbers)
        except _ERRORS as error:
            raise _explained(error, self, numbers) from error

    def __repr__(self) -> str:
        return self.name


OPERATIONS: dict[str, Op] = {}
"""The table of operations, by name."""


class Value:
    """A number that remembers how it was computed.

    Parameters
    ----------
    data
        A real number: `int`, `float` or a NumPy scalar.
    label
        The name that diagrams, solutions and error messages show.

    Attributes
    ----------
    data : float
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
    >>> c = a * b + a**2
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-2.0, 1.0, 2.0)
    """

    # One object and no tuple for an operation on one or two operands: the garbage
    # collector's work grows with the number of objects. Of three operands and more, `_x`
    # is None and `_y` a tuple of all.
    __slots__ = ("_label", "_x", "_y", "data", "grad", "op")

    __array_ufunc__ = None  # NumPy scalars on the left leave the operation to us

    data: float
    grad: float
    op: Op | None
    _label: str | None
    _x: Value | None
    _y: Any

    def __init__(self, data: float, label: str | None = None) -> None:
        self.data = _real(data, f"Value {label!r}" if label else "Value")
        self.grad = 0.0
        self.op = self._x = self._y = None
        self.label = label

    @property
    def label(self) -> str | None:
        """The name that diagrams, solutions and error messages show."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        if not (label is None or isinstance(label, str)):
            kind = type(label).__name__
            raise TypeError(f"Value({self.data!r}): a label is a string, not {kind} {label!r}")
        self._label = label

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
        if self.op is None:
            return ()
        return _partials(self, [x.data for x in self.parents])

    def backward(self, gradient: float = 1.0) -> None:
        """Add the derivatives of this value to the `grad` of all that it depends on.

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
        leaves = []
        for node in order:
            if node.op is None:
                leaves.append((node, node.grad))
            else:
                node.grad = 0.0
        self.grad += _real(gradient, "backward")
        # The chain rule, unrolled for one and two operands, which is nearly all there is.
        try:
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
        except _ERRORS as error:
            for leaf, before in leaves:
                leaf.grad = before
            raise _explained(error, f"derivative of {node.op}", node.parents) from error

    def zero_grad(self) -> None:
        """Set `grad` to 0, here and in all that this value depends on."""
        for node in topological_order(self):
            node.grad = 0.0

    # Operators and methods name their operation, an entry of the table. Those with two
    # operands are made by `operators`, where the table is.

    __add__: ClassVar[Method]
    __radd__: ClassVar[Method]
    __sub__: ClassVar[Method]
    __rsub__: ClassVar[Method]
    __mul__: ClassVar[Method]
    __rmul__: ClassVar[Method]
    __truediv__: ClassVar[Method]
    __rtruediv__: ClassVar[Method]
    __pow__: ClassVar[Method]
    __rpow__: ClassVar[Method]

    def __neg__(self) -> Value:
        return record(OPERATIONS["neg"], (self,))

    def __pos__(self) -> Value:
        return record(OPERATIONS["identity"], (self,))

    def __abs__(self) -> Value:
        return record(OPERATIONS["abs"], (self,))

    def exp(self) -> Value:
        """Return e to the power of this value."""
        return record(OPERATIONS["exp"], (self,))

    def log(self) -> Value:
        """Return the natural logarithm."""
        return record(OPERATIONS["log"], (self,))

    def sqrt(self) -> Value:
        """Return the square root."""
        return record(OPERATIONS["sqrt"], (self,))

    def sin(self) -> Value:
        """Return the sine, of an angle in radians."""
        return record(OPERATIONS["sin"], (self,))

    def cos(self) -> Value:
        """Return the cosine, of an angle in radians."""
        return record(OPERATIONS["cos"], (self,))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent."""
        return record(OPERATIONS["tanh"], (self,))

    def sigmoid(self) -> Value:
        """Return 1 / (1 + e⁻ˣ)."""
        return record(OPERATIONS["sigmoid"], (self,))

    def relu(self) -> Value:
        """Return this value where it is positive, else 0."""
        return record(OPERATIONS["relu"], (self,))

    # Comparisons are between numbers; as a key of a dict, a value is only itself.

    def __lt__(self, other: Number) -> bool:
        return bool(self.data < _data(other))

    def __le__(self, other: Number) -> bool:
        return bool(self.data <= _data(other))

    def __gt__(self, other: Number) -> bool:
        return bool(self.data > _data(other))

    def __ge__(self, other: Number) -> bool:
        return bool(self.data >= _data(other))

    def __eq__(self, other: object) -> bool:
        return bool(self.data == _data(other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        raise TypeError(
            f"{_described(self)}: a float would lose the graph; "
            "use .data for the number, or a function of micrograd_vn"
        )

    def __format__(self, spec: str) -> str:
        return format(self.data, spec)

    def __repr__(self) -> str:
        label = "" if self.label is None else f", label={self.label!r}"
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"


class Constant(Value):
    """A plain number in an expression, such as the 2 in ``2 * x``."""

    __slots__ = ()


def record(op: Op, operands: Sequence[Number]) -> Value:
    """Return the value that `op` gives on `operands`."""
    xs: tuple[Any, ...] = tuple(operands)
    for x in xs:
        if x.__class__ is not Value:
            xs = tuple([x if isinstance(x, Value) else _constant(op, x) for x in xs])
            break
    try:
        data = float(op.forward(*[x.data for x in xs]))
        if data - data:  # of a finite number this is 0, of inf and nan it is nan
            _check(data, xs)
    except _ERRORS as error:
        raise _explained(error, op, xs) from error
    node = _new(Value)
    node.data = data
    node.grad = 0.0
    node.op = op
    node._label = None
    if len(xs) > 2:
        node._x, node._y = None, xs
    else:
        node._x, node._y = xs[0], xs[1] if len(xs) == 2 else None
    return node


def operators(op: Op) -> tuple[Method, Method]:
    """Return the methods for ``value ∘ other`` and for ``other ∘ value``.

    Nearly every node of a graph comes from here, so this is `record` for two operands
    with everything in one function.
    """
    forward = op.forward

    def method(self: Value, other: Number) -> Value:
        if other.__class__ is not Value and not isinstance(other, Value):
            other = _constant(op, other)
        try:
            data = forward(self.data, other.data)
            if data - data:
                _check(data, (self, other))
        except _ERRORS as error:
            raise _explained(error, op, (self, other)) from error
        node = _new(Value)
        node.data = data
        node.grad = 0.0
        node.op = op
        node._label = None
        node._x = self
        node._y = other
        return node

    def reflected(self: Value, other: Number) -> Value:
        return method(_constant(op, other), self)

    return method, reflected


_new = object.__new__
_ERRORS = (ArithmeticError, ValueError, TypeError)  # what a rule may raise


def topological_order(*roots: Value) -> list[Value]:
    """Return all values that `roots` depend on, each after its operands.

    The order follows from the expression alone: depth first, operands from left to
    right.

    Examples
    --------
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [f"{node}" for node in topological_order(a * b + a)]
    ['2.0', '3.0', '6.0', '8.0']
    """
    order: list[Value] = []
    seen: set[Value] = set()
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


def grad(output: Value, inputs: Iterable[Value]) -> list[Value]:
    """Return the derivatives of `output`, one for each of `inputs`, as values.

    Where `backward` adds up numbers, `grad` records the same chain rule as a graph:
    the derivative can be differentiated again, or drawn. No `Value.grad` is touched.

    Parameters
    ----------
    output
        The value to differentiate.
    inputs
        The values with respect to which; they need not be leaves.

    Returns
    -------
    list of Value
        A value for each input, new and without a label; 0 where `output` does not
        depend on the input.

    Raises
    ------
    TypeError
        `output` or an input is not a `Value`.
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
    if isinstance(inputs, Value):
        raise TypeError(
            f"grad: inputs is a sequence of Values; for one, write [{_described(inputs)}]"
        )
    inputs = list(inputs)
    for name, value in [("output", output), *(("an input", x) for x in inputs)]:
        if not isinstance(value, Value):
            raise TypeError(f"grad: {name} must be a Value, not {type(value).__name__} {value!r}")

    order = topological_order(output)
    between = set(inputs)  # what lies between the inputs and the output
    above = set()  # of these, what has an operand that does
    for node in order:
        if any([x in between for x in node.parents]):
            between.add(node)
            above.add(node)

    # A derivative is a float for as long as it is a constant, else a Value.
    derivatives: dict[Value, Number] = {output: 1.0}
    for node in reversed(order):
        if node not in above or node not in derivatives:
            continue
        operands = [x.data if isinstance(x, Constant) else x for x in node.parents]
        partials = _partials(node, operands)
        for x, dx in zip(node.parents, partials, strict=True):
            if x in between and (isinstance(dx, Value) or dx != 0.0):
                term = _product(derivatives[node], dx)
                derivatives[x] = derivatives[x] + term if x in derivatives else term

    results: list[Value] = []
    taken = set(order)
    for x in inputs:
        result = derivatives.get(x, 0.0)
        if not isinstance(result, Value):
            result = Value(result)
        elif result in taken:  # the caller may label it: it has to be a value of its own
            result = +result
        taken.add(result)
        results.append(result)
    return results


def _product(g: Number, dx: Number) -> Number:
    """Return ``g * dx`` as one writes it by hand, without factors of 1."""
    for one, other in (g, dx), (dx, g):
        if not isinstance(one, Value) and abs(one) == 1.0:
            return other if one == 1.0 else -other
    return g * dx


def _partials(node: Value, operands: Sequence[Number]) -> Sequence[Any]:
    """Return the partial derivatives of a recorded operation at `operands`."""
    assert node.op is not None
    out = node if any([isinstance(x, Value) for x in operands]) else node.data
    try:
        partials = node.op.partials(out, *operands)
        if len(partials) != len(operands):
            raise ValueError(f"{len(partials)} derivatives for {len(operands)} operands")
        return partials
    except _ERRORS as error:
        raise _explained(error, f"derivative of {node.op}", node.parents) from error


def _constant(op: Op, x: object) -> Constant:
    return Constant(_real(x, op.name))


def _data(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


def _real(x: object, owner: str) -> float:
    if not isinstance(x, (float, int, Real)):
        raise TypeError(f"{owner}: expected a real number, not {type(x).__name__} {x!r}")
    return float(x)


def _check(data: float, operands: Sequence[Value]) -> None:
    """Raise if `data` is infinite or not a number though no operand was.

    An operation that means nan returns `math.nan` itself.
    """
    if isnan(data) and data is not nan and not any([isnan(x.data) for x in operands]):
        raise ValueError("the result is not a number (nan)")
    if isinf(data) and not any([isinf(x.data) for x in operands]):
        raise OverflowError("the result is too large for a float")


def _explained(error: Exception, what: object, operands: Sequence[Number]) -> Exception:
    """Return an error of the same type that names what failed and on which operands."""
    shown = [_described(x) for x in operands[:8]]
    if len(operands) > 8:
        shown.append("…")
    return type(error)(f"{what}({', '.join(shown)}): {error}")


def _described(x: Number) -> str:
    if not isinstance(x, Value):
        return repr(x)
    return repr(x.data) if x.label is None else f"{x.label}={x.data!r}"
