"""Training on many points: in one process, and on a cluster of Dask with one worker and two."""

import importlib
from contextlib import ExitStack, nullcontext

from micrograd_vn.moons import make_moons
from micrograd_vn.nn import MLP, hinge_loss
from micrograd_vn.train import CompiledLoss
from tests.benchmarks.compiled import installed


def step(points, targets, modules, first, client=None):
    """Return the loss of the two-moons network and its gradient, over all points."""
    model = MLP(2, [16, 16, 1])
    loss = CompiledLoss(model, lambda s, t: hinge_loss([s], [t]), *first, modules=modules)

    def run():
        model.zero_grad()
        with client.as_current() if client else nullcontext():
            total = loss(points, targets)
        return [total, *[p.grad for p in loss.parameters]]

    return run


def on_many_points(timed, rounds, n):
    """Return the times of a step on `n` points, by where it is worked on."""
    if not (installed("dask") and installed("distributed") and installed("numpy")):
        print("\nLeft out, as not installed: dask")
        return {}, {}
    da, np, distributed = map(importlib.import_module, ("dask.array", "numpy", "distributed"))
    inputs, classes = map(np.array, make_moons(n))
    first = [0.5, -0.25], 1.0
    with ExitStack() as stack:
        contestants = {"NumPy, this process": step(inputs, classes, "numpy", first)}
        for workers in (1, 2):
            cluster = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                )
            )
            client = stack.enter_context(distributed.Client(cluster, set_as_default=False))
            with client.as_current():
                there = [da.from_array(a, chunks=n // 8).persist() for a in (inputs, classes)]
                distributed.wait(there)
            name = f"Dask, {workers} worker{'s' * (workers > 1)}"
            contestants[name] = step(*there, da, first, client)
        return timed(contestants, rounds)
