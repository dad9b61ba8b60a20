// What is said about a step and about a value: words in the reader's language, and formulas.

/** In which language the reader reads. */
const reader = { language: document.documentElement.lang };

/** @param {string} key @returns {string} a phrase in the reader's language */
function phrase(key) {
  return GRAPH.phrases[reader.language][key];
}

/**
 * A line: formulas with signs between them, and a remark; a small one explains the one before.
 * @typedef {{parts: (Piece | string)[], remark?: string, small?: boolean, sum?: boolean}} Line
 */

/**
 * A phrase with formulas in its gaps, as text.
 * @param {string} key
 * @param {string[]} gaps
 */
function said(key, ...gaps) {
  return phrase(key)
    .split("{}")
    .map((text, i) => text + (gaps[i] ?? ""))
    .join("");
}

/** @param {number} i @param {number[]} d @returns {Line[]} how a value is computed */
function forwardLines(i, d) {
  const numeric = numericOf(i, d);
  const definition = walk === FOLDED || !NODES[i].unnamed ? definitionOf(i) : null;
  const operands = operandsOf(i);
  const xs = operands.map((x) => asShownAt(x, d[x]));
  /** @type {(Piece | string)[]} */
  const parts = [nameOf(i)];
  if (definition) {
    parts.push("=", definition);
  }
  if (
    numeric &&
    numeric.text !== definition?.text &&
    operands.every((x) => Number.isFinite(d[x]))
  ) {
    const put = kindOf(i).definition?.text.flatMap((part) => (Array.isArray(part) ? part[0] : []));
    parts.push(signOfAll((put ?? []).map((k) => sign(xs[k], d[operands[k]]))), numeric);
  }
  if (!Number.isFinite(d[i])) {
    return [{ parts, remark: undefinedRemark(d) }];
  }
  const result = valueNumber(i, d[i]);
  if (parts.length < 3 || textOf(parts.slice(-1)) !== result.text) {
    parts.push(sign(apply(i, xs), asShownAt(i, d[i])), result);
  }
  const remark = FUNCTIONS.forward[NODES[i].kind] ? "" : said("recorded", symbolOf(i));
  return [{ parts, remark }];
}

/** @param {number} i @param {number[]} d @returns {Line} what a value is */
function valueLine(i, d) {
  return { parts: [nameOf(i), sign(asShownAt(i, d[i]), d[i]), valueNumber(i, d[i])] };
}

/** @param {string[]} signs @returns {string} the sign before numbers, each with a sign of its own */
function signOfAll(signs) {
  return signs.includes("≈") ? "≈" : "=";
}

/** @param {number} i @returns {string} the sign of a value's operation */
function symbolOf(i) {
  return GRAPH.kinds[NODES[i].kind].symbol;
}

/** @param {number[]} d @returns {string} which operation, on which numbers, has no result */
function undefinedRemark(d) {
  const { kind, parents } = NODES[undefinedAt(d)];
  const { definition, symbol } = GRAPH.kinds[kind];
  const number = (/** @type {number} */ hole) => valueNumber(parents[hole], d[parents[hole]]);
  return said("undefined", definition ? filled(definition, number).text : symbol);
}

/** @returns {Line[]} where the way back begins */
function seedLines() {
  const parts = [gradientOf(ROOT), equals(GRAPH.gradient), numberOf(GRAPH.gradient)];
  return [{ parts, remark: GRAPH.given ? phrase("known") : "" }];
}

/**
 * What an operation passes on to its operands.
 * @param {number} i its result
 * @param {Known} known
 * @returns {Line[]}
 */
function backwardLines(i, known) {
  const { parents } = walk.part(i);
  /** @type {Line[]} */
  const lines = [];
  parents.forEach((x, slot) => {
    if (!NODES[x].constant) {
      lines.push(termLine(i, slot, known));
      if (!isStart(i)) {
        lines.push(...slopeLine(i, slot, known));
      }
      lines.push(...sumLine(i, slot, known));
    }
  });
  return lines;
}

