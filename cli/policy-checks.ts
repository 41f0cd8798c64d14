import { aliasAccess } from '../core/audit/alias-access';
import { type AliasAccess, policyVersionProblems } from '../core/audit/policy-shape';
import { logicalId, parameterName } from '../core/contract/names';
import type { VerifiedChain } from '../core/ledger/chain';
import { callableVersions } from '../core/release/standing';
import { policyVersions } from './policy-versions';
import type { Registry, RegistryPrompt } from './registry';
import type { StackAlias } from './registry-stack';

export interface PolicyCheck {
  readonly findings: readonly string[];
  /** What could not be read. */
  readonly notes: readonly string[];
}

/** Versions that the callers of an alias may use, as its ledger alone says: the parameter may have been written by hand. */
export function callableByLedger({ records }: Pick<VerifiedChain, 'records'>, size: number): Promise<number[]> {
  const newest = records.at(-1);
  const history = [...records].reverse();
  return callableVersions({
    target: newest?.to?.version ?? null,
    history,
    size,
    withdrawn: newest?.withdrawn ?? [],
  });
}

/** Compares the policies of a registry's stack with what this package writes for what the ledger says. */
export class PolicyChecks {
  private readonly accesses = new Map<string, Promise<AliasAccess>>();

  constructor(private readonly registry: Registry) {}

  /** Of all policies that hold versions of this alias; one of several aliases is judged at the first of a prompt. */
  async of({ promptName }: RegistryPrompt, { aliasName }: StackAlias): Promise<PolicyCheck> {
    const { stack, clients } = this.registry;
    const id = logicalId(stack.parameterPrefix, promptName, aliasName, 'CallerPolicy');
    const policies = stack.policies.filter(
      ({ aliases }) => aliases.find((one) => one.promptName === promptName)?.aliasName === aliasName,
    );
    const findings: string[] = [];
    const notes: string[] = [];
    if (!policies.some(({ logicalId: one }) => one === id) || !stack.resources.has(id))
      findings.push(`the stack has no caller policy (${id})`);
    for (const { logicalId: one, kind, aliases, keyContexts } of policies) {
      const arn = stack.resources.get(one)?.physicalId;
      if (arn === undefined) continue;
      const read = await policyVersions(clients.iam, arn);
      if (read === null) {
        findings.push(`the ${kind} policy is not there: ${arn}`);
        continue;
      }
      if (!read.isWhole)
        notes.push(`older versions of the ${kind} policy could not be read: iam:ListPolicyVersions is missing`);
      const accesses = await Promise.all(aliases.map((alias) => this.access(alias)));
      findings.push(...policyVersionProblems(kind, read.versions, accesses, keyContexts));
    }
    return { findings, notes };
  }

  access(alias: StackAlias): Promise<AliasAccess> {
    const { parameterPrefix } = this.registry.stack;
    const name = parameterName(parameterPrefix, alias.promptName, alias.aliasName);
    const known = this.accesses.get(name);
    const access = known ?? this.read(alias, name);
    this.accesses.set(name, access);
    return access;
  }

  private async read(alias: StackAlias, name: string): Promise<AliasAccess> {
    const { stack, reader } = this.registry;
    const [, partition, , region, account] = stack.stackId.split(':');
    const { promptId } = await this.registry.prompt(alias.promptName);
    const chain = await reader.ledger(promptId, alias.aliasName);
    const callable = await callableByLedger(chain, alias.callableVersions);
    const contents = callable.map(async (version) => [version, await reader.held(promptId, version)] as const);
    const held = (await Promise.all(contents)).flatMap(([version, content]) => (content ? [version] : []));
    const draft = await reader.held(promptId, 'draft');
    return aliasAccess({
      promptArn: `arn:${partition}:bedrock:${region}:${account}:prompt/${promptId}`,
      parameterArn: `arn:${partition}:ssm:${region}:${account}:parameter${name}`,
      records: chain.records,
      callable,
      isHeld: (version) => held.includes(version),
      ...(draft?.keyArn !== undefined && { keyArn: draft.keyArn }),
    });
  }
}
