import { paginateListEntitiesForPolicy } from '@aws-sdk/client-iam';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { isAccessError } from '../../core/contract/access-error';
import { logicalId } from '../../core/contract/names';
import { type ContentDiff, contentDiff } from '../../studio/diff/content-diff';
import { CliError } from '../cli-error';
import type { Registry } from '../registry';
import type { Consent } from '../reviews/consent';
import type { ChangeSet } from './change-set';
import type { ReleaseRequest } from './release-request';

/** What a release would do, before it does. */
export interface PlannedRelease {
  /** ARN of the change set: CloudFormation itself makes it stale. */
  readonly id: string;
  readonly stack: string;
  readonly prompt: string;
  readonly alias: string;
  readonly from: number | null;
  readonly to: number;
  readonly diff: ContentDiff;
  /** Variables that callers must supply from then on, and those they need no longer. */
  readonly variables: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly model: { readonly from: string | null; readonly to: string | null };
  /** Roles, users and groups that hold the caller policy; null where it may not be read. */
  readonly callers: readonly string[] | null;
  readonly callable: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly withdrawn: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** Other aliases that stand on a version that is withdrawn: their callers get 403 until they move. */
  readonly stranded: readonly string[];
  /** Aliases that the stack update touches. */
  readonly touches: readonly string[];
  /** Why, as the record will have it; null where nobody said. */
  readonly reason: string | null;
  /** Who asked, who agreed and what is missing; left out where no gate is asked. */
  readonly consent?: Consent;
}

/** Puts together what a change set does, for people. */
export async function plannedRelease(
  registry: Registry,
  request: ReleaseRequest,
  changeSet: ChangeSet,
  consent: Consent | undefined,
): Promise<PlannedRelease> {
  const { prompt, state, to } = request;
  const { alias, version: from } = state;
  const read = async (version: number | null) =>
    version === null ? null : ((await registry.reader.content(prompt.promptId, version))?.variant ?? null);
  // Nothing that is wrong with the version to be left keeps an alias on it.
  let now = from === null ? 'nothing' : `${alias.aliasName} now (:${from})`;
  const left = async () =>
    read(from).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      now += `, which cannot be read: ${error.message}`;
      return null;
    });
  const withdraws = request.withdrawn.filter((version) => !prompt.withdrawn.includes(version));
  const others = withdraws.length > 0 ? await registry.aliasStates(prompt) : [];
  const [before, after, callers] = await Promise.all([left(), read(to), policyHolders(registry, request)]);
  const [had, has] = [variables(before), variables(after)];
  return {
    id: changeSet.ChangeSetId ?? '',
    stack: registry.stack.stackName,
    prompt: prompt.promptName,
    alias: alias.aliasName,
    from,
    to,
    callers,
    diff: contentDiff({ label: now, variant: before }, { label: `:${to}`, variant: after }),
    variables: { added: has.filter((name) => !had.includes(name)), removed: had.filter((name) => !has.includes(name)) },
    model: { from: before?.modelId ?? null, to: after?.modelId ?? null },
    callable: { before: state.callable, after: request.callable },
    withdrawn: { before: prompt.withdrawn, after: request.withdrawn },
    reason: request.reason,
    ...(consent && { consent }),
    stranded: others
      .filter((other) => other.alias.aliasName !== alias.aliasName && withdraws.includes(other.version ?? 0))
      .map((other) => other.alias.aliasName),
    touches: withdraws.length > 0 ? prompt.aliases.map(({ aliasName }) => aliasName) : [alias.aliasName],
  };
}

function variables(variant: PromptVariantContent | null): string[] {
  const { text, chat } = variant?.templateConfiguration ?? {};
  return ((text ?? chat)?.inputVariables ?? []).map(({ name }) => name);
}

async function policyHolders({ clients, stack }: Registry, { state }: ReleaseRequest): Promise<string[] | null> {
  const { promptName, aliasName } = state.alias;
  const policy = stack.resources.get(logicalId(stack.parameterPrefix, promptName, aliasName, 'CallerPolicy'));
  if (!policy) return null;
  const holders: string[] = [];
  try {
    for await (const page of paginateListEntitiesForPolicy({ client: clients.iam }, { PolicyArn: policy.physicalId })) {
      holders.push(...(page.PolicyRoles ?? []).flatMap(({ RoleName }) => RoleName ?? []));
      holders.push(...(page.PolicyUsers ?? []).map(({ UserName }) => `user ${UserName}`));
      holders.push(...(page.PolicyGroups ?? []).map(({ GroupName }) => `group ${GroupName}`));
    }
  } catch (error) {
    // Who may release need not be allowed to look at IAM.
    if (isAccessError(error)) return null;
    throw error;
  }
  return holders.sort();
}