/** @param {number} i @param {number} slot @returns {boolean} whether an operand stands there twice */
function isRepeated(i, slot) {
  const { parents } = walk.part(i);
  return parents.filter((x) => x === parents[slot]).length > 1;
}

/** @param {number} i @returns {boolean} whether the way back begins at a value, with 1 */
function isStart(i) {
  return i === ROOT && !GRAPH.given;
}

/** @param {number} i @param {number} slot @returns {Piece} what a path contributes, in symbols */
function termOf(i, slot) {
  const slope = partialOf(i, slot);
  return isStart(i) ? slope : combined("product", gradientOf(i), slope);
}

/** @param {number} i @param {number} slot @param {Known} known @returns {Line} one contribution */
function termLine(i, slot, { d, g, slopes }) {
  const x = walk.part(i).parents[slot];
  const [up, slope] = [g[i], slopes[i][slot]];
  if (!Number.isFinite(slope)) {
    const there = Number.isFinite(d[ROOT]);
    const remark = there ? said("no derivative", symbolOf(i)) : undefinedRemark(d);
    return { parts: [gradientOf(x)], remark };
  }
  const repeated = isRepeated(i, slot);
  const number = slopeNumber(i, slot, slopes);
  const beforeSlope = sign(slopeAsShown(i, slot, slopes), slope);
  const beforeProduct = signOfAll([equals(up), beforeSlope]);
  const product = combined("product", numberOf(up), number);
  /** @type {(Piece | string)[]} */
  const parts = [gradientOf(x)];
  if (isStart(i)) {
    const formula = repeated ? null : slopeOf(i, slot);
    const middle = formula && formula.text !== number.text ? ["=", formula] : [];
    parts.push(...middle, beforeSlope, number);
  } else {
    parts.push(...(repeated ? [] : ["=", termOf(i, slot)]), beforeProduct, product);
    const fromShown = asShown(up) * slopeAsShown(i, slot, slopes);
    parts.push(sign(fromShown, asShown(up * slope)), numberOf(up * slope));
  }
  parts[1] = walk.users[x].length > 1 ? "+=" : parts[1];
  const remarks = [repeated ? phrase("repeated") : ""];
  if (isStart(i)) {
    remarks.push(heldRemark(i, slot), reasonOf(i, slot, d));
  }
  return { parts, remark: remarks.filter(Boolean).join("; ") };
}

/** @param {number} i @param {number} slot @param {Known} known @returns {Line[]} the sum so far */
function sumLine(i, slot, { g, slopes }) {
  const x = walk.part(i).parents[slot];
  const users = walk.users[x];
  const here = users.findIndex(([user, place]) => user === i && place === slot);
  if (here === 0 || !Number.isFinite(slopes[i][slot])) {
    return [];
  }
  const terms = users.slice(0, here + 1).map(([user, place]) => g[user] * slopes[user][place]);
  const size = terms.reduce((a, b) => a + Math.abs(b), 0);
  const sum = settled(
    terms.reduce((a, b) => a + b),
    size,
  );
  const [before, last] = [sum - terms[here], terms[here]];
  const signs = [before, last].map(equals);
  const numbers = combined("plus", numberOf(before), numberOf(last));
  const parts = [gradientOf(x), signOfAll(signs), numbers];
  parts.push(sign(asShown(before) + asShown(last), asShown(sum)), numberOf(sum));
  return [{ parts, remark: phrase("sum so far"), sum: true }];
}

/** @param {number} i @param {number} slot @returns {boolean} whether no other path came before */
function isFirst(i, slot) {
  const [user, place] = walk.users[walk.part(i).parents[slot]][0];
  return user === i && place === slot;
}

