// The controls: buttons, keys, language, looks, the address, printing; and the beginning.

/** Put every phrase in the reader's language. */
function speak() {
  document.documentElement.lang = reader.language;
  byId("language").lang = reader.language === "vi" ? "en" : "vi";
  const page = /** @type {any} */ (document);
  for (const each of page.querySelectorAll("[data-say]")) {
    each.textContent = phrase(each.dataset.say);
  }
  for (const each of page.querySelectorAll("[data-name]")) {
    each.title = phrase(each.dataset.name);
    each.ariaLabel = each.title;
  }
  for (const each of page.querySelectorAll(".document > [lang]")) {
    each.hidden = each.lang !== reader.language;
  }
  for (const { svg, boxes } of PICTURES) {
    for (const box of boxes.values()) {
      box.ariaDescription = phrase("box");
    }
    svg.ariaLabel = phrase("picture");
  }
  nameInputs();
}

/** Change to the other language. */
function translate() {
  const name = phrase("other language");
  reader.language = byId("language").lang;
  speak();
  render();
  state.resting = window.setTimeout(announce, 500, name); // when all the new names are through
}

/** Change between the looks: that of the system, dark, light. */
function changeLooks() {
  const root = document.documentElement;
  const dark =
    getComputedStyle(root).colorScheme === "dark" ||
    (root.dataset.theme === undefined && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
}

/** @param {number} n the picture to show */
function show(n) {
  usePicture(n);
  byId("fold").ariaPressed = picture.folded;
  byId("bar").max = `${walk.steps.length}`;
  recompute();
}

/** Fold the picture, or unfold it, and stay at the same value. */
function fold() {
  const { steps } = walk;
  const now = steps[state.step - 1];
  show(1 - PICTURES.indexOf(picture));
  if (quiz.on) {
    ask(state.d);
    return;
  }
  const same = walk.steps.findIndex(
    ({ kind, node }) => now && kind === now.kind && node === hostOf(now.node),
  );
  const last = state.step === steps.length;
  go(last ? walk.steps.length : same + 1);
  announce(place());
}

/** Fill the screen, or leave it. */
function present() {
  if (state.presenting && document.fullscreenElement) {
    document.exitFullscreen();
    return;
  }
  presenting(!state.presenting);
  if (state.presenting && document.fullscreenEnabled) {
    document.documentElement.requestFullscreen().catch(() => announce(phrase("no full screen")));
  }
}

/** @param {boolean} on */
function presenting(on) {
  state.presenting = on;
  document.documentElement.classList.toggle("presenting", on);
  document.querySelector(on ? ".controls" : "header")?.append(byId("tools"));
  byId("present").ariaPressed = on;
  view.mode = "auto";
  look();
}

// The address

let timer = 0;

/** Keep the numbers and the step in the address, so that a link brings them back. */
function remember() {
  clearTimeout(timer);
  timer = window.setTimeout(() => FRAMED || history.replaceState(null, "", `#${fragment()}`), 250);
}

/** @returns {string} what differs from the beginning */
function fragment() {
  const found = new URLSearchParams();
  for (const { node } of GRAPH.leaves) {
    if (state.d[node] !== ORIGINAL[node]) {
      found.set(`v${node}`, `${state.d[node]}`);
    }
  }
  if (state.step) {
    found.set("step", `${state.step}`);
  }
  if (PICTURES.length > 1) {
    found.set("folded", picture.folded ? "1" : "0");
  }
  found.set("lang", reader.language);
  return found.toString();
}

/** Copy the link that brings the numbers back; where that is not allowed, it stands to be copied. */
async function copyLink() {
  const link = `${location.href.split("#")[0]}#${fragment()}`;
  byId("link").value = link;
  byId("link").hidden = false;
  byId("link").select();
  const copied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  );
  byId("copied").textContent = phrase(copied ? "copied" : "not copied");
  announce(byId("copied").textContent);
}

