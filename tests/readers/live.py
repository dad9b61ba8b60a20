"""Live pages in a real browser."""

import contextlib
import functools
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from micrograd_vn.exercises import cau3, cau4, network

CHROMIUM = shutil.which("chromium")
# In CI there is one, and its absence an error.
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no browser"
)
LINES = "[...document.querySelectorAll('#lines .line')].map(e => e.textContent)"
SPOKEN = "document.getElementById('announcement').textContent"


@contextlib.contextmanager
def browser():
    """Yield Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Window:
    """A window that shows one page after the other, in which nothing may go wrong.

    From none of the pages a request may leave.
    """

    def __init__(self, chromium, **options):
        self.page = chromium.new_context(**options).new_page()
        self.url, self.wrong = "", []
        self.page.on("console", lambda message: self.wrong.append(f"{message.type} {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", self._ask)

    def _ask(self, request):
        if request.url.split("#")[0] not in (self.url, "about:blank"):
            self.wrong.append(request.url)

    def open(self, url):
        """Open a page."""
        self.url = url.split("#")[0]
        self.page.goto(url)
        return self.page

    def check(self):
        """Check that nothing went wrong since the last time."""
        wrong, self.wrong = self.wrong, []
        assert wrong == []


@functools.cache
def live(name="network", lang="vi"):
    """Return the live page of an exercise."""
    return {"network": network, "cau3": cau3, "cau4": cau4}[name]().play(lang)


def box(page, name):
    """Return the numbers in the box of a value: its own and its derivative's."""
    texts = page.evaluate(
        """(name) => {
          const i = NODES.findIndex((_, i) => nameOf(i).text === name);
          return Object.values(picture.fields.get(i)).filter(Boolean)
            .map(({ element }) => element.textContent);
        }""",
        name,
    )
    value, *gradients = (text.replace("\xa0", " ") for text in texts)
    return [
        value.removeprefix("giá trị").strip(),
        *[text.replace("≈", "=").rpartition("=")[2].strip() for text in gradients],
    ]


def spoken(page):
    """Return what a screen reader says."""
    return page.evaluate(SPOKEN)


def sentence(page):
    """Return what the page says of the present step, as text."""
    lines = page.evaluate("linesOf(known(), walk.steps[state.step - 1]).map(spoken)")
    return "; ".join([page.text_content("#phase"), *lines])


MEASURE = """(points) => points.map((xs) => {
  GRAPH.leaves.forEach(({ node }, i) => { state.d[node] = xs[i]; });
  recompute();
  state.step = walk.steps.length;
  writeNumbers(known());
  const texts = (fields) => fields.filter(Boolean).map(({ element }) => element.textContent);
  const plain = (x) => Object.is(x, -0) ? "-0" : `${x}`;
  return {
    d: state.d.map(plain), g: state.g.map(plain), slopes: state.slopes.map((s) => s.map(plain)),
    parents: walk.parts.map((part) => part && part.parents),
    boxes: [...picture.fields].map(([i, fields]) => [i, texts(Object.values(fields))]),
    notes: [...picture.notes].map(([key, fields]) => [key, texts(fields)]),
  };
})"""


def measured(page, points):
    """Return what a page computes and shows at each of some points, at its last step."""
    return page.evaluate(MEASURE, points)


def until(page, condition):
    """Wait until an expression is true; Playwright's own way needs the eval that is shut."""
    for _ in range(400):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.wait_for_timeout(10)
    raise AssertionError(f"never true: {condition}")
