"""Run the benchmarks: ``python -m tests.benchmarks``; with ``--publish``, put them in the docs.

Each workload runs on every engine in turn, several rounds in one process with Python's
garbage collector on, and every engine has to find the same numbers. The table shows
medians, the least and the most, and how many times ours each is. Published, all that is printed
is in docs/benchmarks.md, and its first table in README.md too.
"""

import argparse
import contextlib
import gc
import os
import pathlib
import platform
import shutil
import sys
import time
import tracemalloc
from statistics import median

from micrograd_vn import dot, lambdify

try:
    from tests.benchmarks.peers import MICROGPT, MICROGRAD, OURS, XAD
except ImportError as error:
    sys.exit(f"{error}: the peers come with `pip install '.[bench]'`")
from micrograd_vn.moons import make_moons
from tests.benchmarks.cluster import on_many_points
from tests.benchmarks.compiled import (
    chain,
    graph_of_one_point,
    installed,
    with_c,
    with_jax,
    with_math,
    with_numpy,
)
from tests.benchmarks.player import live_pages
from tests.benchmarks.publishing import Twice, publish
from tests.benchmarks.training import eager_step, micrograd_step, torch_step, whole_demo
from tests.benchmarks.workloads import (
    dot_neuron,
    moons_loss,
    moons_parameters,
    sum_neuron,
    train_gpt,
)


def timed(contestants, rounds):
    """Return the times of each function in seconds, a median for each round, and what it returned.

    The functions take turns, each running three times in a row as a training loop does,
    so that it meets its own garbage; that of the others is collected before its turn.
    """
    times = {name: [] for name in contestants}
    results = {}
    for _ in range(rounds):
        for name, function in contestants.items():
            gc.collect()
            turn = []
            for _ in range(3):
                start = time.perf_counter()
                results[name] = function()
                turn.append(time.perf_counter() - start)
            times[name].append(median(turn))
    return times, results


def assert_same(results):
    """Every engine has to find the numbers of the first, to 1e-9 of the largest."""
    first, *others = results.values()
    scale = max(map(abs, first))
    for other in others:
        differences = [abs(a - b) for a, b in zip(first, other, strict=True)]
        assert max(differences) <= 1e-9 * scale, f"the engines disagree by {max(differences)}"


def moons_step(engine, neuron=sum_neuron):
    """Return what makes a step of micrograd's two-moons demo: forward and backward."""

    def make(inputs, classes, parameters):
        def step():
            loss = moons_loss(engine, inputs, classes, neuron)
            output, gradients = engine.gradients(loss, parameters)
            return [output, *gradients]

        return step

    return make


def workload_a(rounds, points):
    """One step of micrograd's two-moons demo on every engine."""
    steps = {
        OURS.name: moons_step(OURS),
        f"{OURS.name}, neurons with dot": moons_step(OURS, dot_neuron),
        MICROGRAD.name: moons_step(MICROGRAD),
        MICROGPT.name: moons_step(MICROGPT),
        XAD.name: moons_step(XAD),
    }
    arguments = (*make_moons(points), moons_parameters())
    times, results = timed({name: make(*arguments) for name, make in steps.items()}, rounds)
    assert_same(results)
    return times


def workload_a_compiled(rounds, points, many):
    """Workload A with compiled functions: the time of a point, in microseconds."""
    parameters = moons_parameters()
    times = {}

    def measure(contestants, n, repeat):
        inputs, classes = make_moons(n)
        steps = {name: make(inputs, classes, parameters) for name, make in contestants.items()}
        taken, results = timed(steps, repeat)
        assert_same(results)
        times.update({name: [t / n for t in ts] for name, ts in taken.items()})

    numpy, jax = installed("numpy"), installed("jax")
    skipped = [name for name in ("numpy", "jax") if not installed(name)]
    recorded = moons_step(MICROGRAD), moons_step(OURS)
    few = {MICROGRAD.name: recorded[0], OURS.name: recorded[1]}
    few["lambdify, floats"] = with_math
    if numpy:
        few[f"lambdify, NumPy, batch of {points}"] = with_numpy
    measure(few, points, rounds)
    large = {}
    if numpy:
        large[f"lambdify, NumPy, batch of {many}"] = with_numpy
    if jax:
        large[f"lambdify, jax.jit, batch of {many}"] = with_jax
    if shutil.which("cc"):
        large[f"straight-line C at -O2, {many} points"] = with_c
    else:
        skipped.append("a C compiler")
    if large:
        measure(large, many, rounds)
    if skipped:
        print(f"\nLeft out, as not installed: {', '.join(skipped)}")
    return times


def training(rounds, points, steps):
    """Steps of training with the network libraries; the demo's are `steps` steps at once."""
    inputs, classes = make_moons(points)
    contestants = {
        f"{OURS.name}, nn and optim": eager_step(inputs, classes),
        MICROGRAD.name: micrograd_step(inputs, classes),
    }
    if installed("torch"):
        contestants["PyTorch, a tensor for each scalar"] = torch_step(inputs, classes)
    else:
        print("\nLeft out, as not installed: torch")
    times, _ = timed(contestants, rounds)
    demo, _ = timed({"demo": whole_demo(inputs, classes, steps)}, rounds)
    name = f"lambdify, NumPy: {steps} steps and compilation, per step"
    return {**times, name: [t / steps for t in demo["demo"]]}


