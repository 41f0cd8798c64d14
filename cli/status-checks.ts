import { parameterSettings } from '../core/audit/parameter-settings';
import { isAccessError } from '../core/contract/access-error';
import { parameterName } from '../core/contract/names';
import type { VerifiedChain } from '../core/ledger/chain';
import { versionsIn } from '../core/ledger/versions-in';
import type { LockedFacts } from '../core/models/locked-facts';
import { callableByLedger } from './access-by-ledger';
import { guardrailFindings, pointerFindings, targetFindings } from './alias-differences';
import { parameterHistory } from './audit/parameter-history';
import { leftOver } from './left-over';
import { type UseOfAlias, usesOf } from './models/model-uses';
import { PartialReading } from './partial-reading';
import type { PolicyChecks } from './policy-checks';
import type { AliasState, Registry, RegistryPrompt } from './registry';
import { type LetThrough, letThrough } from './reviews/let-through';
import { rolloutNotes } from './rollout/rollout-notes';
import { rolloutParameterFindings } from './rollout/rollout-parameter-findings';
import type { RunningRollout } from './rollout/running-rollout';
import { digestOrNull } from './version-content';

export interface Check {
  readonly what: 'parameter' | 'target' | 'policy' | 'ledger' | 'bedrock' | 'names' | 'bucket' | 'roles';
  /** What does not agree; empty where all does. */
  readonly findings: readonly string[];
  /** Not compared: the stack is at work, and this moves with it. */
  readonly pending?: boolean;
}

export interface AliasStatus extends LetThrough {
  readonly alias: string;
  readonly version: number | null;
  readonly callable: readonly number[];
  /** Left out where none is in force. */
  readonly rollout?: RunningRollout;
  readonly checks: readonly Check[];
  /** Models of the callable versions, the one that it points to first. */
  readonly models: readonly AliasModel[];
  /** Worth knowing, and nothing wrong with it. */
  readonly notes: readonly string[];
  /** Parts that may not be read: their checks are missing above. */
  readonly unread: readonly string[];
}

/** A callable version, its model, and what the lock file says of that. */
export type AliasModel = UseOfAlias & Partial<Omit<LockedFacts, 'model'>>;

/**
 * Compares what the alias's parameter, stack, policy, ledger and Bedrock say of it.
 *
 * @param pointersUnread why the parameters may not be read, so that the ledger says where the alias is; empty where they are
 */
export async function aliasStatus(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  policies: PolicyChecks,
  pointersUnread: readonly string[] = [],
): Promise<AliasStatus> {
  const { version, alias, history } = state;
  const reading = new PartialReading();
  const isPointerRead = pointersUnread.length === 0;
  const chain = await reading.attempt('the ledger', () => registry.reader.ledger(prompt.promptId, alias.aliasName));
  const through = chain ? await letThrough(version, history) : {};
  const models = await usesOf(state);
  const stands = { ...standsOf(state), ...through };
  const ledger: Check[] = chain
    ? [{ what: 'ledger', findings: chain.findings.map(({ problem, message }) => `${problem}: ${message}`) }]
    : [];
  if (registry.stack.status.endsWith('_IN_PROGRESS')) {
    const moving = (['parameter', 'target', 'policy'] as const).map((what) => ({ what, findings: [], pending: true }));
    const checks: Check[] = [...moving, ...ledger];
    return {
      ...stands,
      checks,
      models,
      notes: [],
      unread: [...pointersUnread, ...reading.unread],
    };
  }
  const digests = await reading.attempt('what Bedrock holds', () => heldDigests(registry, prompt, state.callable));
  // Where the parameters may not be read, that is said once, not of each alias.
  const settings = isPointerRead ? await settingsOf(registry, prompt, state) : { findings: [], notes: [] };
  // What a policy is to say hangs on ledger and Bedrock as well.
  const policy = chain && (await reading.attempt('the policies', () => policies.of(prompt, alias)));
  const outside = chain && isPointerRead ? await pointerOutside(prompt, state, chain) : [];
  const pointer = chain ? [...pointerFindings(registry.stack, version, chain.records.at(-1)?.to?.version ?? null)] : [];
  const digest = version === null ? undefined : digests?.get(version);
  const target = [...targetFindings(registry.stack, alias, version, digest)];
  const below = await belowFindings(registry, prompt, state, chain);
  const ofPointer: Check[] = [
    { what: 'parameter', findings: [...pointer, ...below, ...settings.findings] },
    { what: 'target', findings: target },
  ];
  const checks: Check[] = [
    ...(isPointerRead ? ofPointer : []),
    ...(policy ? [{ what: 'policy', findings: [...policy.findings, ...outside] } as const] : []),
    ...ledger,
    ...(chain && digests ? [{ what: 'bedrock', findings: [...bedrockFindings(state, chain, digests)] } as const] : []),
  ];
  return {
    ...stands,
    checks,
    models,
    notes: [
      ...notes(state, prompt),
      ...(await rolloutNotes(registry, prompt, state, chain)),
      ...(policy?.notes ?? []),
      ...settings.notes,
    ],
    unread: [...pointersUnread, ...reading.unread],
  };
}

