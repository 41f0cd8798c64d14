import { GetPolicyCommand, GetPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import type { VerifiedChain } from '../core/ledger/chain';
import { logicalId } from '../core/names';
import { leftOver } from './left-over';
import type { AliasState, Registry, RegistryPrompt } from './registry';
import { parameterValue } from './registry-stack';
import { digestOrNull } from './version-content';

export interface Check {
  readonly what: 'parameter' | 'target' | 'policy' | 'ledger' | 'bedrock';
  /** What does not agree; empty where all does. */
  readonly findings: readonly string[];
}

export interface AliasStatus {
  readonly alias: string;
  readonly version: number | null;
  readonly callable: readonly number[];
  readonly checks: readonly Check[];
  /** Worth knowing, and nothing wrong with it. */
  readonly notes: readonly string[];
}

/** Compares what the alias's parameter, stack, policy, ledger and Bedrock say of it. */
export async function aliasStatus(registry: Registry, prompt: RegistryPrompt, state: AliasState): Promise<AliasStatus> {
  const chain = await registry.reader.ledger(prompt.promptId, state.alias.aliasName);
  const digests = await heldDigests(registry, prompt, state.callable);
  const checks: Check[] = [
    { what: 'parameter', findings: [...pointerFindings(state, chain)] },
    { what: 'target', findings: [...targetFindings(registry, state, digests)] },
    { what: 'policy', findings: await policyFindings(registry, prompt, state, digests) },
    { what: 'ledger', findings: chain.findings.map(({ problem, message }) => `${problem}: ${message}`) },
    { what: 'bedrock', findings: [...bedrockFindings(state, chain, digests)] },
  ];
  const { version, callable, alias } = state;
  return { alias: alias.aliasName, version, callable, checks, notes: notes(state, prompt) };
}

/** Content digest by version; undefined for a version that Bedrock does not hold, null for one that cannot be computed. */
type Digests = ReadonlyMap<number, string | null | undefined>;

async function heldDigests(
  { reader }: Registry,
  { promptId }: RegistryPrompt,
  versions: readonly number[],
): Promise<Digests> {
  const read = versions.map(async (version) => {
    const content = await reader.content(promptId, version);
    return [version, content?.source === 'bedrock' ? digestOrNull(content.variant) : undefined] as const;
  });
  return new Map(await Promise.all(read));
}

function* pointerFindings({ version }: AliasState, { records }: VerifiedChain) {
  const recorded = records.at(-1)?.to?.version ?? null;
  if (recorded !== version) {
    yield `the parameter points to ${version ?? 'nothing'}, the newest record of the ledger to ${recorded ?? 'nothing'}: somebody wrote one of them by hand`;
  }
}

function* targetFindings({ stack }: Registry, { alias, version }: AliasState, digests: Digests) {
  const { parameterId, sourceTarget } = alias;
  const target = parameterId === undefined ? sourceTarget : parameterValue(stack, parameterId);
  if (target === undefined) return;
  const actual = target.startsWith('pd1:')
    ? version === null
      ? undefined
      : digests.get(version)
    : String(version ?? 'none');
  if (actual === target || (actual === undefined && version !== null)) return;
  const name = parameterId ? `stack parameter ${parameterId}` : "the app's source";
  yield `${name} says ${target}, the alias points to ${version ?? 'nothing'}`;
}

async function policyFindings(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  digests: Digests,
): Promise<string[]> {
  const { stack, clients } = registry;
  const { aliasName } = state.alias;
  const id = logicalId(stack.parameterPrefix, prompt.promptName, aliasName, 'CallerPolicy');
  const arn = stack.resources.get(id)?.physicalId;
  if (arn === undefined) return [`the stack has no caller policy (${id})`];
  const allowed = await allowedVersions(clients.iam, arn);
  const expected = state.callable
    .filter((version) => digests.get(version) !== undefined)
    .map((version) => `${prompt.promptId}:${version}`);
  const tooMany = allowed.filter((one) => !expected.includes(one));
  const missing = expected.filter((one) => !allowed.includes(one));
  return [
    ...(tooMany.length > 0 ? [`the caller policy allows ${tooMany.join(', ')} too`] : []),
    ...(missing.length > 0 ? [`the caller policy does not allow ${missing.join(', ')}`] : []),
  ];
}

/** `ABCDEFGHIJ:2` for each prompt version, or `ABCDEFGHIJ` for a draft, whose reading a policy allows. */
async function allowedVersions(iam: IAMClient, PolicyArn: string): Promise<string[]> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const found = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }));
  const document = JSON.parse(decodeURIComponent(found.PolicyVersion?.Document ?? '{}'));
  const statements: { Effect: string; Action: string | string[]; Resource: string | string[] }[] = [
    document.Statement ?? [],
  ].flat();
  const resources = statements
    .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes('bedrock:GetPrompt'))
    .flatMap(({ Resource }) => Resource);
  return resources
    .map((resource) => resource.split(':prompt/')[1] ?? resource)
    .filter((resource) => resource !== 'none');
}

function* bedrockFindings({ version, callable }: AliasState, { records }: VerifiedChain, digests: Digests) {
  const recorded = new Map(
    records.flatMap(({ from, to }) => [from, to]).map((place) => [place?.version, place?.digest]),
  );
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
