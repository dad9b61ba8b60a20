// The page: its state, what each control does, and what is shown.

const state = {
  d: NODES.map((node) => node.data),
  /** @type {number[][]} */
  slopes: [],
  /** @type {number[]} */
  g: [],
  step: 0,
  /** @type {Line[]} what is said about the step */
  lines: [],
  selected: -1,
  playing: 0,
  resting: 0,
  presenting: false,
};
const ORIGINAL = [...state.d];
const SOURCE = document.documentElement.outerHTML; // nothing has been changed in it yet
const FRAMED = location.protocol === "about:"; // in a frame, such as a notebook's: it has no address

// What is known

/** Compute all from the inputs. */
function recompute() {
  compute(state.d);
  const slopes = slopesAt(state.d);
  state.slopes = walk === SINGLE ? slopes : slopesAlong(slopes, walk, state.d);
  state.g = backward(slopes, SINGLE);
}

/** @returns {Known} what is known at the present step */
function known() {
  const done = walk.steps.slice(0, state.step);
  const computed = done.filter((s) => s.kind === "forward").map((s) => s.node);
  const leaves = NODES.map((_, i) => i).filter((i) => NODES[i].kind < 0);
  const back = done.filter((s) => s.kind === "backward").map((s) => s.node);
  const started = done.some((s) => s.kind === "seed");
  const g = started ? backward(state.slopes, walk, back.length) : NODES.map(() => NaN);
  return {
    values: new Set([...leaves, ...computed]),
    d: state.d,
    g,
    slopes: state.slopes,
    passed: new Set(back),
  };
}

// What is shown

/** Show everything anew. */
function render() {
  const now = known();
  writeNumbers(now);
  writeInputs(state.d, state.g);
  const step = walk.steps[state.step - 1];
  const working = atWork();
  highlight(working?.node ?? -1, working?.kind ?? "");
  renderStep(now, step);
  renderDetails();
  byId("written-for").hidden = !isChanged() || !byId("solution").childElementCount;
  byId("reset").ariaDisabled = !isChanged();
  remember();
}

/** @returns {boolean} whether a number is not as it was given */
function isChanged() {
  return GRAPH.leaves.some(({ node }) => state.d[node] !== ORIGINAL[node]);
}

/** @returns {Step | undefined} the step that stands out: the present one, or what is asked */
function atWork() {
  return walk.steps[question()?.step ?? state.step - 1];
}

/** @param {Known} now @param {Step | undefined} step */
function renderStep(now, step) {
  const [first, last] = [state.step === 0, state.step >= furthest()];
  byId("bar").value = `${state.step}`;
  byId("bar").ariaValueText = place();
  byId("count").textContent = `${state.step} / ${walk.steps.length}`;
  const descend = question() !== undefined; // it goes by the derivatives that are asked
  const off = { first, back: first, next: last, last, play: first && last, descend };
  for (const [id, disabled] of Object.entries(off)) {
    byId(id).ariaDisabled = disabled; // it keeps the focus
  }
  state.lines = linesOf(now, step);
  byId("phase").textContent = phrase(step?.kind ?? "start");
  byId("phase").className = step?.kind ?? "";
  byId("phase").hidden = !step && quiz.on;
  writeLines(byId("lines"), `${state.step} ${reader.language} ${picture.folded}`, state.lines);
  byId("alarm").textContent = undefinedAt(state.d) < 0 ? "" : undefinedRemark(state.d);
  renderQuestion(now);
}

/** @param {Known} now @param {Step | undefined} step @returns {Line[]} what is said about a step */
function linesOf(now, step) {
  if (!step) {
    return [];
  }
  if (step.kind === "forward") {
    return forwardLines(step.node, now.d);
  }
  return step.kind === "seed" ? seedLines() : backwardLines(step.node, now);
}

/** Show the chain rule of the chosen box. */
function renderDetails() {
  const i = state.selected;
  mark(i);
  byId("details").hidden = i < 0;
  if (i < 0) {
    return;
  }
  byId("chosen").replaceChildren(mathOf([nameOf(i)]));
  const about = `${i} ${reader.language} ${picture.folded}`;
  const [value, chain, difference] = detailsOf(i);
  writeLines(byId("value"), about, value);
  writeLines(byId("chain"), about, chain);
  byId("independent").hidden = chain.length > 0;
  byId("check").hidden = difference.length === 0;
  writeLines(byId("difference"), about, difference);
}

