"""The compiled functions of workload A, beside straight-line C of the same operations."""

import ast
import ctypes
import importlib.util
import operator
import pathlib
import shutil
import subprocess
import tempfile

from micrograd_vn import grad, lambdify, tanh
from micrograd_vn.engine import Value
from micrograd_vn.sums import Sums
from tests.benchmarks.workloads import dot_neuron, moons_network, moons_parameters


def installed(name):
    """Whether a library of Python's is there."""
    return importlib.util.find_spec(name) is not None


def graph_of_one_point():
    """Return inputs and outputs: the hinge loss of one point, and its derivatives."""
    x, y = [Value(0.5), Value(-0.25)], Value(1.0)
    parameters = [Value(p) for p in moons_parameters()]
    score = moons_network(parameters, x, Value.relu, dot_neuron)
    loss = (1 - y * score).relu()
    return [*x, y, parameters], [loss, *grad(loss, parameters)]


def chain(n):
    """Return a leaf and `n` operations on it."""
    x = Value(0.5, "x")
    y = x
    for i in range(n):
        y = y * 0.999 if i % 2 else tanh(y)
    return x, y


def regularised(means, parameters):
    """Add what does not depend on the points: 1e-4 times the sum of squares."""
    loss = means[0] + 1e-4 * sum([p * p for p in parameters])
    return [loss, *[m + 2e-4 * p for m, p in zip(means[1:], parameters, strict=True)]]


def with_math(inputs, classes, parameters):
    """Return a step that goes from point to point, on floats."""
    f = lambdify(*graph_of_one_point())

    def step():
        total = [0.0] * (len(parameters) + 1)
        for (x0, x1), y in zip(inputs, classes, strict=True):
            total = list(map(operator.add, total, f(x0, x1, y, parameters)))
        return regularised([t / len(inputs) for t in total], parameters)

    return step


def with_numpy(inputs, classes, parameters):
    """Return a step on blocks of points, as `CompiledLoss` does it."""
    import numpy as np

    (*x, y, p), outputs = graph_of_one_point()
    sums = Sums(lambdify([x, y, p], outputs, "numpy"), "numpy", 2, 0)
    points, targets = np.array(inputs), np.array(classes, float)

    def step():
        means = [total / len(points) for total in sums(points, targets, parameters)]
        return regularised(means, parameters)

    return step


def with_jax(inputs, classes, parameters):
    """Return a step on all points at once, compiled by XLA."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    f = lambdify(*graph_of_one_point(), jnp)
    (x0, x1), y = jnp.array(inputs).T, jnp.array(classes, float)
    mean = jax.jit(lambda *arguments: jnp.stack([r.mean() for r in f(*arguments)]))
    p = [jnp.asarray(x) for x in parameters]

    def step():
        return regularised(mean(x0, x1, y, p).tolist(), parameters)

    step()  # compiles
    return step


def with_c(inputs, classes, parameters):
    """Return a step in C at -O2: the lines of the source, once for each point."""
    source = lambdify(*graph_of_one_point()).source
    unpacking, *lines, result = ast.parse(source).body[0].body
    names = [name.id for name in unpacking.targets[0].elts]
    text = "\n".join(
        [
            "static double relu(double x) { return x > 0 ? x : 0; }",
            "static double step(double x) { return x > 0; }",
            "void run(long n, const double *X, const double *Y, const double *P, double *R) {",
            "for (long i = 0; i < n; i++) {",
            "double x1 = X[2 * i], x2 = X[2 * i + 1], x3 = Y[i];",
            *[f"double {name} = P[{i}];" for i, name in enumerate(names)],
            *[f"double {ast.unparse(line)};" for line in lines],
            *[f"R[{i}] += {name.id};" for i, name in enumerate(result.value.elts)],
            "}}",
        ]
    )
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        (folder / "f.c").write_text(text)
        command = ["cc", "-O2", "-shared", "-fPIC", "-o", folder / "f.so", folder / "f.c"]
        subprocess.run(command, check=True)
        run = ctypes.CDLL(str(folder / "f.so")).run
    finally:
        shutil.rmtree(folder)
    n, count = len(inputs), len(parameters)
    x = (ctypes.c_double * (2 * n))(*[number for point in inputs for number in point])
    y = (ctypes.c_double * n)(*classes)
    p = (ctypes.c_double * count)(*parameters)

    def step():
        totals = (ctypes.c_double * (count + 1))()
        run(ctypes.c_long(n), x, y, p, totals)
        return regularised([t / n for t in totals], parameters)

    return step
