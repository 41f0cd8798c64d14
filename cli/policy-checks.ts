import { type AliasAccess, policyVersionProblems } from '../core/audit/policy-shape';
import { logicalId, parameterName } from '../core/contract/names';
import { accessByLedger } from './access-by-ledger';
import { policyVersions } from './policy-versions';
import type { Registry, RegistryPrompt } from './registry';
import type { StackAlias } from './registry-stack';

export interface PolicyCheck {
  readonly findings: readonly string[];
  /** What could not be read. */
  readonly notes: readonly string[];
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
    const access = known ?? this.read(alias);
    this.accesses.set(name, access);
    return access;
  }

  private async read(alias: StackAlias): Promise<AliasAccess> {
    const { stack, reader } = this.registry;
    const { promptId } = await this.registry.prompt(alias.promptName);
    const { records } = await reader.ledger(promptId, alias.aliasName);
    const isHeld = async (version: number) => (await reader.held(promptId, version)) !== undefined;
    const draft = await reader.held(promptId, 'draft');
    return accessByLedger(stack, alias, { promptId, records, isHeld, keyArn: draft?.keyArn });
  }
}
