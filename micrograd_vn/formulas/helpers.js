// The operations of micrograd_vn that JavaScript's Math lacks, each a plain function on numbers.
// A function that lambdify(..., "javascript") wrote names those of them that it needs.

/** @param {number} x @returns {number} 1 where x is positive, else 0 */
function step(x) {
  return x > 0 ? 1 : 0;
}

/** @param {number} x @param {number} y @returns {number} whether x is greater; 0.5 at a tie */
function greater(x, y) {
  return x === y ? 0.5 : x > y ? 1 : 0;
}

/** @param {number} x @returns {number} x where it is positive, else 0 */
function relu(x) {
  return Math.max(x, 0);
}

/** @param {number} x @returns {number} 1 / (1 + e^-x) */
function sigmoid(x) {
  const e = Math.exp(-Math.abs(x)); // cannot overflow
  return (x >= 0 ? 1 : e) / (1 + e);
}

/** @param {number} x @returns {number} 1 / cosh(x) */
function sech(x) {
  const e = Math.exp(-Math.abs(x));
  return (2 * e) / (1 + e * e);
}

/** @param {number} x @returns {number} ln(x), 0 for 0, NaN below */
function log_or_nan(x) {
  return x === 0 ? 0 : Math.log(x);
}

/** @param {number} x @param {number} y @returns {number} y x^(y - 1), which is 0 for y = 0 */
function power_slope(x, y) {
  if (y === 0 || (x === 0 && y < 0)) return 0;
  const even = Math.abs(y) >= 2 ** 53; // as all are from here on, so y - 1 is rounded to even, too
  return even ? y * Math.sign(x) * Math.abs(x) ** (y - 1) : y * x ** (y - 1);
}

/** @param {number} x @returns {number} erf(x) for |x| < 1: Abramowitz and Stegun, 7.1.6 */
function erfSeries(x) {
  let term = x;
  let total = x;
  for (let n = 1; n < 34; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** @param {number} x @returns {number} the Gauss error function */
function erf(x) {
  return Math.abs(x) < 1 ? erfSeries(x) : 1 - erfc(x);
}

/** @param {number} x @returns {number} 1 - erf(x): by Laplace's continued fraction; 0 from 30 on */
function erfc(x) {
  if (Math.abs(x) < 1) {
    return 1 - erfSeries(x);
  }
  const far = Math.min(Math.abs(x), 30);
  let f = 0.5 * (far + Math.sqrt(far * far + 240)); // nearly what is cut off
  for (let k = 120; k > 0; k--) {
    f = far + (0.5 * k) / f;
  }
  const short = Math.round(65536 * far) / 65536; // its square is exact: e^(-x^2) keeps its digits
  const power = Math.exp(-short * short) * Math.exp((short - far) * (short + far));
  const tail = power / f / Math.sqrt(Math.PI);
  return x > 0 ? tail : 2 - tail;
}

/** @param {number} x @param {number[]} others @returns {number} e^x / (e^x + Σ e^other) */
function softmax(x, ...others) {
  const m = Math.max(x, ...others);
  const total = others.reduce((sum, other) => sum + Math.exp(other - m), Math.exp(x - m));
  return Math.exp(x - m) / total;
}

/** @param {number} x @param {number[]} others @returns {number} 1 minus the softmax of x */
function softmax_rest(x, ...others) {
  const m = Math.max(x, ...others);
  const rest = others.reduce((sum, other) => sum + Math.exp(other - m), 0);
  return rest / (Math.exp(x - m) + rest);
}

/** @param {number} x @param {number[]} others @returns {number} ln(e^x / (e^x + Σ e^other)) */
function log_softmax(x, ...others) {
  const m = Math.max(x, ...others);
  return x - m - excess(m, x, ...others);
}

/** @param {number} m the largest @param {number[]} xs @returns {number} ln Σ e^(x - m) */
function excess(m, ...xs) {
  const first = xs.indexOf(m);
  const rest = xs.reduce((sum, x, i) => (i === first ? sum : sum + Math.exp(x - m)), 0);
  return first < 0 ? Math.log(rest) : Math.log1p(rest);
}

/** @param {number[]} xs @returns {number} ln Σ e^x */
function logsumexp(...xs) {
  const m = Math.max(...xs);
  return m + excess(m, ...xs);
}

/** @param {number[]} operands n logits h, n targets t @returns {number} -Σ t ln softmax(h) */
function cross_entropy(...operands) {
  const n = operands.length / 2;
  const logits = operands.slice(0, n);
  const m = Math.max(...logits);
  const below = logits.reduce((sum, h, i) => {
    const t = operands[n + i];
    return t === 0 ? sum : sum + t * (m - h);
  }, 0);
  const total = operands.slice(n).reduce((sum, t) => sum + t, 0);
  return below + total * excess(m, ...logits);
}
