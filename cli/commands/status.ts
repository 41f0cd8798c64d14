import { lockedFacts } from '../../core/models/locked-facts';
import type { ModelLock } from '../../core/models/model-lock';
import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { explained, reasonOf } from '../aws-failure';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockIfReadable } from '../models/lock-file';
import { modelLine, modelsInBrief } from '../models/model-line';
import { openRegistries } from '../open-registries';
import type { PromptStatus } from '../prompt-status';
import type { Registry } from '../registry';
import type { RegistryOverview } from '../registry-overview';
import { noticeUnread, registrySummary, summaryText } from '../registry-summary';
import { isAtWork } from '../release/stack-readiness';
import { passedByText } from '../reviews/passed-text';
import { requestsField } from '../reviews/requests-field';
import { waitingLines } from '../reviews/waiting-lines';
import type { WaitingRequests } from '../reviews/waiting-requests';
import { runningText } from '../rollout/running-rollout';
import type { AliasModel, AliasStatus } from '../status-checks';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

export const status: Command = {
  name: 'status',
  summary: 'whether aliases, parameters, policies, ledger and Bedrock agree',
  positionals: ['[PROMPT]'],
  options: { ...LOCK_OPTION, ...REGISTRY_OPTIONS },
  details: [
    'Without a prompt it looks at all prompts of every registry of the account and Region; --stack narrows it to one. What ' +
      'S3, Parameter Store and CloudFormation say comes first; then what only Bedrock and IAM know, which takes longer.',
    'Until when the models of callable versions go on is what the lock file says (models refresh), and no finding.',
    'Exits with 0 where all agree, with 2 where something does not, and says how, with 6 where a part may not be read.',
    'While a release is under way what it moves is not compared, and the exit code is 3; also where an update failed half-way.',
  ],
  examples: ['status', 'status financial-analysis', 'status financial-analysis --json', 'status --stack Prompts-prod'],
  run: async (context) => {
    const { terminal, values, positionals } = context;
    const [promptName] = positionals;
    if (promptName === undefined) return statusOfAll(context);
    const { statusOf } = await import('../prompt-status');
    const registry = await context.openRegistry(promptName);
    const { waitingRequests } = await import('../reviews/waiting-requests');
    const [[compared], waiting] = await terminal.progress('comparing', () =>
      Promise.all([statusOf(registry, [promptName]), waitingRequests(registry, promptName, context.now())]),
    );
    const lock = await lockIfReadable(context);
    const found =
      compared && withModels(withRequests(compared, waiting), await regionOf(registry), lock, context.now());
    if (found === undefined) throw new Error(`no status of ${promptName}`);
    if (values.json) {
      noticeUnread(found.stack, waiting.notes, terminal);
      terminal.json(found);
    } else terminal.line(statusText(found, terminal, waiting));
    return exitCodeOf(found);
  },
};