/** @param {number} i @param {number} slot @param {Known} known @returns {Line[]} the local factor */
function slopeLine(i, slot, { d, slopes }) {
  if (isRepeated(i, slot) || !Number.isFinite(slopes[i][slot])) {
    return [];
  }
  const number = slopeNumber(i, slot, slopes);
  const formula = slopeOf(i, slot);
  const remarks = [heldRemark(i, slot), reasonOf(i, slot, d)];
  const remark = remarks.filter(Boolean).join("; ");
  if (!formula && !remark) {
    return [];
  }
  const middle = formula && formula.text !== number.text ? ["=", formula] : [];
  const before = sign(slopeAsShown(i, slot, slopes), slopes[i][slot]);
  const parts = [partialOf(i, slot), ...middle, before, number];
  return [{ parts, remark, small: true }];
}

/** @param {number} i @param {number} slot @returns {string} what is held constant, if anything is */
function heldRemark(i, slot) {
  const held = heldIn(i, slot).map((x) => nameOf(x).text);
  return held.length ? said("held", held.join(", ")) : "";
}

/**
 * @param {number} i
 * @param {number} slot
 * @param {number[]} d
 * @returns {string} why a derivative is what it is, where it jumps; as a solution says it
 */
function reasonOf(i, slot, d) {
  const [plain, others] = [new Set(), new Set()];
  for (const { sides, convention, of, at } of kindOf(i).slopes[slot].reasons ?? []) {
    const operand = (/** @type {number} */ hole) => operandsOf(i)[hole] ?? i;
    const [x, y] = sides.map((side) =>
      Array.isArray(side) ? numberOf(side[0]) : nameOf(operand(side)),
    );
    const [left, right] = sides.map((side) => (Array.isArray(side) ? side[0] : d[operand(side)]));
    const compared = `${x.text} ${left > right ? ">" : left < right ? "<" : "="} ${y.text}`;
    if (left !== right || !convention) {
      plain.add(compared);
    } else {
      const name = filled(of, (hole) => nameOf(operand(hole))).text;
      const gaps = {
        tie: [compared, name],
        kink: [name, compared, at],
        convention: [`${name} = ${at}`],
      };
      others.add(said(convention, ...gaps[convention]));
    }
  }
  const because = plain.size ? [said("because", [...plain].join(", "))] : [];
  return [...because, ...others].join("; ");
}

/**
 * The chain rule of a value: the sum over its users, in symbols and in numbers.
 * @param {number} i
 * @param {number[]} g
 * @param {number[][]} slopes
 * @returns {Line[]}
 */
function chainLines(i, g, slopes) {
  const users = walk.users[i];
  if (users.length === 0) {
    return i === ROOT ? seedLines() : [];
  }
  const sum = (/** @type {Piece[]} */ products) =>
    products.reduce((before, next) => combined("plus", before, next));
  const symbols = users
    .filter(([user, slot]) => walk.part(user).parents.indexOf(i) === slot)
    .map(([user, slot]) => termOf(user, slot));
  const numbers = users.map(([user, slot]) => {
    const number = slopeNumber(user, slot, slopes);
    return isStart(user) ? number : combined("product", numberOf(g[user]), number);
  });
  const rough = users.reduce(
    (sum, [user, slot]) => sum + asShown(g[user]) * slopeAsShown(user, slot, slopes),
    0,
  );
  const signs = users.flatMap(([user, slot]) => [
    equals(g[user]),
    sign(slopeAsShown(user, slot, slopes), slopes[user][slot]),
  ]);
  const [all, total] = [sum(numbers), numberOf(g[i])];
  const found = all.text === total.text ? [] : [sign(rough, asShown(g[i])), total];
  const last = Number.isFinite(g[i]) ? [signOfAll(signs), all, ...found] : [];
  const [user, slot] = users[0];
  const alone = isStart(user) && symbols.length < 2;
  const formula = alone ? users.length < 2 && slopeOf(user, slot) : sum(symbols);
  const lines = formula ? [[gradientOf(i), "=", formula], last] : [[gradientOf(i), ...last]];
  return lines.filter((parts) => parts.length).map((parts) => ({ parts }));
}

/**
 * The difference quotient of the output by a value.
 * @param {number} i
 * @param {number[]} d
 * @returns {Line[]}
 */