/** @param {number} i @returns {Line[][]} a box's value, its chain rule and how that is checked */
function detailsOf(i) {
  const value = NODES[i].kind < 0 ? [valueLine(i, state.d)] : forwardLines(i, state.d);
  const chain =
    DIFFERENTIATED.has(i) && !NODES[i].constant ? chainLines(i, state.g, state.slopes) : [];
  const checked = chain.length > 0 && !GRAPH.given && canMove(i);
  return [value, chain, checked ? differenceLines(i, state.d) : []];
}

/** @param {number} i @returns {boolean} whether the output can be computed anew from a value on */
function canMove(i) {
  const reached = new Set([i]);
  for (const j of FORWARD) {
    if (NODES[j].parents.some((x) => reached.has(x))) {
      reached.add(j);
      if (!FUNCTIONS.forward[NODES[j].kind]) {
        return false;
      }
    }
  }
  return true;
}

/** @param {Known} now */
function renderQuestion(now) {
  const asked = question();
  byId("quiz").hidden = !quiz.on;
  document.body.classList.toggle("asking", asked !== undefined);
  byId("ask").ariaPressed = quiz.on;
  if (!quiz.on) {
    return;
  }
  byId("score").textContent = said(
    "score",
    `${quiz.right}`,
    `${quiz.wrong}`,
    `${quiz.all.length - quiz.at}`,
  );
  byId("answering").hidden = !asked;
  byId("skip").ariaDisabled = !quiz.tried;
  if (!asked) {
    const done = said("done", `${quiz.right}`, `${quiz.all.length}`);
    byId("question").textContent = done;
    byId("answer").ariaDescription = done;
    return;
  }
  const [before, after] = askedIn(asked).split("{}");
  const what = askedFor(asked);
  byId("question").replaceChildren(before, mathOf([what]), after);
  byId("answer").ariaDescription = heard(before + what.text + after);
  byId("hint").replaceChildren(lineElement(hint(asked, now)));
}

