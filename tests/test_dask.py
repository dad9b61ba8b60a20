"""Training on a cluster of Dask gives the local losses, and survives the death of a worker."""

import os
import signal

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster

from micrograd_vn import Value, gelu, grad, lambdify
from micrograd_vn.moons import make_moons
from micrograd_vn.nn import MLP, cross_entropy, hinge_loss
from micrograd_vn.optim import SGD, Adam
from micrograd_vn.train import CompiledLoss, fit

pytestmark = pytest.mark.filterwarnings("default")  # those of the cluster are its own


def hinge(score, target):
    return hinge_loss([score], [target])


@pytest.fixture(scope="module")
def cluster():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def trained(modules, X, Y, steps=8, after=lambda k: None):
    """Return the losses and the parameters."""
    model = MLP(2, [4, 1], activation="tanh", seed=5)
    loss = CompiledLoss(
        model, hinge, [0.0, 0.0], 1.0, penalty=lambda ps: 1e-3 * ps[0] * ps[0], modules=modules
    )

    def step(X, Y):
        after(len(losses))
        losses.append(loss(X, Y))
        return losses[-1]

    losses = []
    fit(step, Adam(model.parameters(), lr=0.05), X, Y, steps)
    return losses, [p.data for p in model.parameters()]


def chunked(X, Y, rows=170):
    """Return arrays whose chunks do not fit each other."""
    return da.from_array(np.array(X), chunks=(rows, 1)), da.from_array(np.array(Y), chunks=99)


def test_losses_on_a_cluster_are_the_local_ones(cluster):
    X, Y = make_moons(1000)
    local, cluster_run = trained("numpy", X, Y), trained(da, *chunked(X, Y))
    np.testing.assert_allclose(cluster_run[0], local[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(cluster_run[1], local[1], rtol=0, atol=1e-12)
    assert local[0][-1] < local[0][0]


def test_the_work_is_done_by_the_workers_on_chunks(cluster):
    X, Y = [a.persist() for a in chunked(*make_moons(1000))]
    trained(da, X, Y, steps=2)
    ran = cluster.run(lambda dask_worker: [t for t in dask_worker.state.tasks if "_of_chunk" in t])
    log = cluster.run(
        lambda dask_worker: [e for e in dask_worker.state.log if "_of_chunk" in str(e)]
    )
    assert len(ran) == 2
    assert all(log.values())


def test_several_targets(cluster):
    X, y = make_moons(60)
    Y = [[float(t < 0), float(t > 0)] for t in y]
    model = MLP(2, [3, 2], seed=1)
    totals = []
    for modules, points, targets in (
        ("math", X, Y),
        (da, da.from_array(np.array(X), chunks=(7, 2)), da.from_array(np.array(Y), chunks=(20, 1))),
    ):
        loss = CompiledLoss(
            model, lambda h, t: cross_entropy([h], [t]), X[0], Y[0], modules=modules
        )
        totals.append(loss.sums(points, targets, [p.data for p in model.parameters()]))
    np.testing.assert_allclose(totals[1], totals[0], rtol=1e-12, atol=1e-12)


def test_training_survives_the_death_of_a_worker(cluster):
    X, Y = make_moons(1000)
    local = trained("numpy", X, Y)
    points = [a.persist() for a in chunked(X, Y)]
    killed = []

    def kill(k):
        if k == 4:
            pids = cluster.run(os.getpid)
            killed.append(min(pids.values()))
            os.kill(killed[0], signal.SIGKILL)

    there = trained(da, *points, after=kill)
    assert killed
    assert killed[0] not in cluster.run(os.getpid).values()
    np.testing.assert_allclose(there[0], local[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(there[1], local[1], rtol=0, atol=1e-12)


def test_chunks_may_be_empty():
    X, Y = make_moons(30)
    loss = CompiledLoss(MLP(2, [1]), hinge, X[0], Y[0], modules=da)
    points = da.from_array(np.array(X), chunks=((0, 20, 0, 10), 2))
    assert loss(points, da.from_array(np.array(Y))) == pytest.approx(
        CompiledLoss(MLP(2, [1]), hinge, X[0], Y[0])(X, Y), rel=1e-12
    )


def test_without_a_cluster_threads_do_it():
    X, Y = make_moons(300)
    model = MLP(2, [1])
    loss = CompiledLoss(model, hinge, X[0], Y[0], modules=da)
    local = CompiledLoss(model, hinge, X[0], Y[0])
    assert loss(*chunked(X, Y)) == pytest.approx(local(X, Y), rel=1e-12)
    SGD(model.parameters(), lr=0.1).step()
    assert loss(*chunked(X, Y)) == pytest.approx(local(X, Y), rel=1e-12)


def test_an_operation_is_one_task_of_a_block():
    x, y = Value(0.5), Value(0.3)
    outputs = [gelu(x * y), *grad(gelu(x * y), [x, y])]
    f, local = lambdify([x, y], outputs, da), lambdify([x, y], outputs, "numpy")
    xs, ys = np.linspace(-3, 3, 50), np.linspace(-9, 9, 50)
    results = f(da.from_array(xs, chunks=20), da.from_array(ys, chunks=17))
    assert max(len(r.__dask_graph__().layers) for r in results) < 30  # erf alone takes 100 of them
    for result, want in zip(dask.compute(*results), local(xs, ys), strict=True):
        np.testing.assert_array_equal(result, want)
    assert f(0.5, 0.3) == pytest.approx([v.data for v in outputs], rel=1e-14)
