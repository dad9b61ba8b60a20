"""The engines that the benchmarks compare, behind one small interface."""

from dataclasses import dataclass
from math import exp, log
from typing import Any

import micrograd.engine
import xad.adj_1st
import xad.math

import micrograd_vn


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


@dataclass(frozen=True)
class Engine:
    """What a program needs of an engine.

    `gradients(loss, numbers)` builds ``loss(parameters)`` and returns its number and the
    derivatives by the parameters.
    """

    name: str
    value: Any

    def relu(self, x):
        return x.relu()

    def gradients(self, loss, numbers):
        parameters = [self.value(x) for x in numbers]
        output = loss(parameters)
        output.backward()
        return output.data, [p.grad for p in parameters]


class Xad(Engine):
    """XAD records on a tape and has its functions beside its numbers."""

    def relu(self, x):
        return xad.math.max(x, 0.0)

    def gradients(self, loss, numbers):
        with xad.adj_1st.Tape() as tape:
            parameters = [self.value(x) for x in numbers]
            tape.registerInputs(parameters)
            tape.newRecording()
            output = loss(parameters)
            tape.registerOutput(output)
            output.setDerivative(1.0)
            tape.computeAdjoints()
            return output.getValue(), [p.getDerivative() for p in parameters]


OURS = Engine("micrograd_vn", micrograd_vn.Value)
MICROGRAD = Engine("micrograd 0.1.0", micrograd.engine.Value)
MICROGPT = Engine("microgpt's kind of Value", TupleValue)
XAD = Xad("XAD (C++ tape)", xad.adj_1st.Real)
