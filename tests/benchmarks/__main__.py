"""Run the benchmarks: ``python -m tests.benchmarks``.

Each workload runs on every engine in turn, several rounds in one process with Python's
garbage collector on, and every engine has to find the same numbers. The table shows
medians, and how many times ours each is.
"""

import argparse
import gc
import sys
import time
import tracemalloc
from statistics import median

from micrograd_vn import dot

try:
    from tests.benchmarks.peers import MICROGPT, MICROGRAD, OURS, XAD
except ImportError as error:
    sys.exit(f"{error}: the peers come with `pip install '.[bench]'`")
from tests.benchmarks.workloads import (
    dot_neuron,
    moons_loss,
    moons_parameters,
    sum_neuron,
    train_gpt,
    two_moons,
)


def timed(contestants, rounds):
    """Return the median time of each function in seconds, and what it returned.

    The functions take turns, each running three times in a row as a training loop does,
    so that it meets its own garbage; that of the others is collected before its turn.
    """
    times = {name: [] for name in contestants}
    results = {}
    for _ in range(rounds):
        for name, function in contestants.items():
            gc.collect()
            for _ in range(3):
                start = time.perf_counter()
                results[name] = function()
                times[name].append(time.perf_counter() - start)
    return {name: median(t) for name, t in times.items()}, results


def assert_same(results):
    """Every engine has to find the numbers of the first, to 1e-9 of the largest."""
    first, *others = results.values()
    scale = max(map(abs, first))
    for other in others:
        differences = [abs(a - b) for a, b in zip(first, other, strict=True)]
        assert max(differences) <= 1e-9 * scale, f"the engines disagree by {max(differences)}"


def workload_a(rounds, points):
    """One step of micrograd's two-moons demo: forward and backward."""
    inputs, classes = two_moons(points)
    parameters = moons_parameters()

    def step(engine, neuron=sum_neuron):
        def run():
            loss, gradients = engine.gradients(
                moons_loss(engine, inputs, classes, neuron), parameters
            )
            return [loss, *gradients]

        return run

    times, results = timed(
        {
            OURS.name: step(OURS),
            f"{OURS.name}, neurons with dot": step(OURS, dot_neuron),
            MICROGRAD.name: step(MICROGRAD),
            MICROGPT.name: step(MICROGPT),
            XAD.name: step(XAD),
        },
        rounds,
    )
    assert_same(results)
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
        used[engine.name] = (after - before) / 10_000
        while values:  # from the end: the peers' values are freed by recursion
            values.pop()
    return used


def table(title, rows, unit, scale=1.0):
    """Print a table of `rows` and how many times the first each is."""
    ours = rows[OURS.name]
    print(f"\n| {title} | {unit} | times ours |\n|---|---:|---:|")
    for name, number in rows.items():
        print(f"| {name} | {number * scale:.0f} | {number / ours:.2f} |")


def main():
    """Run all workloads and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="only see that it runs")
    smoke = parser.parse_args().smoke
    table(
        "A: one step of the two-moons network",
        workload_a(1 if smoke else 5, 10 if smoke else 100),
        "ms",
        1e3,
    )
    table(
        "B: 20 steps of a small GPT" if not smoke else "B: 1 step of a small GPT",
        workload_b(1 if smoke else 2, 1 if smoke else 20),
        "ms",
        1e3,
    )
    table("Memory of a recorded addition", memory(), "bytes")


if __name__ == "__main__":
    main()
