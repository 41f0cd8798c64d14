import type { IAMClient } from '@aws-sdk/client-iam';
import type { HeldVersion, PolicyEvidence } from '../../core/audit/evidence';
import type { LedgerSurvey } from '../../core/audit/ledger-survey';
import type { AliasAccess } from '../../core/audit/policy-shape';
import { isAccessError } from '../../core/contract/access-error';
import { accessByLedger } from '../access-by-ledger';
import { explained } from '../aws-failure';
import { policyVersions } from '../policy-versions';
import { RegistryReader } from '../registry-reader';
import type { RegistryStack, StackAlias } from '../registry-stack';
import type { AuditScope } from './audit-scope';

interface PolicyEvidenceProps {
  readonly stack: RegistryStack;
  readonly survey: LedgerSurvey;
  readonly held: ReadonlyMap<string, readonly HeldVersion[] | null> | undefined;
  readonly promptId: (promptName: string) => string | undefined;
  /** The prompts that were read. */
  readonly ids: ReadonlySet<string>;
}

/** The policies of a stack with what its ledger says of them; and what could not be read or judged. */
export async function policyEvidence({ clients }: AuditScope, props: PolicyEvidenceProps) {
  const { stack } = props;
  const reader = new RegistryReader(clients, stack);
  const found: PolicyEvidence[] = [];
  const left: string[] = [];
  for (const { logicalId, kind, aliases, keyContexts } of stack.policies) {
    const arn = stack.resources.get(logicalId)?.physicalId;
    if (arn === undefined) continue;
    const accesses = await Promise.all(aliases.map((alias) => accessOf(alias, reader, props)));
    const known = accesses.filter((one) => one !== undefined);
    if (known.length < accesses.length) {
      // Of a prompt that was not asked for nothing is expected to be said.
      if (known.length > 0) left.push(`${arn} is of aliases as well whose ledger was not read`);
      continue;
    }
    const versions = await versionsOf(clients.iam, arn, left);
    if (versions !== undefined) found.push({ arn, kind, versions, aliases: known, keyContexts });
  }
  return { policies: found, left };
}

/** Null for a policy that is not there, undefined for one that may not be read. */
async function versionsOf(
  client: IAMClient,
  arn: string,
  left: string[],
): Promise<PolicyEvidence['versions'] | undefined> {
  try {
    const read = await policyVersions(client, arn);
    if (read?.isWhole === false) left.push(`older versions of ${arn}: iam:ListPolicyVersions is missing`);
    return read?.versions ?? null;
  } catch (error) {
    if (!isAccessError(error)) throw error;
    left.push(`${arn}: ${explained(error).why ?? 'not allowed'}`);
    return undefined;
  }
}

/** Undefined for an alias whose ledger was not read. */
async function accessOf(
  alias: StackAlias,
  reader: RegistryReader,
  { stack, survey, held, promptId: idOf, ids }: PolicyEvidenceProps,
): Promise<AliasAccess | undefined> {
  const promptId = idOf(alias.promptName);
  const chain = survey.chains.find((one) => one.promptId === promptId && one.alias === alias.aliasName);
  if (promptId === undefined || !ids.has(promptId) || chain?.unread) return undefined;
  const draft = await reader.held(promptId, 'draft').catch((error: Error) => {
    if (isAccessError(error)) return undefined;
    throw error;
  });
  const isHeld = (version: number) => held?.get(promptId)?.some((one) => one.version === version) ?? false;
  return accessByLedger(stack, alias, { promptId, records: chain?.records ?? [], isHeld, keyArn: draft?.keyArn });
}