/** First what is quick for all registries, then what takes longer, registry by registry. */
async function statusOfAll(context: CommandContext): Promise<ExitCode> {
  const { terminal, values } = context;
  const { registryOverview } = await import('../registry-overview');
  const { statusOf } = await import('../prompt-status');
  const { waitingRequests } = await import('../reviews/waiting-requests');
  const lock = await lockIfReadable(context);
  const { isOthersStack } = await import('../stack-finder');
  const registries: { registry: Registry; overview: RegistryOverview; waiting: WaitingRequests }[] = [];
  const all: PromptStatus[] = [];
  const failures: ExitCode[] = [];
  await terminal.progress('reading the registries', async (say) => {
    const read = async (registry: Registry) => {
      const overview = await registryOverview(registry);
      return { registry, overview, waiting: await waitingRequests(registry, undefined, context.now()) };
    };
    for await (const found of openRegistries(context, read)) {
      registries.push(found);
      const { overview, waiting } = found;
      if (values.json) noticeUnread(overview.stack.stackName, [...overview.unread, ...waiting.notes], terminal);
      else terminal.line(summaryText({ ...registrySummary(overview), waiting }, terminal));
    }
    for (const { registry, overview, waiting } of registries) {
      const { stackName } = registry.stack;
      const asking = `asking Bedrock and IAM about ${stackName}`;
      say(asking);
      const names = registry.promptNames;
      const told = (done: number) => say(`${asking}: ${done} of ${names.length} prompts`);
      const found = await statusOf(registry, names, told).catch((error) => {
        // What is wrong with one keeps nobody from the others.
        if (registries.length === 1 || !isOthersStack(error)) throw error;
        failures.push(explained(error).exitCode);
        terminal.notice(`${terminal.glyphs.note} stack ${stackName} could not be compared: ${reasonOf(error)}`);
      });
      if (found === undefined) continue;
      const region = await regionOf(registry);
      const whole = found.map((one) => withModels(withRequests(one, waiting), region, lock, context.now()));
      all.push(...whole);
      if (!values.json) terminal.line(deepText(stackName, whole, overview, terminal));
    }
  });
  if (values.json) terminal.json(all);
  const codes = [...all.map(exitCodeOf), ...failures];
  const { Differs, StackBlocked, Failed, NotAllowed } = ExitCode;
  const worst = [Differs, StackBlocked, Failed, NotAllowed].find((code) => codes.includes(code));
  const isPartial = registries.some(({ overview }) => overview.unread.length > 0);
  return worst ?? (isPartial ? ExitCode.NotAllowed : ExitCode.Done);
}

function exitCodeOf({ stackStatus, agrees, busy, aliases }: PromptStatus): ExitCode {
  if (isAtWork({ status: stackStatus }) && !agrees) return ExitCode.Differs;
  if (busy !== undefined) return ExitCode.StackBlocked;
  if (!agrees) return ExitCode.Differs;
  return aliases.some(({ unread }) => unread.length > 0) ? ExitCode.NotAllowed : ExitCode.Done;
}

function isMoving(stackStatus: string): boolean {
  return isAtWork({ status: stackStatus }) && stackStatus !== 'DELETE_IN_PROGRESS';
}

function withRequests(status: PromptStatus, waiting: WaitingRequests): PromptStatus {
  return { ...status, ...requestsField(waiting, ({ prompt }) => prompt === status.prompt) };
}

function regionOf({ clients }: Registry): Promise<string> {
  return clients.cloudFormation.config.region();
}

/** With what the lock file says of each model; without one nothing is known. */
function withModels(status: PromptStatus, region: string, lock: ModelLock | undefined, now: Date): PromptStatus {
  const known = (one: AliasModel): AliasModel =>
    one.model ? { ...one, ...lockedFacts(one.model, region, lock, now) } : one;
  return { ...status, aliases: status.aliases.map((alias) => ({ ...alias, models: alias.models.map(known) })) };
}

/** The text of `status`. */
export function statusText(status: PromptStatus, terminal: Terminal, waiting?: WaitingRequests): string {
  const { prompt, stack, stackStatus, aliases, agrees, busy, registry } = status;
  const { colors, glyphs } = terminal;
  const isQuiet = /^(CREATE|UPDATE)_COMPLETE$/.test(stackStatus);
  const isWhole = aliases.every(({ unread }) => unread.length === 0);
  const verdict = agrees
    ? busy === undefined
      ? isWhole
        ? colors.green('all agree')
        : colors.yellow('what could be read agrees')
      : colors.yellow(isMoving(stackStatus) ? 'release under way' : 'stack blocked')
    : colors.red('does not agree');
  const lines = [
    `${colors.bold(prompt)}  ${verdict}`,
    `${colors.dim('stack')}  ${stack} ${isQuiet ? colors.dim(stackStatus) : colors.yellow(stackStatus)}`,
    ...(busy === undefined ? [] : [busy]),
    ...(waiting ? waitingLines(waiting, terminal).map((line) => `${colors.yellow(glyphs.note)} ${line}`) : []),
    ...aliases.flatMap(({ alias, version, callable, rollout, passed, ...said }) => [
      '',
      `${colors.bold(alias)}  ${version ?? glyphs.none}${rollout ? `, ${runningText(rollout)}` : ''}  ${colors.dim(`callable ${callable.join(', ') || glyphs.none}`)}${passed ? `  ${passedByText(passed)}` : ''}`,
      ...checkLines(said, terminal),
      ...said.models.map((one) => `  ${modelLine(one, terminal)}`),
    ]),
    ...(registry ? ['', colors.bold('registry'), ...checkLines(registry, terminal)] : []),
  ];
  return wrapLines(lines.join('\n'), terminal.width);
}

