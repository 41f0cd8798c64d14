import type { Parameter } from '@aws-sdk/client-cloudformation';
import { parseDocument } from 'yaml';

interface Declared {
  readonly Type?: string;
  readonly Default?: unknown;
}

/** The parameters that a template declares, JSON or YAML. */
export function declaredParameters(template: string): Record<string, Declared> {
  const isJson = template.trimStart().startsWith('{');
  // Short forms such as `!Sub` stay as they are: no parameter holds one.
  const body = isJson ? JSON.parse(template) : parseDocument(template, { logLevel: 'silent' }).toJS();
  return body?.Parameters ?? {};
}

/** What a deployment gives: new values, and of the others those that the stack has, as `cdk deploy` does. */
export function parametersFor(
  declared: Record<string, Declared>,
  given: Readonly<Record<string, string>>,
  reset: readonly string[],
  before: readonly Parameter[],
): Parameter[] {
  const kept = before.flatMap(({ ParameterKey = '' }) => {
    const isKept = ParameterKey in declared && !(ParameterKey in given) && !reset.includes(ParameterKey);
    return isKept ? [{ ParameterKey, UsePreviousValue: true }] : [];
  });
  // Those that are not declared as well: CloudFormation refuses them by name, which finds the typo.
  return [
    ...Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    ...kept,
  ];
}
