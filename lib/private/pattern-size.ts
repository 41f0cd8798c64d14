import { Stack } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { constructError } from './construct-error';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const LONGEST_PATTERN = 2_048;

/** The longest that these become. */
const PSEUDO_PARAMETERS: Readonly<Record<string, number>> = {
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::AccountId': 12,
  'AWS::Region': 'ap-southeast-1'.length,
};
/** A name or ARN that only the deployment knows: a bucket's name has 63 characters, a role's ARN seldom 120. */
const DEPLOYED = 120;

/** Fails at synth, rather than at the deployment, when a pattern may become longer than EventBridge takes. */
export function checkPatternSize(scope: Construct, pattern: EventPattern, help: string): void {
  const { detailType, ...rest } = pattern;
  const size = sizeOf(Stack.of(scope).resolve({ 'detail-type': detailType, ...rest }));
  if (size > LONGEST_PATTERN) {
    throw constructError(
      scope,
      'PatternTooLong',
      `expected an event pattern of at most ${LONGEST_PATTERN} characters, found up to ${size}: ${help}`,
    );
  }
}

/** Characters that JSON with what only the deployment knows may have. */
export function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value).length;
  }
  if (Array.isArray(value)) {
    return bracketed(value.map(sizeOf));
  }
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return '""'.length + lengthOf(name, argument);
  }
  return bracketed(entries.map(([key, member]) => JSON.stringify(key).length + 1 + sizeOf(member)));
}

/** With a comma between each two. */
function bracketed(sizes: readonly number[]): number {
  return 2 + sizes.reduce((sum, size) => sum + size, 0) + Math.max(0, sizes.length - 1);
}

/** Characters of what an intrinsic function becomes. */
function lengthOf(name: string, argument: unknown): number {
  if (name === 'Ref') {
    return PSEUDO_PARAMETERS[String(argument)] ?? DEPLOYED;
  }
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.reduce((sum: number, part) => sum + sizeOf(part) - 2, separator.length * (parts.length - 1));
  }
  if (name === 'Fn::Sub' && typeof argument === 'string') {
    const literal = argument.replace(/\$\{[^}]+\}/g, '').length;
    return [...argument.matchAll(/\$\{([^}]+)\}/g)].reduce((sum, [, ref]) => sum + lengthOf('Ref', ref), literal);
  }
  return DEPLOYED;
}
