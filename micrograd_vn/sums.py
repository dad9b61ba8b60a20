"""A function of one point, added up over many: by floats, arrays, devices or machines."""

from __future__ import annotations

import functools
import importlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from micrograd_vn.errors import message
from micrograd_vn.readers.codegen import Function

__all__ = ["Points", "Sums"]


class Array(Protocol):
    """An array of any library."""

    @property
    def shape(self) -> Any:
        """How long it is in each dimension."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __getitem__(self, key: Any, /) -> Any: ...


Points: TypeAlias = "Sequence[Any] | Array"

# Arrays of a few thousand numbers stay in the caches, where the time of a point is less than half,
# unless there are too many of them; of fewer numbers, calling NumPy takes longer than they do.
_MOST, _LEAST, _ALL = 4_000, 500, 1_000_000
# The C library of Linux gives memory back to the system whenever the arrays of a block are freed,
# which doubles the time, until an array of nearly 32 MiB has been freed once. It is never filled.
_FREED_ONCE = 3_900_000
# XLA repeats what leads to a sum of at most 32 terms for every sum: minutes and 4 GB to compile.
_FEW = 32


class Sums:
    """The results of a function of one point, added up over points; nothing else happens.

    Parameters
    ----------
    point
        The function, of the numbers of a point, its targets, and the parameters.
    library
        The name of the module whose arrays it takes, or ``"math"``.
    inputs
        How many numbers a point has.
    targets
        How many targets, in a sequence; 0 for one that is in none.
    """

    def __init__(self, point: Function, library: str, inputs: int, targets: int) -> None:
        self.point, self.library, self.inputs, self.targets = point, library, inputs, targets

    def __call__(self, X: Points, Y: Points, p: Sequence[float]) -> list[float]:
        """Return the sum of each result over the points in the rows of `X`.

        Raises
        ------
        ValueError
            The shapes of `X` and `Y` do not fit, or there are no points.
        """
        x, y = _shape(X), _shape(Y)
        n = x[0] if x else 0
        if (
            n == 0
            or x != (n, self.inputs)
            or (y != (n, self.targets or 1) and not (self.targets <= 1 and y == (n,)))
        ):
            wanted = f"(n, {self.targets})" if self.targets else "(n,)"
            raise ValueError(message("shapes", x, y, f"(n, {self.inputs})", wanted))
        ways = {"math": self._of_floats, "jax.numpy": self._of_jax, "dask.array": self._of_dask}
        return ways.get(self.library, self._of_arrays)(X, Y, p)

    def __reduce__(self) -> tuple[Any, ...]:
        return Sums, (self.point, self.library, self.inputs, self.targets)

    def _results(self, X: Any, Y: Any, p: Any) -> Any:
        """Return the results for columns of arrays, each an array or one number for all."""
        targets = list(Y.reshape(-1, self.targets).T) if self.targets else Y.reshape(-1)
        return self.point(list(X.T), targets, p)

    def _of_floats(self, X: Any, Y: Any, p: Any) -> list[float]:
        totals = [0.0] * (1 + len(p))
        for x, y in zip(X, Y, strict=True):
            row = list(map(float, y if hasattr(y, "__len__") else [y]))
            results = self.point(list(map(float, x)), row if self.targets else row[0], p)
            totals = [a + b for a, b in zip(totals, results, strict=True)]
        return totals

    def _of_arrays(self, X: Any, Y: Any, p: Any) -> list[float]:
        np = importlib.import_module(self.library)
        X, Y = np.asarray(X, float), np.asarray(Y, float)
        np.empty(_FREED_ONCE)
        n = len(X)
        blocks = -(-n // max(_LEAST, min(_MOST, _ALL // (1 + len(p)))))
        size = -(-n // blocks)
        total = np.zeros(1 + len(p))
        for start in range(0, n, size):
            x, y = X[start : start + size], Y[start : start + size]
            ones = np.ones(len(x))
            results = self._results(np.asarray(x, order="F"), np.asarray(y, order="F"), p)
            # Not np.sum, whose own work is more than adding a thousand numbers.
            total = total + np.array(
                [r.dot(ones) if getattr(r, "ndim", 0) else r * len(x) for r in results]
            )
        return total.tolist()  # type: ignore[no-any-return]

    def _of_jax(self, X: Any, Y: Any, p: Any) -> list[float]:
        import jax
        import jax.numpy as jnp

        X, Y = [a if isinstance(a, jax.Array) else jnp.asarray(a, float) for a in (X, Y)]
        results, added, at_once = self._jitted
        if len(X) > _FEW * len(X.sharding.device_set):
            return at_once(X, Y, p).tolist()  # type: ignore[no-any-return]
        return added(results(X, Y, p)).tolist()  # type: ignore[no-any-return]

    @functools.cached_property
    def _jitted(self) -> tuple[Callable[..., Any], ...]:
        import jax
        import jax.numpy as jnp

        def results(X: Any, Y: Any, p: Any) -> Any:
            return [jnp.broadcast_to(r, len(X)) for r in self._results(X, Y, p)]

        def added(results: Any) -> Any:
            return jnp.stack([r.sum() for r in results])

        return jax.jit(results), jax.jit(added), jax.jit(lambda *given: added(results(*given)))

    def _of_dask(self, X: Any, Y: Any, p: Any) -> list[float]:
        import dask.array as da
        from dask.base import compute
        from dask.delayed import delayed

        X = da.asarray(X).rechunk({1: -1})  # type: ignore[no-untyped-call]
        Y = da.asarray(Y)  # type: ignore[no-untyped-call]
        Y = Y.rechunk({0: X.chunks[0], **({1: -1} if Y.ndim > 1 else {})})
        here = Sums(self.point, "numpy", self.inputs, self.targets)
        function, parameters = delayed(pickle.dumps(here)), delayed(p, traverse=False)
        parts = [
            delayed(_of_chunk)(function, x, y, parameters)
            for x, y in zip(X.to_delayed().ravel(), Y.to_delayed().ravel(), strict=True)
        ]
        totals = compute(*parts)  # type: ignore[no-untyped-call]
        return [sum(results) for results in zip(*totals, strict=True)]


@functools.lru_cache(maxsize=8)
def _unpickled(sums: bytes) -> Sums:
    return pickle.loads(sums)  # type: ignore[no-any-return]


def _of_chunk(sums: bytes, X: Any, Y: Any, p: Any) -> list[float]:
    """Return the sums over a chunk; a worker compiles a function once, not at each step."""
    return _unpickled(sums)(X, Y, p) if len(X) else [0.0] * (1 + len(p))


def _shape(x: Any) -> tuple[Any, ...]:
    """Return the shape of an array, or of sequences; a set if these differ in length."""
    if hasattr(x, "shape"):
        return tuple(x.shape)
    n = _length(x)
    if not n:
        return () if n is None else (0,)
    lengths = {_length(part) for part in x}
    return (n, lengths) if len(lengths) > 1 else (n, *_shape(x[0]))


def _length(x: Any) -> int | None:
    return None if isinstance(x, str) or not hasattr(x, "__len__") else len(x)
