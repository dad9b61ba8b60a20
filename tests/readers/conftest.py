"""One browser for all tests of live pages, with a window for them and one with a touch screen."""

import pytest

from tests.readers.live import Window, browser


@pytest.fixture(scope="package")
def chromium():
    """Return the browser; it ends with this folder, as others start it in another way."""
    with browser() as found:
        yield found


@pytest.fixture(scope="package")
def windows(chromium):
    """Return the windows that there are, by whether they have a mouse or a touch screen."""
    return {}


@pytest.fixture
def show(chromium, windows, tmp_path):
    """Open a live page; at the end of the test nothing may have gone wrong in it."""
    opened = []

    def show(live, fragment="#folded=0", *, size=(1280, 720), touch=False, **media):
        if touch not in windows:
            windows[touch] = Window(chromium, has_touch=touch)
        window = windows[touch]
        window.page.set_viewport_size({"width": size[0], "height": size[1]})
        window.page.emulate_media(
            **{"media": "null", "color_scheme": "light", "reduced_motion": "no-preference"} | media
        )
        opened.append(window)
        file = tmp_path / f"page{len(opened)}.html"
        live.save(file)
        return window.open(file.as_uri() + fragment)

    yield show
    for window in opened:
        window.check()
