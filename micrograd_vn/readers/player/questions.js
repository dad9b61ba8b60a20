// Questions: the number that comes next is hidden, and the student finds it. An answer is right
// if the exact number, rounded to the digits typed, is that; or if it follows from the numbers as
// they are shown, or from what the student found before, were it right or wrong.

/**
 * What is asked: a value, or what a path contributes to a derivative.
 * @typedef {{step: number, node: number, slot: number}} Question
 */

/** @returns {Question[]} what is asked on the present walk */
function questions() {
  return walk.steps.flatMap(({ kind, node }, step) => {
    if (kind === "seed") {
      return [];
    }
    const { parents } = walk.part(node);
    const slots = kind === "forward" ? [-1] : [...parents.keys()];
    const asked = slots.filter((slot) => slot < 0 || !NODES[parents[slot]].constant);
    return asked.map((slot) => ({ step, node, slot }));
  });
}

/**
 * Values, and derivatives of the output; with those on the edges, all numbers of the page.
 * @typedef {{d: number[], g: number[]}} Found
 * @typedef {Found & {slopes: number[][]}} Numbers
 */

/** Where the questions are, and what the student has found. */
const quiz = {
  on: false,
  /** @type {Question[]} */
  all: [],
  at: 0,
  right: 0,
  wrong: 0,
  tried: false,
  /** @type {Found} what the student found, before it was rounded */
  exact: { d: [], g: [] },
  /** @type {Found} the same as it was typed */
  typed: { d: [], g: [] },
};

/** @returns {Question | undefined} what is asked now */
function question() {
  return quiz.on ? quiz.all[quiz.at] : undefined;
}

/** @returns {number} the last step that may be seen: nothing of what is asked */
function furthest() {
  return question()?.step ?? walk.steps.length;
}

/** @param {Found} numbers those to begin with */
function startQuiz({ d, g }) {
  const [exact, typed] = [1, 2].map(() => ({ d: [...d], g: [...g] }));
  const none = { at: 0, right: 0, wrong: 0, tried: false };
  Object.assign(quiz, { on: true, all: questions(), ...none, exact, typed });
}

/**
 * Numbers for the inputs from a seed: of one decimal or two, where everything exists.
 * @param {number} seed
 * @param {number[]} start the numbers of what does not change
 * @returns {number[]} the values
 */
function drawn(seed, start) {
  const chance = generator(seed);
  for (let attempt = 0; attempt < 200; attempt++) {
    const d = [...start];
    for (const { node, range, fixed } of GRAPH.leaves) {
      if (fixed === null) {
        const [low, high] = range.map((end) => Math.max(-3, Math.min(3, end)));
        d[node] = Number((low + (high - low) * chance()).toFixed(high - low > 2 ? 1 : 2));
      }
    }
    compute(d);
    const slopes = slopesAt(d);
    if (
      undefinedAt(d) < 0 &&
      backward(slopes, SINGLE).every(
        (x, i) => !DIFFERENTIATED.has(i) || NODES[i].constant || Number.isFinite(x),
      )
    ) {
      return d;
    }
  }
  return start;
}

/**
 * @param {Question} asked
 * @param {Numbers} numbers
 * @returns {number} the answer
 */
function answer({ node, slot }, { d, g, slopes }) {
  return slot < 0 ? d[node] : g[node] * slopes[node][slot];
}

/**
 * @param {Question} asked
 * @param {Found} numbers
 * @param {number[][]} slopes the exact ones, for what can't be computed here
 * @returns {number} what would be the answer by some other values and derivatives
 */
function answerFrom({ node, slot }, { d, g }, slopes) {
  const xs = operandsOf(node).map((x) => d[x]);
  if (slot < 0) {
    return apply(node, xs);
  }
  const { kind } = walk.part(node);
  const p = FUNCTIONS.forward[kind] && FUNCTIONS.partials[kind];
  return g[node] * (p ? p(d[node], ...xs) : slopes[node])[slot];
}

/**
 * Judge what was typed: who rounds on the way gets to between two ends.
 * @param {Typed} typed
 * @param {Numbers} numbers
 * @returns {{verdict: string, exact: number}} and what the number was before it was rounded
 */
function judged(typed, numbers) {
  const { d, g, slopes } = numbers;
  const asked = /** @type {Question} */ (question());
  const asSeen = { d: d.map((x, i) => asShownAt(i, x)), g: g.map((x) => asShown(x)) };
  const ends = {
    right: [answer(asked, numbers), answerFrom(asked, asSeen, slopes)],
    follows: [quiz.exact, quiz.typed].map((found) => answerFrom(asked, found, slopes)),
  };
  for (const [verdict, [exact, other]] of Object.entries(ends)) {
    const [low, high] = exact < other ? [exact, other] : [other, exact];
    const nearest = Math.max(low, Math.min(typed.value, high));
    if (agrees(typed, nearest)) {
      const off = Math.abs(typed.value - nearest);
      return { verdict: off <= 0.02 * Math.abs(nearest) ? verdict : "digits", exact };
    }
  }
  return { verdict: "wrong", exact: typed.value };
}

/**
 * Take the student's number for the question, which is then done.
 * @param {number} typed
 * @param {number} exact the number before it was rounded
 */
function keep(typed, exact) {
  const asked = /** @type {Question} */ (question());
  put(asked, quiz.typed, typed);
  put(asked, quiz.exact, exact);
  quiz.at += 1;
  quiz.tried = false;
}

/** @param {Question} asked @param {Found} found where the answer is put @param {number} x */
function put({ node, slot }, { d, g }, x) {
  if (slot < 0) {
    d[node] = x;
  } else {
    const by = walk.part(node).parents[slot];
    g[by] = isFirst(node, slot) ? x : g[by] + x;
  }
}

/** @param {Question} asked @returns {Piece} what is asked, as a formula */
function askedFor({ node, slot }) {
  return slot < 0 ? nameOf(node) : gradientOf(walk.part(node).parents[slot]);
}

/** @param {Question} asked @returns {string} what is asked, around the formula */
function askedIn({ node, slot }) {
  const many = slot >= 0 && walk.users[walk.part(node).parents[slot]].length > 1;
  return many ? said("ask share", "{}", nameOf(node).text) : phrase("ask");
}

/**
 * @param {Question} asked
 * @param {number[]} d
 * @param {number[][]} slopes
 * @returns {Line} the formula by which it is found
 */
function hint({ node, slot }, d, slopes) {
  if (slot < 0) {
    const named = walk === FOLDED || NODES[node].named;
    const definition = (named && definitionOf(node)) || numericOf(node, d);
    return { parts: definition ? [nameOf(node), "=", definition] : [nameOf(node)] };
  }
  const formula = slopeOf(node, slot);
  const slope = derivative(nameOf(node), nameOf(walk.part(node).parents[slot]));
  /** @type {(Piece | string)[]} */
  const parts = [termOf(node, slot)];
  return {
    parts: formula ? [...parts, plain(", \u00a0"), slope, "=", formula] : parts,
    remark: reasonOf(node, slot, d, slopes),
  };
}