/** @param {string[]} texts what a screen reader says, also if it is the same as before */
function announce(...texts) {
  const text = heard(texts.filter(Boolean).join("; "));
  const region = byId("announcement");
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/** @returns {string} the number of the step */
function place() {
  return said("step", `${state.step}`, `${walk.steps.length}`);
}

// What the controls do

/** @param {number} step */
function go(step) {
  state.step = Math.max(0, Math.min(furthest(), step));
  if (state.step === furthest()) {
    stop();
  }
  render();
  look();
  if (quiz.on && [0, furthest()].includes(state.step)) {
    announce(`${byId("verdict").textContent} ${byId("answer").ariaDescription}`);
  } else {
    announce(
      document.activeElement?.id === "bar" ? "" : place(), // the bar says it itself
      ...(state.playing ? [] : [byId("phase").textContent, ...state.lines.map(spoken)]), // too long
    );
  }
}

/** Let the picture show all, or what is at work where all would be too small to be read. */
function look() {
  if (picture.svg.clientWidth === 0) {
    return; // it is not seen, as in print
  }
  if (view.mode === "whole") {
    fit("whole", 0, 0);
  } else if (view.mode === "auto") {
    fit("auto", state.presenting ? HALL : ENOUGH, state.presenting ? HALL : READABLE);
  }
  const { svg, boxes } = picture;
  const working = [".box.found", ".box.working"].flatMap((what) => [...svg.querySelectorAll(what)]);
  const start = walk.part(walk.steps[0]?.node ?? 0).parents.map((x) => boxes.get(`${x}`));
  lookAt(/** @type {SVGGElement[]} */ (working.length ? working : start));
}

/** @param {string} id what is brought into view */
function reveal(id) {
  byId(id).scrollIntoView({ block: "nearest" });
}

/** Stop playing, and saying what follows from a change. */
function stop() {
  clearTimeout(state.playing);
  clearTimeout(state.resting);
  state.playing = 0;
  byId("play").ariaPressed = "false";
}

/** Play from here, or from the start if this is the end; or stop. */
function play() {
  if (state.playing) {
    stop();
    go(state.step);
    return;
  }
  if (state.step === furthest()) {
    go(0);
  }
  const tick = () => {
    go(state.step + 1);
    if (state.step < furthest()) {
      state.playing = window.setTimeout(tick, 1600 / Number(byId("speed").value));
    }
  };
  byId("play").ariaPressed = "true";
  state.playing = window.setTimeout(tick, 200);
}

/** @param {number} node @param {number} x */
function change(node, x) {
  state.d[node] = x;
  renew(node);
}

/** @param {number} i the input, or -1 for several, of which is shown what follows, or asked */
function renew(i) {
  if (quiz.on) {
    ask(state.d);
    return;
  }
  forgetDescent();
  recompute();
  render();
  clearTimeout(state.resting);
  state.resting = window.setTimeout(() => {
    const { d, g } = state;
    announce(
      spoken(valueLine(ROOT, d)),
      DIFFERENTIATED.has(i) ? spoken({ parts: [gradientOf(i), equals(g[i]), numberOf(g[i])] }) : "",
      byId("alarm").textContent,
    );
  }, 500); // when a slider rests
}

/** Set the inputs to what they were. */
function reset() {
  state.d = [...ORIGINAL];
  renew(-1);
}

/** Make a step of gradient descent. */
function descend() {
  const before = state.d[ROOT];
  const found = descended(state.d, state.g);
  for (const [node, x] of found ?? []) {
    state.d[node] = x;
  }
  if (found) {
    recompute();
    noteDescent(before, state.d[ROOT]);
    render();
  }
  announce(found ? byId("fall").textContent : phrase("no number"));
}

/** @param {number} i a box that is chosen, or not any more */
function select(i) {
  if (byId("details").contains(document.activeElement)) {
    picture.boxes.get(`${state.selected}`)?.focus();
  }
  state.selected = state.selected === i || question() ? -1 : i; // what is asked may be there
  render();
  reveal("details");
  reveal("chosen"); // where not all has room
  if (state.selected >= 0) {
    announce(...detailsOf(i).flat().map(spoken));
  }
}

// Questions

/** @param {number[]} d ask from the first question on, with these values */
function ask(d) {
  stop();
  forgetDescent();
  state.selected = -1;
  state.d = d;
  recompute();
  startQuiz(state);
  byId("verdict").textContent = "";
  toQuestion();
}

/** Show what is known before the question. */
function toQuestion() {
  byId("answer").value = "";
  byId("hinted").open = false;
  go(furthest());
}

/** @param {number} typed the answer with which one goes on @param {number[]} from */
function goOn(typed, from) {
  keep(typed, from);
  byId(question() ? "answer" : "ask").focus();
  toQuestion();
}

/** Judge the answer. */
function check() {
  const typed = parsed(byId("answer").value);
  if (!typed) {
    verdict("no number");
    return;
  }
  const { verdict: found, from } = judged(typed, state);
  verdict(found);
  if (found === "wrong") {
    quiz.wrong += 1;
    quiz.tried = true;
    render();
  } else if (found !== "digits") {
    quiz.right += 1;
    goOn(typed.value, from);
  }
}

/** Go on from a wrong answer, which what follows may be found from. */
function skip() {
  const asked = /** @type {Question} */ (question());
  const exact = answer(asked, state);
  const kept = parsed(byId("answer").value)?.value ?? exact;
  verdict("", `${textOf([askedFor(asked), equals(exact), numberOf(exact)])}.`);
  goOn(kept, []);
}

/** @param {string} key @param {string} text what is said to the answer */
function verdict(key, text = phrase(key)) {
  byId("verdict").className = key;
  byId("verdict").textContent = text;
  announce(text);
}

/** Begin with questions, or end. */
function toggleQuiz() {
  if (quiz.on) {
    quiz.on = false;
    go(0);
    return;
  }
  const seed = parsed(byId("seed").value);
  if (seed) {
    show(PICTURES.length - 1); // the same of a whole class, whatever picture each has
  }
  ask(seed ? drawn(seed.value, [...ORIGINAL]) : [...state.d]);
  reveal("player");
  byId("answer").focus();
}
