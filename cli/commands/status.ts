import { visibleLine } from '../../core/text/visible-text';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import { isAtWork } from '../release/stack-readiness';
import { busyText } from '../stack-busy';
import type { AliasStatus, Check } from '../status-checks';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

export interface PromptStatus {
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
  readonly registry?: { readonly checks: readonly Check[]; readonly notes: readonly string[] };
}

export const status: Command = {
  name: 'status',
  summary: 'whether aliases, parameters, policies, ledger and Bedrock agree',
  positionals: ['PROMPT'],
  options: REGISTRY_OPTIONS,
  details: [
    'Exits with 0 where all agree, with 2 where something does not, and says how.',
    'While a release is under way what it moves is not compared, and the exit code is 3; also where an update failed half-way.',
  ],
  examples: ['status financial-analysis', 'status financial-analysis --json'],
  run: async (context) => {
    const { terminal } = context;
    const found = await terminal.progress('comparing', () => read(context));
    if (context.values.json) terminal.json(found);
    else terminal.line(statusText(found, terminal));
    if (isAtWork({ status: found.stackStatus }) && !found.agrees) return ExitCode.Differs;
    if (found.busy !== undefined) return ExitCode.StackBlocked;
    return found.agrees ? ExitCode.Done : ExitCode.Differs;
  },
};

/** Readings that a release began or ended in, before it is said that one is under way. */
const READINGS = 3;

async function read({ positionals: [promptName = ''], openRegistry }: CommandContext): Promise<PromptStatus> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const { changedAt, findRegistryStack } = await import('../stack-finder');
  const { Registry } = await import('../registry');
  let registry = await openRegistry(promptName);
  for (let reading = 1; ; reading++) {
    const found = await compare(registry, promptName);
    const { clients, stack } = registry;
    const { stackId: stackName, ledgerBucket } = stack;
    const { Stacks: [now] = [] } = await clients.cloudFormation.send(
      new DescribeStacksCommand({ StackName: stackName }),
    );
    // What was read before a release and what was read after it say nothing of each other.
    if (now?.StackStatus === stack.status && changedAt(now) === stack.changed) return found;
    const after = await findRegistryStack(clients.cloudFormation, { stackName, ledgerBucket });
    if (reading >= READINGS || isAtWork(after)) {
      const moved = new Registry(clients, isAtWork(after) ? after : { ...after, status: 'UPDATE_IN_PROGRESS' });
      return compare(moved, promptName);
    }
    registry = new Registry(clients, after);
  }
}

async function compare(registry: Registry, promptName: string): Promise<PromptStatus> {
  const { aliasStatus } = await import('../status-checks');
  const { registryStatus } = await import('../registry-status');
  const { PolicyChecks } = await import('../policy-checks');
  const { stack } = registry;
  const prompt = await registry.prompt(promptName);
  const states = await registry.aliasStates(prompt);
  const policies = new PolicyChecks(registry);
  const [aliases, own] = await Promise.all([
    Promise.all(states.map((state) => aliasStatus(registry, prompt, state, policies))),
    registryStatus(registry),
  ]);
  const checks = [...aliases.flatMap((alias) => alias.checks), ...own.checks];
  const busy = busyText(stack.status);
  return {
    prompt: promptName,
    stack: stack.stackName,
    stackStatus: stack.status,
    ...(busy && { busy }),
    agrees: checks.every(({ findings }) => findings.length === 0),
    aliases,
    registry: own,
  };
}

function isMoving(stackStatus: string): boolean {
  return isAtWork({ status: stackStatus }) && stackStatus !== 'DELETE_IN_PROGRESS';
}

/** The text of `status`. */
export function statusText(status: PromptStatus, terminal: Terminal): string {
  const { prompt, stack, stackStatus, aliases, agrees, busy, registry } = status;
  const { colors, glyphs } = terminal;
  const isQuiet = /^(CREATE|UPDATE)_COMPLETE$/.test(stackStatus);
  const verdict = agrees
    ? busy === undefined
      ? colors.green('all agree')
      : colors.yellow(isMoving(stackStatus) ? 'release under way' : 'stack blocked')
    : colors.red('does not agree');
  const checkLines = ({ checks, notes }: Pick<AliasStatus, 'checks' | 'notes'>) => [
    ...checks.flatMap(({ what, findings, pending }) =>
      pending
        ? [`  ${colors.yellow(glyphs.note)} ${what}: not compared, the release may be moving it`]
        : findings.length === 0
          ? [`  ${colors.green(glyphs.ok)} ${what}`]
          : findings.map((finding) => `  ${colors.red(glyphs.bad)} ${what}: ${visibleLine(finding)}`),
    ),
    ...notes.map((note) => `  ${colors.yellow(glyphs.note)} ${visibleLine(note)}`),
  ];
  const lines = [
    `${colors.bold(prompt)}  ${verdict}`,
    `${colors.dim('stack')}  ${stack} ${isQuiet ? colors.dim(stackStatus) : colors.yellow(stackStatus)}`,
    ...(busy === undefined ? [] : [busy]),
    ...aliases.flatMap(({ alias, version, callable, ...said }) => [
      '',
      `${colors.bold(alias)}  ${version ?? glyphs.none}  ${colors.dim(`callable ${callable.join(', ') || glyphs.none}`)}`,
      ...checkLines(said),
    ]),
    ...(registry ? ['', colors.bold('registry'), ...checkLines(registry)] : []),
  ];
  return wrapLines(lines.join('\n'), terminal.width);
}
