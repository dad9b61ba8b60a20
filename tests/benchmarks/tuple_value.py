"""The kind of value that microgpt has, for comparison."""

from math import exp, log


class TupleValue:
    """A value in the manner of microgpt, written for this comparison.

    Slots, a tuple of operands, a tuple of local derivatives, a recursive sort. As there,
    subtraction and division are made of the other operations.
    """

    __slots__ = ("data", "grad", "operands", "partials")

    def __init__(self, data, operands=(), partials=()):
        self.data = data
        self.grad = 0
        self.operands = operands
        self.partials = partials

    def __add__(self, other):
        other = other if isinstance(other, TupleValue) else TupleValue(other)
        return TupleValue(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, TupleValue) else TupleValue(other)
        return TupleValue(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n):
        return TupleValue(self.data**n, (self,), (n * self.data ** (n - 1),))

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    def log(self):
        return TupleValue(log(self.data), (self,), (1 / self.data,))

    def exp(self):
        result = exp(self.data)
        return TupleValue(result, (self,), (result,))

    def relu(self):
        return TupleValue(max(0, self.data), (self,), (float(self.data > 0),))

    def backward(self):
        order = []
        seen = set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for operand in value.operands:
                    visit(operand)
                order.append(value)

        visit(self)
        self.grad = 1
        for value in reversed(order):
            for operand, partial in zip(value.operands, value.partials, strict=True):
                operand.grad += partial * value.grad
