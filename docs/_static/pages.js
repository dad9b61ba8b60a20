// What scrolls sideways is reached by the keyboard too.
const SCROLLS = "pre, math[display=block], .cell_output, .table-wrapper, .highlight";

/** Let Tab stop at what is wider than its box, and only there. */
function reach() {
  for (const box of document.querySelectorAll(SCROLLS)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("load", reach);
addEventListener("resize", reach);
