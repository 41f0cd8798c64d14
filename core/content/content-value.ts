/** In the JSON of a content with tokens: the place of a text that stands next to it, by its index. */
export const CONTENT_VALUE = 'cdk-prompt-registry:value';

/** The content with its texts put in; one that is not there, because it was AWS::NoValue, leaves its place out. */
export function withContentValues(content: unknown, values: readonly (string | undefined)[]): unknown {
  if (typeof content !== 'object' || content === null) return content;
  if (Array.isArray(content)) {
    return content.map((item) => withContentValues(item, values)).filter((item) => item !== undefined);
  }
  const index = (content as Record<string, unknown>)[CONTENT_VALUE];
  if (typeof index === 'number') return values[index];
  return Object.fromEntries(Object.entries(content).map(([name, member]) => [name, withContentValues(member, values)]));
}
