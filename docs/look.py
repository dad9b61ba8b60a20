"""Look at the built pages as readers do: ``python docs/look.py site/vi site/en``.

Every page of a folder is seen on a phone and on a screen, light and dark. Nothing may stick out
sideways, the page has to say its language, and axe-core, which knows the rules of accessibility,
must find no violation. What is wrong is printed, and the status is then 1. Live pages inside a
page are left to their own tests; here their frames count as pictures do.
"""

import asyncio
import os
import pathlib
import shutil
import sys
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

# Colours don't depend on the width, and nothing else depends on whether they are light or dark.
BUT_COLOURS: dict[str, Any] = {"rules": {"color-contrast": {"enabled": False}}}
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
VIEWS = (
    (390, "light", (BUT_COLOURS,)),
    (1300, "light", (BUT_COLOURS, COLOURS)),
    (1300, "dark", (COLOURS,)),
)
# Texts that look alike have one contrast, so the slow rule sees three of each look.
MARK = """() => {
  const alike = {};
  for (const e of document.querySelectorAll("body *")) {
    e.removeAttribute("data-look");
    const text = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    if (text && e.checkVisibility()) {
      const { color, fontSize, fontWeight } = getComputedStyle(e);
      const look = [color, fontSize, fontWeight];
      for (let at = e; at; at = at.parentElement) {
        const { backgroundColor, opacity } = getComputedStyle(at);
        look.push(backgroundColor, opacity);
      }
      const shown = look.filter((x) => x !== "rgba(0, 0, 0, 0)" && x !== "1").join();
      alike[shown] = (alike[shown] ?? 0) + 1;
      if (alike[shown] <= 3) e.setAttribute("data-look", "");
    }
  }
}"""


async def looks(browser: Browser, file: pathlib.Path) -> list[str]:
    """Return what is wrong with a page, which is opened once and then seen in every way."""
    page = await browser.new_page(reduced_motion="reduce")
    await page.goto(file.absolute().as_uri())
    found = []
    for width, scheme, checks in VIEWS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme)
        wrong = await wrongs(page, file.absolute().parent.name, width, checks)
        found += [f"{file}, {width}, {scheme}: {what}" for what in wrong]
    await page.close()
    return found


async def wrongs(
    page: Page, language: str, width: int, checks: tuple[dict[str, Any], ...]
) -> list[str]:
    """Return what is wrong with a page as it is now."""
    found = []
    if await page.locator("html").get_attribute("lang") != language:
        found.append(f"its language is not {language}")
    if (wide := await page.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"{wide} pixels wide")
    for rules in checks:
        if rules is COLOURS:
            await page.evaluate(MARK)
        context = "[data-look]" if rules is COLOURS else None
        options = {"resultTypes": ["violations"], "iframes": False, **rules}
        for violation in (await Axe().run(page, context, options)).response["violations"]:
            where = [node["target"][0] for node in violation["nodes"]]
            found.append(
                f"{violation['id']}: {violation['help']}: {len(where)} times, such as {where[0]}"
            )
    return found


async def look(folders: list[str]) -> int:
    """Print what is wrong, each page as it has been seen, and return how much that is."""
    files = [file for folder in folders for file in sorted(pathlib.Path(folder).glob("*.html"))]
    seen = 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        free = asyncio.Semaphore(os.cpu_count() or 1)

        async def in_turn(file: pathlib.Path) -> int:
            nonlocal seen
            async with free:
                found = await looks(browser, file)
            seen += 1
            print(f"{seen} of {len(files)}: {file}", file=sys.stderr, flush=True)
            for line in found:
                print(line, flush=True)
            return len(found)

        found = sum(await asyncio.gather(*map(in_turn, files)))
        await browser.close()
    return found


def main(folders: list[str]) -> int:
    """Print what is wrong, and return how much that is."""
    return asyncio.run(look(folders))


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