def compiling(rounds, operations):
    """Return the time to emit and compile: workload A's function, and long chains."""
    inputs, outputs = graph_of_one_point()
    lines = lambdify(inputs, outputs).source.count(" = ")
    small, large = chain(operations // 10), chain(operations)
    times, _ = timed(
        {
            f"workload A, {lines} assignments": lambda: lambdify(inputs, outputs),
            f"a chain of {operations // 10}": lambda: lambdify([small[0]], small[1]),
            f"a chain of {operations}": lambda: lambdify([large[0]], large[1]),
        },
        rounds,
    )
    return times


def workload_b(rounds, steps):
    """Steps of training a small GPT on names."""
    times, results = timed(
        {
            OURS.name: lambda: train_gpt(OURS, steps),
            f"{OURS.name}, products with dot": lambda: train_gpt(OURS, steps, dot),
            MICROGPT.name: lambda: train_gpt(MICROGPT, steps),
        },
        rounds,
    )
    assert_same(results)
    return times


def memory():
    """Return the bytes that one recorded addition takes, by engine."""
    used = {}
    for engine in (OURS, MICROGRAD, MICROGPT):
        x = engine.value(1.5)
        values = [x] * 10_001
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for i in range(10_000):
            values[i + 1] = values[i] + x
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        used[engine.name] = [(after - before) / 10_000]
        while values:  # from the end: the peers' values are freed by recursion
            values.pop()
    return used


def table(title, rows, unit, scale=1.0, reference=OURS.name, ratio="times ours", digits=0):
    """Print the medians of `rows`, from where to where they go, and how they compare."""
    print(f"\n| {title} | {unit} | from, to | {ratio} |\n|---|---:|---:|---:|")
    for name, numbers in rows.items():
        here, there = median(numbers), median(rows[reference])
        times = there / here if "faster" in ratio else here / there
        shown = f"{times:.2f}" if times < 100 else f"{times:.0f}"
        number, low, high = [f"{x * scale:.{digits}f}" for x in (here, min(numbers), max(numbers))]
        print(f"| {name} | {number} | {low}, {high} | {shown} |")


def machine():
    """Return the processor, and what runs on it."""
    cpu = platform.processor() or platform.machine()
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        cpu = next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def table_of_pages(pages):
    """Print what was measured of live pages."""
    print("\n| Live page in Chromium | kB | opened, ms | an update, ms |\n|---|---:|---:|---:|")
    for name, (size, opened, updated) in pages.items():
        print(f"| {name} | {size / 1e3:.0f} | {opened * 1e3:.0f} | {updated * 1e3:.1f} |")


def main():
    """Run all workloads and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="only see that it runs")
    parser.add_argument("--publish", action="store_true", help="write the docs' and README's")
    given = parser.parse_args()
    if given.smoke and given.publish:
        parser.error("what is published is measured, not a smoke run")
    printed = Twice()
    with contextlib.redirect_stdout(printed):
        run(given.smoke)
    if given.publish:
        publish(printed.getvalue(), pathlib.Path(__file__).parents[2])


def run(smoke):
    """Run all workloads; only a little of them, if that."""
    rounds, points, many, steps, operations = (
        (1, 10, 1_000, 1, 1_000) if smoke else (5, 100, 10_000, 20, 100_000)
    )
    print(f"{machine()}; medians of {rounds} runs")
    times = workload_a(rounds, points)
    table(f"A: a step of the two-moons network, {points} points", times, "ms", 1e3)
    times = workload_b(rounds, steps)
    table(f"B: {steps} steps of a small GPT", times, "ms", 1e3)
    table("Memory of a recorded addition", memory(), "bytes")
    times = workload_a_compiled(rounds, points, many)
    reference = {"reference": MICROGRAD.name, "ratio": "times faster than micrograd"}
    table("A, compiled: one point of a step", times, "µs", 1e6, **reference, digits=2)
    times = training(rounds, points, 2 if smoke else 100)
    table("A, with network libraries: a step", times, "ms", 1e3, **reference, digits=1)
    times, results = on_many_points(timed, rounds, 100 * many)
    if times:
        assert_same(results)
        reference = {"reference": "NumPy, this process", "ratio": "of the first"}
        table(f"A step on {100 * many} points", times, "ms", 1e3, **reference)
    times = compiling(rounds, operations)
    slowest = f"a chain of {operations}"
    ratio = {"reference": slowest, "ratio": "of the last"}
    table("Emitting and compiling", times, "ms", 1e3, **ratio)
    if pages := live_pages(3 if smoke else 100):
        table_of_pages(pages)


if __name__ == "__main__":
    main()
