/**
 * What a template says, one thing a line, so that two of them can be compared: order and grouping of statements and
 * resources mean nothing to AWS, and are not in it.
 */
export function templateFacts(template: object): Set<string> {
  return new Set(facts(template, ''));
}

function facts(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path} = ${JSON.stringify(value)}`];
  if (isIntrinsic(value)) return [`${path} = ${text(value)}`];
  if (path.endsWith('.Statement')) return [value].flat().flatMap((statement) => grants(statement, path));
  if (Array.isArray(value)) return value.flatMap((one) => facts(one, `${path}[]`));
  return Object.entries(value).flatMap(([key, inner]) => facts(inner, path === '' ? key : `${path}.${key}`));
}

/** Each action of a statement on each of its resources. */
function grants(statement: object, path: string): string[] {
  const { Effect, Action, Resource, NotResource, Sid, ...rest } = statement as Record<string, unknown>;
  const resources = [Resource ?? NotResource].flat().map(text);
  // What a NotResource names belongs together.
  const named = NotResource === undefined ? resources : [`all but ${resources.join(' ')}`];
  const more = Object.keys(rest).length > 0 ? ` with ${text(rest)}` : '';
  return [Action].flat().flatMap((action) => named.map((one) => `${path}: ${Effect} ${action} on ${one}${more}`));
}

function isIntrinsic(value: object): boolean {
  const [key = '', ...others] = Object.keys(value);
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
}

function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (!isIntrinsic(value)) return JSON.stringify(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, never>;
  if (Ref !== undefined) return `{${Ref}}`;
  if (attribute !== undefined) return `{${[attribute].flat().join('.')}}`;
  return join === undefined ? JSON.stringify(value) : (join[1] as unknown[]).map(text).join(join[0]);
}
