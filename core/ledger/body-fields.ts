/** The fields of an object's body in the ledger bucket; none where it is not JSON. */
export function fieldsOf(body = '{}'): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
