import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { isAccessError } from '../core/contract/access-error';
import { FewAtOnce } from './few-at-once';
import { PartialReading } from './partial-reading';
import { PolicyChecks } from './policy-checks';
import { type AliasState, Registry, type RegistryPrompt } from './registry';
import type { PointedAlias } from './registry-reader';
import type { RegistryStack } from './registry-stack';
import { type RegistryStatus, registryStatus } from './registry-status';
import { isAtWork } from './release/stack-readiness';
import { RememberingReader } from './remembering-reader';
import type { RequestsField } from './reviews/requests-field';
import { busyText } from './stack-busy';
import { changedAt, readStackAgain } from './stack-finder';
import { type AliasStatus, aliasStatus } from './status-checks';

export interface PromptStatus extends RequestsField {
  readonly prompt: string;
  readonly stack: string;
  /** `UPDATE_COMPLETE`, … */
  readonly stackStatus: string;
  /** What keeps the stack from a release now; left out where nothing does. */
  readonly busy?: string;
  /** Of a stack at work: whether what does not move with a release agrees. */
  readonly agrees: boolean;
  readonly aliases: readonly AliasStatus[];
  /** What is the registry's and no alias's. */
  readonly registry?: RegistryStatus;
}

/** Readings that a release began or ended in, before it is said that one is under way. */
const READINGS = 3;
/** Prompts compared at once: enough to wait for Bedrock's rate only. */
const AT_ONCE = 8;

/** Compares everything that is known of some prompts of a registry. @throws CliError */
export async function statusOf(
  registry: Registry,
  promptNames: readonly string[],
  progress: (done: number) => void = () => {},
): Promise<PromptStatus[]> {
  const { clients } = registry;
  const { cloudFormation } = clients;
  let { stack } = registry;
  for (let reading = 1; ; reading++) {
    const found = await compare(remembering(registry, stack), promptNames, progress);
    const { Stacks: [now] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack.stackId }));
    // What was read before a release and what was read after it say nothing of each other.
    if (now?.StackStatus === stack.status && changedAt(now) === stack.changed) return found;
    const after = await readStackAgain(clients, stack);
    if (reading >= READINGS || isAtWork(after)) {
      const moved = isAtWork(after) ? after : { ...after, status: 'UPDATE_IN_PROGRESS' };
      return compare(remembering(registry, moved), promptNames, progress);
    }
    stack = after;
  }
}

function remembering({ clients }: Registry, stack: RegistryStack): Registry {
  return new Registry(clients, stack, new RememberingReader(clients, stack));
}

async function compare(
  registry: Registry,
  promptNames: readonly string[],
  progress: (done: number) => void,
): Promise<PromptStatus[]> {
  const { stack, reader } = registry;
  const policies = new PolicyChecks(registry);
  const turns = new FewAtOnce(AT_ONCE);
  const [only] = promptNames.length === 1 ? promptNames : [];
  const reading = new PartialReading();
  const pointers = await reading.attempt('the parameters of the aliases', () => reader.aliases(only));
  let done = 0;
  const compared = promptNames.map((promptName) =>
    turns.run(async () => {
      const prompt = await registry.prompt(promptName);
      const states = await aliasStates(registry, prompt, pointers);
      const aliases = await Promise.all(
        states.map((state) => aliasStatus(registry, prompt, state, policies, reading.unread)),
      );
      done += 1;
      progress(done);
      return { promptName, aliases };
    }),
  );
  const [own, prompts] = await Promise.all([registryStatus(registry), Promise.all(compared)]);
  const busy = busyText(stack.status);
  return prompts.map(({ promptName, aliases }) => ({
    prompt: promptName,
    stack: stack.stackName,
    stackStatus: stack.status,
    ...(busy && { busy }),
    agrees: agree(aliases, own),
    aliases,
    registry: own,
  }));
}

/** Where the ledger may not be read, without what only it tells: the comparison says so. */
async function aliasStates(
  registry: Registry,
  prompt: RegistryPrompt,
  pointers: readonly PointedAlias[] | undefined,
): Promise<AliasState[]> {
  try {
    return await Promise.all(prompt.aliases.map((alias) => registry.aliasState(prompt, alias, pointers)));
  } catch (error) {
    if (!isAccessError(error)) throw error;
    return registry.pointedStates(prompt, pointers ?? []);
  }
}

function agree(aliases: readonly AliasStatus[], own: RegistryStatus): boolean {
  return [...aliases, own].every(({ checks }) => checks.every(({ findings }) => findings.length === 0));
}
