"""Look at the built pages as readers do: ``python docs/look.py site/vi site/en``.

Every page of a folder is opened on a phone and on a screen, light and dark. Nothing may stick out
sideways, the page has to say its language, and axe-core, which knows the rules of accessibility,
must find no violation. What is wrong is printed, and the status is then 1.
"""

import pathlib
import shutil
import sys
from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

WIDTHS = (390, 1300)
SCHEMES = ("light", "dark")


def wrong(page: Page, file: pathlib.Path, language: str, width: int) -> Iterator[str]:
    """Yield what is wrong with a page as it is now."""
    page.goto(file.absolute().as_uri())
    page.wait_for_load_state("load")
    if page.locator("html").get_attribute("lang") != language:
        yield f"its language is not {language}"
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        yield f"{wide} pixels wide"
    for violation in Axe().run(page).response["violations"]:
        where = [node["target"][0] for node in violation["nodes"]]
        yield f"{violation['id']}: {violation['help']}: {len(where)} times, such as {where[0]}"


def main(folders: list[str]) -> int:
    """Print what is wrong, and return how much that is."""
    found = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for width in WIDTHS:
            for scheme in SCHEMES:
                page = browser.new_page(viewport={"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                for folder in map(pathlib.Path, folders):
                    for file in sorted(folder.glob("*.html")):
                        for what in wrong(page, file, folder.absolute().name, width):
                            print(f"{file}, {width}, {scheme}: {what}", flush=True)
                            found += 1
                page.close()
        browser.close()
    return found


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
