/**
 * JSON as the SDK reads it, with plain numbers. From Node 22 on the SDK answers a number in free JSON that is not a safe
 * integer, or not written as JavaScript writes it, as a BigInt or as a `NumericValue`, which JSON cannot represent.
 */
export function withPlainNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withPlainNumbers);
  const { type, string } = value as { type?: unknown; string?: unknown };
  const prototype = Object.getPrototypeOf(value);
  const isInstance = prototype !== null && Object.getPrototypeOf(prototype) !== null;
  if (isInstance && type === 'bigDecimal' && typeof string === 'string') return Number(string);
  if (isInstance) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPlainNumbers(member)]));
}
