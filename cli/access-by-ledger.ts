import { aliasAccess } from '../core/audit/alias-access';
import type { AliasAccess } from '../core/audit/policy-shape';
import { parameterName } from '../core/contract/names';
import type { VerifiedChain } from '../core/ledger/chain';
import { callableVersions } from '../core/release/standing';
import type { RegistryStack, StackAlias } from './registry-stack';

interface LedgerOfAlias extends Pick<VerifiedChain, 'records'> {
  readonly promptId: string;
  /** Whether Bedrock holds a version. */
  readonly isHeld: (version: number) => boolean | Promise<boolean>;
  /** ARN of the prompt's key, null for none; undefined where it may not be read. */
  readonly keyArn: string | null | undefined;
}

/** What the policies of a stack's alias are to say, from its ledger. */
export async function accessByLedger(
  { stackId, parameterPrefix, guardrails }: Pick<RegistryStack, 'stackId' | 'parameterPrefix' | 'guardrails'>,
  { promptName, aliasName, callableVersions: size }: StackAlias,
  { promptId, records, isHeld, keyArn }: LedgerOfAlias,
): Promise<AliasAccess> {
  const [, partition, , region, account] = stackId.split(':');
  const callable = await callableByLedger({ records }, size);
  const name = parameterName(parameterPrefix, promptName, aliasName);
  const held = await Promise.all(callable.map(isHeld));
  return aliasAccess({
    promptArn: `arn:${partition}:bedrock:${region}:${account}:prompt/${promptId}`,
    parameterArn: `arn:${partition}:ssm:${region}:${account}:parameter${name}`,
    records,
    callable,
    isHeld: (version) => held[callable.indexOf(version)] === true,
    ...(keyArn !== undefined && { keyArn }),
    guardrail: guardrails?.get(name) ?? null,
  });
}

/** Versions that the callers of an alias may use, as its ledger alone says: the parameter may have been written by hand. */
export function callableByLedger({ records }: Pick<VerifiedChain, 'records'>, size: number): Promise<number[]> {
  const newest = records.at(-1);
  const history = [...records].reverse();
  return callableVersions({
    target: newest?.to?.version ?? null,
    candidate: newest?.rollout?.candidate.version ?? null,
    history,
    size,
    withdrawn: newest?.withdrawn ?? [],
  });
}
