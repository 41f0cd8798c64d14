const TABLE = [0];

/** ln n!, to a double's precision: summed up for small n, Stirling's series from there on. */
export function logFactorial(n: number): number {
  if (n >= FROM_SERIES) {
    return (
      n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5)
    );
  }
  for (let next = TABLE.length; next <= n; next++) TABLE.push((TABLE[next - 1] ?? 0) + Math.log(next));
  return TABLE[n] ?? 0;
}

/** Here the series' next term, 1 / (1680 n⁷), is far below what a double can tell apart. */
const FROM_SERIES = 256;
