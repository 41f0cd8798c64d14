import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/**
 * Refuses fields that this registry does not know. The compiler does so in TypeScript; JavaScript, spread objects and
 * casts get here, and CDK would drop such a field silently.
 */
export function refuseUnknownFields(
  scope: IConstruct,
  where: string,
  options: object,
  known: Readonly<Record<string, true>>,
): void {
  const unknown = Object.entries(options).flatMap(([name, value]) =>
    value === undefined || Object.hasOwn(known, name) ? [] : [name],
  );
  if (unknown.length > 0) {
    throw constructError(
      scope,
      'UnknownField',
      `expected only fields that this registry knows in ${where}, found ${unknown.join(', ')}: remove it, or update cdk-prompt-registry; known are ${Object.keys(known).join(', ')}`,
    );
  }
}