/** Save the page as a file that begins with the numbers and the step of now. */
function savePage() {
  const numbers = fragment().replaceAll("&", "&amp;");
  const begun = `<html lang="${reader.language}" data-numbers="${numbers}">`;
  const page = SOURCE.replace(/^<html[^>]*>/, () => begun);
  const url = URL.createObjectURL(new Blob(["<!DOCTYPE html>\n", page], { type: "text/html" }));
  element("a", { href: url, download: `${document.title}.html` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Take up what the address says, or the file if that is where the numbers were saved. */
function recall() {
  const saved = document.documentElement.dataset.numbers;
  const found = new URLSearchParams(location.hash.slice(1) || saved);
  for (const { node, fixed } of GRAPH.leaves) {
    const typed = parsed(found.get(`v${node}`) ?? "");
    state.d[node] = typed && fixed === null ? typed.value : ORIGINAL[node];
  }
  const lang = found.get("lang") ?? "";
  reader.language = lang in GRAPH.phrases ? lang : reader.language;
  const folded = found.get("folded") ?? `${+(PICTURES[0].boxes.size > MANY)}`;
  show(folded === "1" ? PICTURES.length - 1 : 0);
  speak();
  if (quiz.on) {
    ask(state.d);
  } else {
    go(Number.parseInt(found.get("step") ?? "", 10) || 0);
  }
}

// Printing

/** @param {string} text such as "1-3, 7" @returns {number[]} the steps, or the present one */
function stepsIn(text) {
  const chosen = text.split(/[,;\s]+/).flatMap((part) => {
    const [from, to = from] = part.split(/[-–]/).map((n) => Number.parseInt(n, 10));
    return Number.isNaN(from + to)
      ? []
      : walk.steps.map((_, i) => i + 1).filter((n) => from <= n && n <= Math.min(to, furthest()));
  });
  return chosen.length ? [...new Set(chosen)] : [state.step];
}

/** Make a figure for each step that is to be printed. */
function makeFigures() {
  const { step, selected } = state;
  const { svg, whole } = picture;
  const viewBox = svg.getAttribute("viewBox") ?? "";
  state.selected = -1;
  svg.setAttribute("viewBox", `${whole.x} ${whole.y} ${whole.width} ${whole.height}`);
  byId("figures").replaceChildren(
    ...stepsIn(byId("steps").value).map((n) => {
      state.step = n;
      render();
      const look = 2 * whole.height > whole.width ? "tall" : "";
      const figure = element("figure", { class: look }, svg.cloneNode(true));
      const lines = [...byId("lines").cloneNode(true).childNodes];
      const heading = `${place()}. ${byId("phase").textContent}`;
      figure.append(element("figcaption", {}, element("h2", {}, heading), ...lines));
      return figure;
    }),
  );
  svg.setAttribute("viewBox", viewBox);
  Object.assign(state, { step, selected });
  render();
}

// Keys

/** @type {Record<string, string>} which button a key presses */
const KEYS = {
  ArrowRight: "next",
  PageDown: "next",
  ArrowLeft: "back",
  PageUp: "back",
  Home: "first",
  End: "last",
  " ": "play",
};

/** @param {KeyboardEvent} event */
function press(event) {
  const at = /** @type {HTMLElement} */ (event.target);
  const box = at.closest("[data-box]");
  if (box && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    select(Number(box.getAttribute("data-box")));
    return;
  }
  if (event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  if (event.key === "Escape") {
    state.presenting ? presenting(false) : select(-1);
    return;
  }
  const clicker = event.key.startsWith("Page"); // a presenter's, whatever has the focus
  const taken =
    at.closest(clicker ? "[type=text]" : "input, select") ||
    (event.key === " " && at.closest("button, summary"));
  const button = KEYS[event.key];
  if (button && !taken) {
    event.preventDefault();
    reveal("player");
    byId(button).click();
  }
}

// The beginning

/** @type {Record<string, () => unknown>} */
const CLICKS = {
  first: () => go(0),
  back: () => go(state.step - 1),
  next: () => go(state.step + 1),
  last: () => go(furthest()),
  play,
  reset,
  copy: copyLink,
  save: savePage,
  descend,
  language: translate,
  theme: changeLooks,
  present,
  print: () => window.print(),
  ask: toggleQuiz,
  skip,
  close: () => select(state.selected),
  larger: () => zoom(1.25, innerWidth / 2, middle()),
  smaller: () => zoom(0.8, innerWidth / 2, middle()),
  fit: () => fit("whole", 0, 0),
  fold,
};

/** @returns {number} the height in the window of the picture's middle */
function middle() {
  const frame = picture.svg.getBoundingClientRect();
  return frame.top + frame.height / 2;
}

/** Wire everything, and show the first step. */
function begin() {
  for (const [id, action] of Object.entries(CLICKS)) {
    byId(id).addEventListener("click", () => {
      if (byId(id).ariaDisabled === "true") {
        return;
      }
      if (id !== "play") {
        stop();
      }
      action();
    });
  }
  for (const { svg, boxes } of PICTURES) {
    for (const [i, box] of boxes) {
      box.tabIndex = 0;
      box.role = "button";
      box.addEventListener("click", () => select(Number(i)));
      box.addEventListener("focus", () => {
        if (box.matches(":focus-visible")) {
          lookAt([box]); // who has no mouse can't move the picture to it
        }
      });
    }
    svg.role = "group";
    followPointers(svg);
  }
  byId("copy").hidden = FRAMED;
  byId("fold").hidden = PICTURES.length < 2;
  byId("bar").addEventListener("input", () => go(Number(byId("bar").value)));
  byId("form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    check();
  });
  document.addEventListener("keydown", press);
  document.addEventListener("fullscreenchange", () =>
    presenting(document.fullscreenElement !== null),
  );
  addEventListener("hashchange", recall);
  addEventListener("beforeprint", makeFigures);
  addEventListener("afterprint", () => byId("figures").replaceChildren());
  new ResizeObserver(look).observe(byId("picture"));
  makeInputs(change);
  recall();
}

begin();
