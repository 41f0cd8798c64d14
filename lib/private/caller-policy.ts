import { Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { callerPolicyName, pointerArns } from '../../core/contract/names';
import type { BoundGuardrail } from './bound-guardrail';
import { freezeLogicalId } from './frozen-logical-id';
import { guardrailConditions, withoutGuardrail } from './guardrail-conditions';
import { keyStatement } from './prompt-permissions';
import type { CallableSlot } from './release-plan';

/** What a policy has to give to the callers of one alias. */
export interface CallerAccess {
  readonly slots: readonly CallableSlot[];
  readonly parameterArn: string;
  readonly promptArn: string;
  readonly keyArn?: string;
  readonly guardrail?: BoundGuardrail;
}

/** What an alias tells the policies that name it. */
export interface AliasAccess extends CallerAccess {
  readonly parameterName: string;
  /** The alias moves only once this policy is done. */
  readonly releaseAfter: (policy: IConstruct) => void;
}

export interface CallerPolicyProps {
  readonly identity: { readonly parameterPrefix: string; readonly promptName: string; readonly aliasName: string };
  readonly alias: AliasAccess;
  readonly access: 'invoke' | 'read';
}

/** The managed policy that callers of an alias attach: when the alias moves, all of them move. */
export class CallerPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, { identity, alias, access }: CallerPolicyProps) {
    super(scope, id, {
      managedPolicyName: callerPolicyName({ ...identity, region: Stack.of(scope).region, access }),
      // The description is create-only: it must not hold anything that may change.
      description: `${access} ${alias.parameterName}`,
      statements: access === 'invoke' ? invokeStatements(alias) : readStatements(alias),
    });
    freezeLogicalId(this, identity, access === 'invoke' ? 'CallerPolicy' : 'ReaderPolicy');
  }
}

function readStatements(alias: CallerAccess): PolicyStatement[] {
  return [versions(['bedrock:GetPrompt'], alias.slots), pointers([alias]), ...decryption([alias])];
}

function invokeStatements(alias: CallerAccess): PolicyStatement[] {
  const { slots } = alias;
  // The condition would stand in a statement for each slot, for which five have no room.
  if (alias.guardrail !== undefined) return combinedStatements([alias]);
  return [
    versions(RUN, slots),
    pointers([alias]),
    ...decryption([alias]),
    models(slots),
    ...slots.map((slot) => modelsThrough([slot])),
  ];
}

/**
 * The right to run several aliases, in as few statements as there are kinds.
 *
 * The models behind profiles stand together, under the condition that the call goes through one of the profiles: a
 * profile leads to its own model only (`UnsupportedModel` for one over several), so no pair is allowed that is not meant.
 */
export function combinedStatements(aliases: readonly CallerAccess[], below = true): PolicyStatement[] {
  const groups = byGuardrail(aliases);
  return [
    versions(RUN, slotsOf(aliases)),
    pointers(aliases, below),
    ...groups.map((group) => models(slotsOf(group), group[0]?.guardrail)),
    ...groups.map((group) => modelsThrough(slotsOf(group), group[0]?.guardrail)),
    ...application(aliases),
    ...decryption(aliases),
  ];
}

/** Takes calls of an alias's models away that name another guardrail, or none, whatever else allows them. */
export function guardrailDenials(aliases: readonly CallerAccess[]): PolicyStatement[] {
  const guarded = byGuardrail(aliases.filter(({ guardrail }) => guardrail !== undefined));
  return guarded.map((group, index) => {
    return new PolicyStatement({
      sid: `NoModelWithoutGuardrail${index + 1}`,
      effect: Effect.DENY,
      actions: INVOKE,
      // A call through a profile needs the right to the profile too.
      resources: slotsOf(group).flatMap(({ model, profile }) => [model, profile]),
      conditions: withoutGuardrail(group[0]?.guardrail as BoundGuardrail),
    });
  });
}

function slotsOf(aliases: readonly CallerAccess[]): CallableSlot[] {
  return aliases.flatMap((alias) => alias.slots);
}

/** Aliases whose callers must name the same. */
function byGuardrail(aliases: readonly CallerAccess[]): CallerAccess[][] {
  const groups = new Map<string, CallerAccess[]>();
  for (const alias of aliases) {
    const key = JSON.stringify(alias.guardrail ?? null);
    groups.set(key, [...(groups.get(key) ?? []), alias]);
  }
  return [...groups.values()];
}

/**
 * A guardrail is applied by the right of whoever calls the model. The resource has no version.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
 */
function application(aliases: readonly CallerAccess[]): PolicyStatement[] {
  const arns = [...new Set(aliases.flatMap(({ guardrail }) => guardrail?.arns ?? []))];
  return arns.length === 0 ? [] : [new PolicyStatement({ actions: ['bedrock:ApplyGuardrail'], resources: arns })];
}

const RUN = ['bedrock:GetPrompt', 'bedrock:RenderPrompt'];
const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

function versions(actions: string[], slots: readonly CallableSlot[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: slots.map(({ version }) => version) });
}

function pointers(aliases: readonly CallerAccess[], below = true): PolicyStatement {
  return new PolicyStatement({
    actions: ['ssm:GetParameter', 'ssm:GetParameters'],
    resources: aliases.flatMap(({ parameterArn }) => (below ? pointerArns(parameterArn) : [parameterArn])),
  });
}

function models(slots: readonly CallableSlot[], guardrail?: BoundGuardrail): PolicyStatement {
  return new PolicyStatement({
    actions: INVOKE,
    resources: slots.flatMap(({ model, profile }) => [model, profile]),
    conditions: guardrailConditions(guardrail),
  });
}

/**
 * A profile routes to models in several Regions, and a `global.` one to the ARN without a Region as well; the condition
 * keeps those ARNs to calls through one of these profiles.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
function modelsThrough(slots: readonly CallableSlot[], guardrail?: BoundGuardrail): PolicyStatement {
  const profiles = slots.map(({ profile }) => profile);
  const { StringEquals: exactly, ...ifNamed } = guardrailConditions(guardrail);
  return new PolicyStatement({
    actions: INVOKE,
    resources: slots.flatMap(({ profileModel, globalModel }) => [profileModel, globalModel]),
    // One stands by itself, as it does in deployed stacks.
    conditions: {
      StringEquals: { 'bedrock:InferenceProfileArn': profiles.length === 1 ? profiles[0] : profiles, ...exactly },
      ...ifNamed,
    },
  });
}

/** One statement for each key, which names each prompt once. */
function decryption(aliases: readonly CallerAccess[]): PolicyStatement[] {
  const byKey = new Map<string, Set<string>>();
  for (const { keyArn, promptArn } of aliases) {
    if (keyArn !== undefined) byKey.set(keyArn, (byKey.get(keyArn) ?? new Set()).add(promptArn));
  }
  return [...byKey].map(([keyArn, prompts]) =>
    keyStatement(
      keyArn,
      [...prompts].map((promptArn) => ({ promptArn })),
      ['kms:Decrypt'],
    ),
  );
}
