/**
 * JSON as the SDK reads it, with plain numbers. From Node 22 on the SDK answers a number in free JSON that is not a safe
 * integer, or not written as JavaScript writes it, as a BigInt or as a `NumericValue`, which JSON cannot represent.
 * What has none of these is answered as it is and not copied.
 */
export function withPlainNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const { type, string } = value as { type?: unknown; string?: unknown };
  const prototype = Object.getPrototypeOf(value);
  const isInstance = !Array.isArray(value) && prototype !== null && Object.getPrototypeOf(prototype) !== null;
  if (isInstance && type === 'bigDecimal' && typeof string === 'string') return Number(string);
  if (isInstance) return value;
  const plain = Object.entries(value).map(([name, member]) => [name, withPlainNumbers(member), member]);
  if (plain.every(([, member, found]) => member === found)) return value;
  return Array.isArray(value) ? plain.map(([, member]) => member) : Object.fromEntries(plain);
}