function standsOf({ alias, version, callable, rollout }: AliasState) {
  return { alias: alias.aliasName, version, callable, ...(rollout && { rollout }) };
}

/** Of the parameters below the alias's own: the guardrail that clients are told, and its rollouts. */
async function belowFindings(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  chain: VerifiedChain | undefined,
): Promise<string[]> {
  const { stack } = registry;
  const name = parameterName(stack.parameterPrefix, prompt.promptName, state.alias.aliasName);
  const rollouts = chain ? await rolloutParameterFindings(registry, prompt, state, chain.records) : [];
  return [...guardrailFindings(stack.guardrails?.get(name) ?? null, state.guardrail), ...rollouts];
}

/** Content digest by version; undefined for a version that Bedrock does not hold, null for one that cannot be computed. */
type Digests = ReadonlyMap<number, string | null | undefined>;

async function heldDigests(
  { reader }: Registry,
  { promptId }: RegistryPrompt,
  versions: readonly number[],
): Promise<Digests> {
  const read = versions.map(async (version) => {
    const content = await reader.held(promptId, version);
    return [version, content && digestOrNull(content.variant)] as const;
  });
  return new Map(await Promise.all(read));
}

/** What stays with the parameter when somebody writes it. */
async function settingsOf({ clients, stack }: Registry, { promptName }: RegistryPrompt, { alias }: AliasState) {
  try {
    const name = parameterName(stack.parameterPrefix, promptName, alias.aliasName);
    const { findings, notes } = parameterSettings((await parameterHistory(clients.ssm, name)) ?? []);
    return { findings: findings.map((one) => `it ${one}`), notes: notes.map((one) => `the parameter ${one}`) };
  } catch (error) {
    if (!isAccessError(error)) throw error;
    const note = "the parameter's policies and tier could not be read: ssm:GetParameterHistory is missing";
    return { findings: [], notes: [note] };
  }
}

/** A pointer that was written by hand may point where callers may not follow. */
async function pointerOutside(
  { promptId, withdrawn }: RegistryPrompt,
  { version, alias }: AliasState,
  chain: VerifiedChain,
): Promise<string[]> {
  if (version === null || withdrawn.includes(version)) return [];
  const callable = await callableByLedger(chain, alias.callableVersions);
  if (callable.includes(version)) return [];
  return [`the caller policy does not allow ${promptId}:${version}, to which the parameter points`];
}

function* bedrockFindings({ version, callable }: AliasState, { records }: VerifiedChain, digests: Digests) {
  const recorded = new Map(records.flatMap(versionsIn).map(({ version: one, digest }) => [one, digest]));
  if (version !== null && !callable.includes(version) && callable.length === 0) return;
  for (const one of callable) {
    const digest = digests.get(one);
    if (digest === undefined)
      yield `version ${one} is not in Bedrock any more; the archive has it: prompt-registry restore`;
    else if (digest === null) yield `the content of version ${one} holds a field that this command does not know`;
    else if (recorded.has(one) && recorded.get(one) !== digest)
      yield `version ${one} has another content than the ledger says`;
  }
}

function notes(state: AliasState, { withdrawn }: RegistryPrompt): string[] {
  const { version } = state;
  const left = leftOver(state);
  return [
    ...(version !== null && withdrawn.includes(version)
      ? [`it stands on ${version}, which is withdrawn: its callers get 403`]
      : []),
    ...(left.length > 0
      ? [`${left.join(', ')} is left over by a rollback and still callable; rollback --withdraw takes it away`]
      : []),
  ];
}
