import { PolicyDocument, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { BoundGuardrail } from './bound-guardrail';
import { type AliasAccess, type CallerAccess, combinedStatements } from './caller-policy';
import type { CallableSlot } from './release-plan';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_CHARACTERS = 6_144;

/** The aliases of one policy. */
export interface PolicyPart {
  readonly aliases: readonly AliasAccess[];
  /** Whether there is room for what stands below the aliases' parameters. */
  readonly below: boolean;
}

/**
 * Which aliases share a policy. In the order given, so that an alias that comes at the end changes no other's place.
 *
 * The places are a format: an alias that changes its policy refuses its callers until their roles have the other one. So
 * they are counted without what stands below the parameters, as they were before that came in, and where it has no room
 * it is left out. Not so with a guardrail: its name stands below, and without it no caller can call a model.
 */
export function policyParts(aliases: readonly AliasAccess[]): PolicyPart[] {
  const parts: AliasAccess[][] = [];
  for (const alias of aliases) {
    const last = parts.at(-1);
    if (last !== undefined && longestPolicy([...last, alias], hasGuardrail([...last, alias])) <= MOST_CHARACTERS) {
      last.push(alias);
    } else {
      parts.push([alias]);
    }
  }
  return parts.map((part) => ({ aliases: part, below: longestPolicy(part, true) <= MOST_CHARACTERS }));
}

function hasGuardrail(aliases: readonly AliasAccess[]): boolean {
  return aliases.some(({ guardrail }) => guardrail !== undefined);
}

/**
 * The longest that the values can be once they are known. A model's id is taken to have at most 50 characters, as all of
 * Bedrock's have; where it is a profile the plain model's slot is empty, and the reverse.
 */
const LONGEST = {
  version: 'arn:aws-us-gov:bedrock:ap-southeast-1:111122223333:prompt/ABCDEFGHIJ:12345',
  model: 'arn:aws-us-gov:bedrock:ap-southeast-1::foundation-model/none',
  profile: `arn:aws-us-gov:bedrock:ap-southeast-1:111122223333:inference-profile/${'m'.repeat(50)}`,
  profileModel: `arn:aws-us-gov:bedrock:*::foundation-model/${'m'.repeat(50)}`,
  globalModel: `arn:aws-us-gov:bedrock:::foundation-model/${'m'.repeat(50)}`,
};
/** Bedrock's ids of guardrails have 12 characters; a version's number has at most 8. */
const GUARDRAIL = 'arn:aws-us-gov:bedrock:ap-southeast-1:111122223333:guardrail/abcdefghijkl';
const KEY = 'arn:aws-us-gov:kms:ap-southeast-1:111122223333:key/mrk-11111111111222243338444555555555555';

/** At most so many characters has the policy of these aliases, as IAM counts them: without white space. */
export function longestPolicy(aliases: readonly AliasAccess[], below: boolean): number {
  return sizeOf(combinedStatements(longestAccesses(aliases), below));
}

/** Whether statements that are made of aliases have room in a managed policy. */
export function hasRoom(
  aliases: readonly AliasAccess[],
  statements: (aliases: readonly CallerAccess[]) => PolicyStatement[],
) {
  return sizeOf(statements(longestAccesses(aliases))) <= MOST_CHARACTERS;
}

function sizeOf(statements: PolicyStatement[]): number {
  return JSON.stringify(new PolicyDocument({ statements, minimize: false }).toJSON()).length;
}

function longestAccesses(aliases: readonly AliasAccess[]): CallerAccess[] {
  return aliases.map(({ slots, parameterName, keyArn, guardrail }, index) => ({
    slots: slots.map((_, slot) => longestSlot(index * slots.length + slot)),
    parameterArn: `arn:aws-us-gov:ssm:ap-southeast-1:111122223333:parameter${parameterName}`,
    promptArn: numbered(LONGEST.version, index),
    ...(keyArn !== undefined && { keyArn: KEY }),
    ...(guardrail !== undefined && { guardrail: longestGuardrail(guardrail, aliases) }),
  }));
}

/** Always as in a change from one to another, which must not change an alias's place. */
function longestGuardrail(guardrail: BoundGuardrail, aliases: readonly AliasAccess[]): BoundGuardrail {
  // The same for those that have the same.
  const first = aliases.findIndex((alias) => JSON.stringify(alias.guardrail) === JSON.stringify(guardrail));
  const arns = [first * 2, first * 2 + 1].map((number) => numbered(GUARDRAIL, number));
  return { ...guardrail, accepted: arns.map((arn) => `${arn}:12345678`), arns };
}

/** Different ones: a statement takes equal values for one. */
function longestSlot(number: number): CallableSlot {
  const { version, model, profile, profileModel, globalModel } = LONGEST;
  return {
    version: numbered(version, number),
    model: numbered(model, number),
    profile: numbered(profile, number),
    profileModel: numbered(profileModel, number),
    globalModel: numbered(globalModel, number),
  };
}

function numbered(value: string, number: number): string {
  return value.slice(0, -4) + String(number).padStart(4, '0');
}
