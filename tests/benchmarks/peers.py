"""The engines that the benchmarks compare, behind one small interface."""

from dataclasses import dataclass
from typing import Any

import micrograd.engine
import xad.adj_1st
import xad.math

import micrograd_vn
from tests.benchmarks.tuple_value import TupleValue


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
