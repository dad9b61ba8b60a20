"""Networks: modules with parameters, and losses.

The names are PyTorch's, the calling conventions micrograd's: a model takes a list of
numbers or values, and returns a value or a list of values.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any, TypeAlias

from micrograd_vn import ops
from micrograd_vn.engine import Constant, Value
from micrograd_vn.errors import described, message
from micrograd_vn.formulas.names import SUBSCRIPTS, SUPERSCRIPTS
from micrograd_vn.operators import Number

__all__ = [
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "hinge_loss",
    "mse_loss",
]

Activation: TypeAlias = "str | Callable[[Value], Value] | None"

ACTIVATIONS: dict[str, Callable[[Value], Value]] = {
    "relu": ops.relu,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
}


class Module:
    """Something with parameters: the leaves among its attributes.

    A subclass just sets attributes: values, modules, and lists, tuples or dicts of them.
    Nothing has to be registered.

    Examples
    --------
    >>> class Residual(Module):
    ...     def __init__(self, n):
    ...         self.inner = Layer(n, n, activation="tanh")
    ...         self.scale = Value(0.5, "s")
    ...     def __call__(self, x):
    ...         return [a + self.scale * b for a, b in zip(x, self.inner(x))]
    >>> block = Residual(2)
    >>> [name for name, _ in block.named_parameters()][-3:]
    ['inner.neurons.1.w.1', 'inner.neurons.1.b', 'scale']
    """

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter once, with its path through the attributes.

        Raises
        ------
        ValueError
            The module is inside itself.
        TypeError
            Parameters are in a set or in an array, which have no names for them.
        """
        seen: set[Value] = set()
        for name, value in _leaves(self, "", ()):
            if value not in seen:
                seen.add(value)
                yield name, value

    def __repr__(self) -> str:
        parts = [
            part for part in (self.extra_repr(), f"{len(self.parameters())} parameters") if part
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    def extra_repr(self) -> str:
        """Return what the module says of itself beside how many parameters it has."""
        return ""

    def parameters(self) -> list[Value]:
        """Return all parameters, in the order of `named_parameters`."""
        return [value for _, value in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """Return the numbers of the parameters by name, ready for JSON.

        Raises
        ------
        ValueError
            Two parameters have the same name, such as by keys ``1`` and ``"1"``.
        """
        return {name: value.data for name, value in self._by_name().items()}

    def _by_name(self) -> dict[str, Value]:
        named: dict[str, Value] = {}
        for name, value in self.named_parameters():
            if name in named:
                raise ValueError(message("same names", type(self).__name__, repr(name)))
            named[name] = value
        return named

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set the parameters to the numbers of a `state_dict`.

        Raises
        ------
        ValueError
            Names are missing or left over, or two parameters have the same. No parameter is
            changed then.
        TypeError
            Something is not a real number. No parameter is changed then.
        """
        parameters = self._by_name()
        missing = [name for name in parameters if name not in state]
        unexpected = [name for name in state if name not in parameters]
        if missing or unexpected:
            raise ValueError(message("names", *map(_first, (missing, unexpected))))
        numbers = {name: Value(x, name).data for name, x in state.items()}
        for name, parameter in parameters.items():
            parameter.data = numbers[name]


def _first(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many there are if these are more."""
    more = f", … ({len(names)})" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more or "—"


def _leaves(x: Any, path: str, around: tuple[int, ...]) -> Iterator[tuple[str, Value]]:
    if isinstance(x, Value):
        if x.op is None and not isinstance(x, Constant):
            yield path, x
        return
    if id(x) in around:
        raise ValueError(message("inside itself", repr(path)))
    around = (*around, id(x))
    if isinstance(x, (Module, dict, list, tuple)):
        parts = vars(x) if isinstance(x, Module) else x
        for name, part in parts.items() if isinstance(parts, dict) else enumerate(parts):
            yield from _leaves(part, f"{path}.{name}" if path else str(name), around)
    elif isinstance(x, Set) or str(getattr(x, "dtype", "")) == "object":
        for part in x if isinstance(x, Set) else x.ravel():
            for _ in _leaves(part, path, around):
                raise TypeError(message("no list", repr(path), type(x).__name__))


class Neuron(Module):
    """A weighted sum with a bias, and an activation.

    Weights are drawn uniformly from ±√(3/nin), which keeps the variance from layer to
    layer (LeCun et al., "Efficient BackProp", 1998), or with "relu" from ±√(6/nin)
    (He et al., "Delving Deep into Rectifiers", 2015). The bias starts at 0.

    Parameters
    ----------
    nin
        How many inputs.
    activation
        ``"relu"``, ``"tanh"``, ``"sigmoid"``, a function of a value, or None.
    seed
        Of the random numbers: an integer, or a generator that goes on.
    name
        Put between w and its index in the labels.

    Raises
    ------
    ValueError
        `activation` is not known.

    Examples
    --------
    >>> neuron = Neuron(2, activation="tanh", seed=1)
    >>> [p.label for p in neuron.parameters()]
    ['w₁', 'w₂', 'b']
    >>> neuron([1.0, Value(2.0)]).op
    tanh
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        seed: int | random.Random = 0,
        name: tuple[str, str] = ("", ""),
    ) -> None:
        if isinstance(activation, str) and activation not in ACTIVATIONS:
            known = ", ".join(map(repr, ACTIVATIONS))
            raise ValueError(message("activation", known, repr(activation)))
        self.activation = ACTIVATIONS[activation] if isinstance(activation, str) else activation
        rng = seed if isinstance(seed, random.Random) else random.Random(seed)
        bound = math.sqrt((6 if activation == "relu" else 3) / nin)
        layer, neuron = name
        before = f"{neuron},".translate(SUBSCRIPTS) if neuron else ""
        self.w = [
            Value(rng.uniform(-bound, bound), f"w{layer}{before}{i}".translate(SUBSCRIPTS))
            for i in range(1, nin + 1)
        ]
        self.b = Value(0.0, f"b{layer}{neuron}".translate(SUBSCRIPTS))

    def extra_repr(self) -> str:
        """Return how many inputs there are."""
        return str(len(self.w))

    def __call__(self, x: Sequence[Number]) -> Value:
        """Return the activation of ``w·x + b``.

        Raises
        ------
        ValueError
            `x` has not as many numbers as the neuron has weights.
        """
        output = ops.dot(self.w, x, bias=self.b)
        return output if self.activation is None else self.activation(output)


class Layer(Module):
    """Neurons side by side.

    Parameters
    ----------
    nin, nout
        How many inputs, and how many neurons.
    activation, seed
        As for `Neuron`.
    name
        Of the layer, in the labels.

    Examples
    --------
    >>> layer = Layer(2, 2)
    >>> [p.label for p in layer.parameters()]
    ['w₁,₁', 'w₁,₂', 'b₁', 'w₂,₁', 'w₂,₂', 'b₂']
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        seed: int | random.Random = 0,
        name: str = "",
    ) -> None:
        rng = seed if isinstance(seed, random.Random) else random.Random(seed)
        self.sizes = [nin, nout]
        self.neurons = [Neuron(nin, activation, rng, (name, str(i + 1))) for i in range(nout)]

    def extra_repr(self) -> str:
        """Return how many inputs and outputs there are."""
        return "-".join(map(str, self.sizes))

    def __call__(self, x: Sequence[Number]) -> Any:
        """Return the neurons' outputs: a list, or the value if there is only one."""
        values = [v if isinstance(v, Value) else Constant(v) for v in x]  # shared by all
        outputs = [neuron(values) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs


class MLP(Module):
    """A multi-layer perceptron: layers in a row, the last without activation.

    Parameters
    ----------
    nin
        How many inputs.
    nouts
        How many neurons in each layer.
    activation
        Of all layers but the last, as for `Neuron`.
    seed
        Of the initial weights.

    Examples
    --------
    >>> model = MLP(2, [16, 16, 1])
    >>> model
    MLP(2-16-16-1, 337 parameters)
    >>> model.parameters()[0].label
    'w⁽¹⁾₁,₁'
    >>> score = model([0.5, -1.0])
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        seed: int | random.Random = 0,
    ) -> None:
        rng = seed if isinstance(seed, random.Random) else random.Random(seed)
        self.sizes = sizes = [nin, *nouts]
        self.layers = [
            Layer(
                sizes[i],
                sizes[i + 1],
                activation if i < len(nouts) - 1 else None,
                rng,
                f"⁽{str(i + 1).translate(SUPERSCRIPTS)}⁾",
            )
            for i in range(len(nouts))
        ]

    def extra_repr(self) -> str:
        """Return how wide the layers are."""
        return "-".join(map(str, self.sizes))

    def __call__(self, x: Sequence[Number]) -> Any:
        """Return the last layer's outputs: a list, or the value if there is only one."""
        for layer in self.layers[:-1]:
            output = layer(x)
            x = output if isinstance(output, list) else [output]
        return self.layers[-1](x)


# Losses. As in PyTorch, `reduction` is "mean", "sum" or "none".


def mse_loss(input: Sequence[Number], target: Sequence[Number], reduction: str = "mean") -> Any:
    """Return the mean squared error of outputs.

    Examples
    --------
    >>> mse_loss([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    2.5
    """
    pairs = _pairs("mse_loss", input, target)
    return _reduced([(x - t) ** 2 for x, t in pairs], reduction)


def hinge_loss(input: Sequence[Number], target: Sequence[Number], reduction: str = "mean") -> Any:
    """Return ``max(0, 1 - target·input)`` of scores, for targets 1 and -1.

    Raises
    ------
    ValueError
        A target is another number.

    Examples
    --------
    >>> hinge_loss([Value(0.5), Value(3.0)], [1, -1]).data
    2.25
    """
    pairs = _pairs("hinge_loss", input, target)
    _check("hinge_loss", target, "1 or -1", lambda t: abs(t) == 1)
    return _reduced([ops.relu(1 - t * x) for x, t in pairs], reduction)


def binary_cross_entropy_with_logits(
    input: Sequence[Number], target: Sequence[Number], reduction: str = "mean"
) -> Any:
    """Return ``-t·ln σ(x) - (1 - t)·ln(1 - σ(x))`` of logits, without overflow.

    Raises
    ------
    ValueError
        A target t is not from 0 to 1.

    Examples
    --------
    >>> round(binary_cross_entropy_with_logits([Value(0.0), Value(1000.0)], [1, 1]).data, 4)
    0.3466
    """
    pairs = _pairs("binary_cross_entropy_with_logits", input, target)
    _check("binary_cross_entropy_with_logits", target, "from 0 to 1", lambda t: 0 <= t <= 1)
    return _reduced([ops.logsumexp([0.0, x]) - t * x for x, t in pairs], reduction)


def cross_entropy(
    input: Sequence[Sequence[Number]], target: Sequence[Any], reduction: str = "mean"
) -> Any:
    """Return the cross-entropy of rows of logits; see `micrograd_vn.cross_entropy` for one.

    Examples
    --------
    >>> logits = [[Value(0.0), Value(0.0)], [Value(0.0), Value(0.0)]]
    >>> round(cross_entropy(logits, [0, 1]).data, 4)
    0.6931
    """
    pairs = _pairs("cross_entropy", input, target)
    return _reduced([ops.cross_entropy(x, t) for x, t in pairs], reduction)


def _pairs(name: str, input: Sequence[Any], target: Sequence[Any]) -> list[tuple[Any, Any]]:
    if not (hasattr(input, "__len__") and hasattr(target, "__len__")):
        raise TypeError(message("one point", name))
    if len(input) != len(target) or not len(input):
        raise ValueError(message("as many", name, len(input), len(target)))
    return list(zip(input, target, strict=True))


def _check(name: str, target: Sequence[Any], domain: str, right: Callable[[float], bool]) -> None:
    for t in target:
        if not right(t.data if isinstance(t, Value) else t):
            raise ValueError(message(f"target {domain}", name, described(t)))


def _reduced(losses: list[Any], reduction: str) -> Any:
    if reduction == "none":
        return losses
    if reduction not in ("mean", "sum"):
        raise ValueError(message("reduction", repr(reduction)))
    total = losses[0]
    for loss in losses[1:]:
        total = total + loss
    return total * (1.0 / len(losses)) if reduction == "mean" else total