/** Each check with what it found; those that found nothing as well. */
function checkLines(
  { checks, notes, unread = [] }: Pick<AliasStatus, 'checks' | 'notes'> & Partial<Pick<AliasStatus, 'unread'>>,
  { colors, glyphs }: Terminal,
): string[] {
  return [
    ...checks.flatMap(({ what, findings, pending }) =>
      pending
        ? [`  ${colors.yellow(glyphs.note)} ${what}: not compared, the release may be moving it`]
        : findings.length === 0
          ? [`  ${colors.green(glyphs.ok)} ${what}`]
          : findings.map((finding) => `  ${colors.red(glyphs.bad)} ${what}: ${visibleLine(finding)}`),
    ),
    ...[...unread, ...notes].map((note) => `  ${colors.yellow(glyphs.note)} ${visibleLine(note)}`),
  ];
}

/** What Bedrock, IAM and the whole ledger say of a registry, apart from what its overview said already. */
export function deepText(
  stackName: string,
  prompts: readonly PromptStatus[],
  overview: RegistryOverview,
  terminal: Terminal,
): string {
  const { colors, glyphs } = terminal;
  const known = new Set(
    registrySummary(overview).differences.map(({ prompt, alias, difference }) => `${prompt} ${alias}: ${difference}`),
  );
  const own = prompts[0]?.registry ?? { checks: [], notes: [] };
  const findings = [
    ...prompts.flatMap(({ prompt, aliases }) =>
      aliases.flatMap(({ alias, checks }) =>
        checks.flatMap((check) =>
          check.findings
            .filter((finding) => !known.has(`${prompt} ${alias}: ${finding}`))
            .map((finding) => `${prompt} ${alias}: ${check.what}: ${finding}`),
        ),
      ),
    ),
    ...own.checks.flatMap(({ what, findings: found }) => found.map((finding) => `registry: ${what}: ${finding}`)),
  ];
  const unread = prompts.flatMap(({ prompt, aliases }) =>
    aliases.flatMap(({ alias, unread: parts }) => parts.map((part) => ({ part, text: `${prompt} ${alias}: ${part}` }))),
  );
  // What all of them lack the overview said once.
  const unreadHere = unread.filter(({ part }) => !overview.unread.includes(part)).map(({ text }) => text);
  const notes = prompts.flatMap(({ prompt, aliases }) =>
    aliases.flatMap(({ alias, notes: said }) => said.map((note) => `${prompt} ${alias}: ${note}`)),
  );
  const pending = prompts.some(({ aliases }) => aliases.some(({ checks }) => checks.some((check) => check.pending)));
  const what = 'policies, Bedrock, whole ledger and bucket';
  const verdict =
    findings.length > 0
      ? colors.red(`${glyphs.bad} ${colors.bold(stackName)}  ${what}: ${plural(findings.length, 'finding')}`)
      : pending
        ? colors.yellow(
            `${glyphs.note} ${colors.bold(stackName)}  ${what}: not compared, the release may be moving them`,
          )
        : unread.length > 0
          ? colors.yellow(`${glyphs.note} ${colors.bold(stackName)}  ${what}: not all could be read`)
          : colors.green(`${glyphs.ok} ${colors.bold(stackName)}  ${what} agree`);
  const lines = [
    verdict,
    ...findings.map((finding) => `  ${colors.red(glyphs.bad)} ${visibleLine(finding)}`),
    ...[...unreadHere, ...notes, ...own.notes].map((note) => `  ${colors.yellow(glyphs.note)} ${visibleLine(note)}`),
    ...modelsInBrief(prompts, terminal).map((line) => `  ${line}`),
  ];
  return wrapLines(lines.join('\n'), terminal.width);
}
