import { Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { templateValueProblems } from '../../core/content/template-values';
import { constructError } from './construct-error';

/** Values in which a dynamic reference may be written out, since no prose is meant there. */
const REFERENCES_ARE_MEANT = ['modelId'];

/** Refuses what CloudFormation would refuse, read as something else or change, in what an author wrote. */
export function checkWrittenValues(scope: IConstruct, values: Readonly<Record<string, unknown>>): void {
  const problems = Object.entries(values).flatMap(([name, value]) => [
    ...templateValueProblems(value, name, {
      isUnresolved: (found) => isUnresolved(scope, found),
      callsAreMeant: REFERENCES_ARE_MEANT.includes(name),
    }),
  ]);
  if (problems.length > 0) {
    throw constructError(scope, 'UnsupportedByCloudFormation', problems.join('; '));
  }
}

/** A text that only looks like a token is an error in CDK, which names no construct. */
function isUnresolved(scope: IConstruct, value: unknown): boolean {
  try {
    if (typeof value === 'string') Tokenization.reverseString(value);
  } catch (error) {
    const found = /\$\{Token\[[^\]]*\]?\}?/.exec(String(value))?.[0];
    throw constructError(
      scope,
      'UnsupportedByCloudFormation',
      `expected texts without the mark of a CDK token, found ${JSON.stringify(found)}: write it otherwise`,
      error,
    );
  }
  return Token.isUnresolved(value);
}
