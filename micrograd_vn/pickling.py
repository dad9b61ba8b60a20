"""Pickling and copying of values, at any depth and with all that they share.

A value is pickled with its operands, which would go as deep as the graph. So those come
first, in topological order: when a value is reached, its operands are known to the pickler.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from micrograd_vn.engine import Value, topological_order


class _Inside(threading.local):
    """The values whose operands the pickler of this thread has been given."""

    def __init__(self) -> None:
        self.values: set[Value] = set()


_inside = _Inside()


class _Graph:
    """Values in topological order, pickled as a list of them."""

    def __init__(self, order: Sequence[Value]) -> None:
        self.order = order

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._one_by_one()

    def _one_by_one(self) -> Iterator[Value]:
        for value in self.order:
            _inside.values.add(value)
            yield value

    def __del__(self) -> None:
        """Forget the values: the pickler, which has kept this, is done or has failed."""
        _inside.values.difference_update(self.order)


def last(values: Sequence[Value]) -> Value:
    """Return the last value, which is the one that is unpickled."""
    return values[-1]


def made(kind: type[Value], state: tuple[Any, ...]) -> Value:
    """Return a value with the fields that it had."""
    value = object.__new__(kind)
    value.data, value.grad, value.op, value._label, value._x, value._y = state
    return value


def _reduce(self: Value) -> tuple[Any, ...]:
    if self.op is None or self in _inside.values:
        state = (self.data, self.grad, self.op, self._label, self._x, self._y)
        return made, (type(self), state)
    return last, (_Graph(topological_order(self)),)


def _copy(self: Value) -> Value:
    return made(type(self), (self.data, self.grad, self.op, self._label, self._x, self._y))


setattr(Value, "__reduce__", _reduce)  # noqa: B010
setattr(Value, "__copy__", _copy)  # noqa: B010