function differenceLines(i, d) {
  const { h, above, below } = moved(d, i);
  const goal = nameOf(ROOT).text;
  const at = (/** @type {string} */ by) => plain(`${goal}(${nameOf(i).text} ${by} h)`);
  const quotient = (above - below) / (2 * h);
  const end = (/** @type {number} */ x) => [sign(asShown(x, 8), x), numberOf(x, 8)];
  return [
    { parts: [at("+"), ...end(above)] },
    { parts: [at("−"), ...end(below)], remark: `h = ${shown(h)}` },
    { parts: [combined("difference", at("+"), at("−"), plain("h")), "≈", numberOf(quotient, 4)] },
  ];
}

/** @param {Line} line @returns {string} a line as text */
function spoken(line) {
  return textOf(line.parts) + (line.remark ? ` (${line.remark})` : "");
}

const SIGNS = new RegExp(GRAPH.signs.map((sign) => sign.replace(/[+^]/, "\\$&")).join("|"), "g");

/** @param {string} text @returns {string} it in words, as speech leaves out or mistakes the signs */
function heard(text) {
  const words = GRAPH.heard[reader.language];
  const spaced = text
    .replace(/[₀-₉]+/g, " $&")
    .replace(/[¹²³⁰-⁻]+/g, "^$&")
    .normalize("NFKC");
  return spaced
    .replace(SIGNS, (sign) => ` ${words[GRAPH.signs.indexOf(sign)]} `)
    .replace(/\s+(?=[\s,;.)]|$)|(?<=^|[(])\s+/g, "");
}

/**
 * @param {Line} line
 * @returns {(Piece | string)[][]} its formulas, one for each sign and what follows, so that a long
 *   line breaks there
 */
function groupsOf({ parts }) {
  /** @type {(Piece | string)[][]} */
  const groups = [[]];
  for (const part of parts) {
    if (typeof part === "string") {
      groups.push([]);
    }
    groups[groups.length - 1].push(part);
  }
  return groups.filter((group) => group.length > 0);
}

/** @param {Line} line @returns {HTMLElement} a line as it is shown */
function lineElement(line) {
  const look = `line${line.small ? " small" : ""}${line.sum ? " sum" : ""}`;
  const row = element("p", { class: look }, ...groupsOf(line).map(mathOf));
  if (line.remark) {
    row.append(" ", element("span", { class: "remark" }, line.remark));
  }
  return row;
}

/** @type {Map<Element, {about: string, rows: {look: string, groups: string[]}[]}>} */
const WRITTEN = new Map();

/**
 * Show lines. Browsers take long to lay formulas out, so where the same is said with other numbers,
 * only these are changed.
 * @param {Element} holder
 * @param {string} about what the lines are about; about the same, what reads alike looks alike
 * @param {Line[]} lines
 */
function writeLines(holder, about, lines) {
  const last = WRITTEN.get(holder);
  const groups = lines.map(groupsOf);
  const rows = lines.map(({ small, sum, remark }, i) => ({
    look: `${small} ${sum} ${groups[i].length} ${remark}`,
    groups: groups[i].map(textOf),
  }));
  WRITTEN.set(holder, { about, rows });
  if (last?.about !== about || last.rows.length !== rows.length) {
    holder.replaceChildren(...lines.map(lineElement));
    return;
  }
  lines.forEach((line, i) => {
    const row = holder.children[i];
    if (last.rows[i].look !== rows[i].look) {
      row.replaceWith(lineElement(line));
      return;
    }
    rows[i].groups.forEach((text, k) => {
      if (text !== last.rows[i].groups[k]) {
        become(row.children[k], mathOf(groups[i][k]));
      }
    });
  });
}

/** @param {Element} old a formula @param {Element} made what it shall be, in place where it can be */
function become(old, made) {
  const [before, after] = [old.children, [...made.children]];
  if (old.localName !== made.localName || before.length !== after.length) {
    old.replaceWith(made);
  } else if (after.length > 0) {
    for (const [i, child] of after.entries()) {
      become(before[i], child);
    }
  } else if (old.textContent !== made.textContent) {
    old.replaceWith(made);
  }
}
