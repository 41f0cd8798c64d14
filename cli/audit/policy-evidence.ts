import { aliasAccess } from '../../core/audit/alias-access';
import type { HeldVersion, PolicyEvidence } from '../../core/audit/evidence';
import type { LedgerSurvey } from '../../core/audit/ledger-survey';
import { isAccessError } from '../../core/contract/access-error';
import { parameterName } from '../../core/contract/names';
import { explained } from '../aws-failure';
import { callableByLedger } from '../policy-checks';
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
  const { stack, survey, held, promptId, ids } = props;
  const reader = new RegistryReader(clients, stack);
  const found: PolicyEvidence[] = [];
  const left: string[] = [];
  const access = async (alias: StackAlias) => {
    const id = promptId(alias.promptName);
    const chain = survey.chains.find((one) => one.promptId === id && one.alias === alias.aliasName);
    if (id === undefined || !ids.has(id) || chain?.unread) return undefined;
    const [, partition, , region, account] = stack.stackId.split(':');
    const name = parameterName(stack.parameterPrefix, alias.promptName, alias.aliasName);
    const draft = await reader.held(id, 'draft').catch((error: Error) => {
      if (isAccessError(error)) return undefined;
      throw error;
    });
    const records = chain?.records ?? [];
    return aliasAccess({
      promptArn: `arn:${partition}:bedrock:${region}:${account}:prompt/${id}`,
      parameterArn: `arn:${partition}:ssm:${region}:${account}:parameter${name}`,
      records,
      callable: await callableByLedger({ records }, alias.callableVersions),
      isHeld: (version) => held?.get(id)?.some((one) => one.version === version) ?? false,
      ...(draft?.keyArn !== undefined && { keyArn: draft.keyArn }),
    });
  };
  for (const { logicalId, kind, aliases, keyContexts } of stack.policies) {
    const arn = stack.resources.get(logicalId)?.physicalId;
    if (arn === undefined) continue;
    const accesses = await Promise.all(aliases.map(access));
    const known = accesses.filter((one) => one !== undefined);
    if (known.length < accesses.length) {
      // Of a prompt that was not asked for nothing is expected to be said.
      if (known.length > 0) left.push(`${arn} is of aliases as well whose ledger was not read`);
      continue;
    }
    try {
      const read = await policyVersions(clients.iam, arn);
      if (read?.isWhole === false) left.push(`older versions of ${arn}: iam:ListPolicyVersions is missing`);
      found.push({ arn, kind, versions: read?.versions ?? null, aliases: known, keyContexts });
    } catch (error) {
      if (!isAccessError(error)) throw error;
      left.push(`${arn}: ${explained(error).why ?? 'not allowed'}`);
    }
  }
  return { policies: found, left };
}
