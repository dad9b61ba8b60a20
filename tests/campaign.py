"""Random programs against independent oracles: ``python -m tests.campaign --minutes 10``.

Each program is a few operations on ordinary or extreme numbers (`tests.programs`). Its value, the
derivative in a direction and the second derivative there are compared with mpmath, by arithmetic
on Taylor series (`tests.series`); what `lambdify` compiles, with the recorded graph; the equalities
of worked solutions, with the graph (`tests.comparing`). Of a failure, the smallest program that
fails in the same way is printed.
"""

import argparse
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from multiprocessing.connection import wait

from micrograd_vn.errors import ERRORS
from tests.comparing import (
    against_the_oracle,
    an_explanation,
    compiled,
    in_javascript,
    jax_numpy,
    with_hostile_labels,
)
from tests.formulas.browser import NODE
from tests.judging import LeftOutError
from tests.programs import random_program, said_by, shrunk

LIMIT = 20  # seconds of the processor that may go into a program


def checks(k, chance):
    """Return the checks of the k-th program: those that take longer not of all."""
    made = [("mpmath", lambda p: against_the_oracle(p)[0])]
    if k % 2 == 0:
        made.append(("floats", lambda p: compiled(p, "math")))
    if k % 4 == 1:
        made.append(("NumPy", lambda p: compiled(p, "numpy")))
    if k % 16 == 5:
        made.append(("JAX", lambda p: compiled(p, jax_numpy())))
    if k % 32 == 2:
        seed = chance.random()
        made.append(("labels", lambda p: with_hostile_labels(p, random.Random(seed))))
    return made


class Found:
    """How many of each check there were, the worst error, and what failed."""

    def __init__(self):
        self.count, self.worst, self.failures = Counter(), 0.0, []

    def look(self, k, program, chance):
        """Do the checks of the k-th program."""
        self.count["programs"] += 1
        for name, wrong in checks(k, chance):
            said = ""
            try:
                if name == "mpmath":
                    said, off, why = against_the_oracle(program)
                    self.worst = max(self.worst, off)
                    self.count[why] += 1
                else:
                    said = wrong(program)
            except LeftOutError as why:
                self.count[f"left out: {why}"] += 1
            except ERRORS:
                self.count["outside the domain"] += name == "mpmath"
            except Exception:
                said = "?"
            else:
                self.count[name] += 1
            if said:
                self.failures.append((k, *shrunk(program, said_by(wrong))))
        if k % 32 == 4:
            self.explain(k, chance)

    def explain(self, k, chance):
        """Look at the worked solution of a program."""
        try:
            said = said_by(an_explanation)(chance)
        except (*ERRORS, LeftOutError):
            return
        self.count["explanations"] += 1
        if said:
            self.failures.append((k, "", said))

    def run_javascript(self, k, programs):
        """Look at many programs at once, in one process of node."""
        for failed, said in in_javascript(programs):
            if failed is None:
                self.count["JavaScript"] += said
            else:
                self.failures.append((k, failed, said))

    def add(self, other):
        """Take in what another part found."""
        self.count += other.count
        self.worst = max(self.worst, other.worst)
        self.failures += other.failures


def work(seed, first, step, deadline, most, report=None, at=None):
    """Return what was found; report it every 5 seconds instead where that is asked for.

    Parameters
    ----------
    seed
        Of the programs: each follows from it and its number.
    first, step, most
        The numbers of the programs, as of `range`.
    deadline
        By the monotonic clock.
    report
        Called with what was found since it was called last.
    at
        Whose `value` is set to the number of the program that is looked at. A program that takes
        longer than `LIMIT` ends the process then, whatever it is doing.
    """
    found, waiting, reported = Found(), [], time.monotonic()
    for k in range(first, most, step):
        if time.monotonic() > deadline:
            break
        if at is not None:
            at.value = k
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
        chance = random.Random(f"{seed} {k}")
        program = random_program(chance)
        found.look(k, program, chance)
        if k % 4 == 3:
            waiting.append(program)
        if NODE and len(waiting) == 500:
            found.run_javascript(k, waiting)
            waiting = []
        if report and (found.failures or time.monotonic() > reported + 5):
            report(found)
            found, reported = Found(), time.monotonic()
    signal.setitimer(signal.ITIMER_PROF, 0)
    if report:
        report(found)
    return found


def worker(pipe, at, *given):
    """Work in a process of its own."""
    work(*given, report=pipe.send, at=at)
    pipe.close()


class Worker:
    """A process that looks at every `step`-th program; begun anew behind one that ends it."""

    def __init__(self, seed, first, step, deadline, most):
        self.given, self.step, self.deadline = (seed, step, deadline, most), step, deadline
        self.begin(first)

    def begin(self, first):
        """Start with a program."""
        context, (seed, step, deadline, most) = multiprocessing.get_context("spawn"), self.given
        self.pipe, theirs = context.Pipe(duplex=False)
        self.at = context.Value("q", first)
        given = (theirs, self.at, seed, first, step, deadline, most)
        self.process = context.Process(target=worker, args=given, daemon=True)
        self.process.start()
        theirs.close()

    def ended(self, found):
        """Return whether the work is done, once the process has ended; else go on with it."""
        self.process.join()
        if self.process.exitcode == 0:
            return True
        k = self.at.value
        said = f"ended by the signal {-self.process.exitcode}: after {LIMIT} s it is SIGPROF"
        found.failures.append((k, random_program(random.Random(f"{self.given[0]} {k}")), said))
        if time.monotonic() > self.deadline:
            return True
        self.begin(k + self.step)
        return False


def campaign(seed, deadline, most, processes):
    """Return what was found by some processes until the deadline, which none of them delays."""
    found = Found()
    workers = [Worker(seed, i, processes, deadline, most) for i in range(processes)]
    told = 0
    while workers and time.monotonic() < deadline + 60:
        ready = wait([w.pipe for w in workers], timeout=5)
        for one in [w for w in workers if w.pipe in ready]:
            try:
                found.add(one.pipe.recv())
            except EOFError:
                if one.ended(found):
                    workers.remove(one)
        if (now := found.count["programs"] // 20_000) > told:
            told = now
            print(
                f"{found.count['programs']:,} programs, {len(found.failures)} failures", flush=True
            )
            for k, program, said in found.failures[-1:]:
                print(f"the last one, {k}:\n{program}\n{said}", flush=True)
    for one in workers:
        one.process.kill()
        found.failures.append((one.at.value, "", "no end: a minute after the deadline"))
    return found


def main():
    """Run the campaign and print what it found."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, help="a fresh one unless given")
    parser.add_argument("--programs", type=int, default=10**12, help="at most so many")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    print(f"python -m tests.campaign --minutes {given.minutes:g} --seed {seed}", flush=True)
    found = campaign(seed, time.monotonic() + 60 * given.minutes, given.programs, given.processes)
    print(", ".join([f"{name}: {number:,}" for name, number in sorted(found.count.items())]))
    print(f"worst error: {found.worst:.3f} of what rounding allows")
    failures = sorted(found.failures, key=lambda f: len(str(f)))
    kinds = Counter([said.split(":")[0] for _, _, said in failures])
    print(f"failures: {len(failures)}", dict(kinds) or "")
    for kind in kinds:  # the smallest of each
        k, program, said = next(f for f in failures if f[2].split(":")[0] == kind)
        print(f"\nprogram {k}, made smaller:\n{program}\n{said}")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
