/** CloudFormation's own type for every value that it passes on is text: aws-cloudformation/cloudformation-cli#435. */
export function withTextLeaves(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withTextLeaves);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, withTextLeaves(v)]));
  }
  return typeof value === 'number' ? numberText(value) : typeof value === 'boolean' ? String(value) : value;
}

/** As Java writes a number: `300`, `0.5`, `1.0E21`, `1.0E-7`. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (Number.isSafeInteger(value) || (size >= 1e-3 && size < 1e7)) {
    return String(value);
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
