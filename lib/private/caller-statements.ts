import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { keyStatement } from './prompt-permissions';
import type { CallableSlot } from './release-plan';

/** What a caller of one alias needs. */
export interface CallerAccess {
  readonly slots: readonly CallableSlot[];
  readonly parameterArn: string;
  readonly promptArn: string;
  readonly keyArn?: string;
}

/** What an alias gives to a policy that names it beside others. */
export interface AliasAccess extends CallerAccess {
  readonly parameterName: string;
  /** The alias moves only once this policy is done. */
  readonly releaseAfter: (policy: IConstruct) => void;
}

const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

/**
 * The right to run several aliases, in as few statements as there are kinds.
 *
 * The models behind profiles stand together, under the condition that the call goes through one of the profiles: a
 * profile leads to its own model only (`UnsupportedModel` for one over several), so no pair is allowed that is not meant.
 */
export function combinedStatements(accesses: readonly CallerAccess[]): PolicyStatement[] {
  const slots = accesses.flatMap((access) => access.slots);
  return [
    new PolicyStatement({
      actions: ['bedrock:GetPrompt', 'bedrock:RenderPrompt'],
      resources: slots.map(({ version }) => version),
    }),
    new PolicyStatement({
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resources: accesses.map(({ parameterArn }) => parameterArn),
    }),
    new PolicyStatement({ actions: INVOKE, resources: slots.flatMap(({ model, profile }) => [model, profile]) }),
    new PolicyStatement({
      actions: INVOKE,
      resources: slots.flatMap(({ profileModel, globalModel }) => [profileModel, globalModel]),
      conditions: { StringEquals: { 'bedrock:InferenceProfileArn': slots.map(({ profile }) => profile) } },
    }),
    ...[...promptsByKey(accesses)].map(([keyArn, prompts]) => keyStatement(keyArn, prompts, ['kms:Decrypt'])),
  ];
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
const KEY = 'arn:aws-us-gov:kms:ap-southeast-1:111122223333:key/mrk-11111111222243338444555555555555';

/** At most so many characters has the policy of these aliases, as IAM counts them: without white space. */
export function longestPolicy(aliases: readonly AliasAccess[]): number {
  const accesses = aliases.map(({ slots, parameterName, keyArn }, index) => ({
    slots: slots.map((_, slot) => longestSlot(index * slots.length + slot)),
    parameterArn: `arn:aws-us-gov:ssm:ap-southeast-1:111122223333:parameter${parameterName}`,
    promptArn: numbered(LONGEST.version, index),
    ...(keyArn !== undefined && { keyArn: KEY }),
  }));
  const document = new PolicyDocument({ statements: combinedStatements(accesses), minimize: false });
  return JSON.stringify(document.toJSON()).length;
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

function promptsByKey(accesses: readonly CallerAccess[]): Map<string, { promptArn: string }[]> {
  const byKey = new Map<string, { promptArn: string }[]>();
  for (const { keyArn, promptArn } of accesses) {
    if (keyArn === undefined) continue;
    const known = byKey.get(keyArn) ?? [];
    // Several aliases of one prompt.
    if (known.every((prompt) => prompt.promptArn !== promptArn)) byKey.set(keyArn, [...known, { promptArn }]);
  }
  return byKey;
}
