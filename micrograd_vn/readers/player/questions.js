// Questions: the number that comes next is hidden, and the student finds it. An answer is right
// if the exact number, rounded to the digits typed, is that; or if it follows from the numbers as
// they are shown, or from what the student found before, were it right or wrong.

/**
 * What is asked: the value x, or what a path contributes to the derivative by x, or their sum.
 * @typedef {{step: number, node: number, slot: number, x: number, sum?: boolean}} Question
 */

/** @returns {Question[]} what is asked on the present walk: not what the statement says */
function questions() {
  const said = isChanged() ? [] : GRAPH.known;
  return walk.steps.flatMap(({ kind, node }, step) => {
    if (kind !== "backward") {
      return kind === "seed" || said.includes(node) ? [] : [{ step, node, slot: -1, x: node }];
    }
    const { parents } = walk.part(node);
    return [...new Set(parents)].flatMap((x) => {
      const users = walk.users[x].map(([user]) => user);
      const share = { step, node, slot: parents.indexOf(x), x };
      const summed = users.at(-1) === node && users[0] !== node;
      return NODES[x].constant ? [] : summed ? [share, { ...share, sum: true }] : [share];
    });
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
  Object.assign(quiz, {
    on: true,
    all: questions(),
    at: 0,
    right: 0,
    wrong: 0,
    tried: false,
    exact,
    typed,
  });
}

/**
 * Numbers for the inputs from a seed: of one decimal or two, where everything exists, and where as
 * few derivatives as can be are 0, so that no ReLU that is off leaves nothing to find.
 * @param {number} seed
 * @param {number[]} start the numbers of what does not change
 * @returns {number[]} the values
 */
function drawn(seed, start) {
  const chance = generator(seed);
  let [best, fewest] = [start, NODES.length];
  for (let attempt = 0; attempt < 200 && fewest > 0; attempt++) {
    const d = [...start];
    for (const { node, range, fixed } of GRAPH.leaves) {
      if (fixed === null) {
        const [low, high] = range.map((end) => Math.max(-3, Math.min(3, end)));
        const decimals = NODES[node].integer ? 0 : high - low > 2 ? 1 : 2;
        d[node] = Number((low + (high - low) * chance()).toFixed(decimals));
      }
    }
    compute(d);
    const g = backward(slopesAt(d), SINGLE);
    const slopes = g.filter((_, i) => DIFFERENTIATED.has(i) && !NODES[i].constant);
    const zeros = slopes.filter((x) => x === 0).length;
    if (undefinedAt(d) < 0 && slopes.every(Number.isFinite) && zeros < fewest) {
      [best, fewest] = [d, zeros];
    }
  }
  return best;
}

/**
 * @param {Question} asked
 * @param {number[]} slopes of its value
 * @returns {number} the derivative by the operand, in all its places
 */
function slopeBy({ node, x }, slopes) {
  return walk.part(node).parents.reduce((sum, p, k) => sum + (p === x ? slopes[k] : 0), 0);
}

/**
 * @param {Question} asked
 * @param {Numbers} numbers
 * @returns {number} the answer
 */
function answer(asked, { d, g, slopes }) {
  const { node, slot, x, sum } = asked;
  return slot < 0 ? d[x] : sum ? g[x] : g[node] * slopeBy(asked, slopes[node]);
}

/**
 * @param {Question} asked
 * @param {Found} numbers
 * @param {number[][]} slopes the exact ones, for what can't be computed here
 * @returns {number} what would be the answer by some other values and derivatives
 */
function answerFrom(asked, { d, g }, slopes) {
  const { node, slot, x, sum } = asked;
  const xs = operandsOf(node).map((operand) => d[operand]);
  if (slot < 0) {
    return apply(node, xs);
  }
  const { kind } = walk.part(node);
  const p = FUNCTIONS.forward[kind] && FUNCTIONS.partials[kind];
  return sum ? g[x] : g[node] * slopeBy(asked, p ? p(d[node], ...xs) : slopes[node]);
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

/** @param {Question} asked @param {Found} found where it is put @param {number} number */
function put({ node, slot, x, sum }, { d, g }, number) {
  if (slot < 0) {
    d[x] = number;
  } else {
    g[x] = sum || isFirst(node, slot) ? number : g[x] + number;
  }
}

/** @param {Question} asked @returns {Piece} what is asked, as a formula */
function askedFor({ slot, x }) {
  return slot < 0 ? nameOf(x) : gradientOf(x);
}

/** @param {Question} asked @returns {string} what is asked, around the formula */
function askedIn({ node, slot, x, sum }) {
  const many = slot >= 0 && !sum && walk.users[x].length > 1;
  return many ? said("ask share", "{}", nameOf(node).text) : phrase("ask");
}

/** @param {Question} asked @param {Numbers} numbers @returns {Line} how it is found */
function hint({ node, slot, x, sum }, { d, g, slopes }) {
  if (sum) {
    return chainLines(x, g, slopes)[0];
  }
  if (slot < 0) {
    const named = walk === FOLDED || !NODES[node].unnamed;
    const definition = (named && definitionOf(node)) || numericOf(node, d);
    return { parts: definition ? [nameOf(node), "=", definition] : [nameOf(node)] };
  }
  const repeated = isRepeated(node, slot);
  const formula = repeated ? definitionOf(node) : slopeOf(node, slot);
  const of = repeated ? nameOf(node) : partialOf(node, slot);
  const rule = isStart(node) ? [] : [termOf(node, slot), plain(", \u00a0")];
  return {
    parts: formula ? [...rule, of, "=", formula] : [termOf(node, slot)],
    remark: reasonOf(node, slot, d),
  };
}
