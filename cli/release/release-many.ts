import { versionOfArn } from '../../core/contract/version-arn';
import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { type ChangeSet, createChangeSet, deleteChangeSet } from './change-set';
import { checkChangeSet } from './check-change-set';
import { type Execution, unread } from './execution';
import { type RolloutChange, releaseText, rolloutChange } from './release-change';
import { notAgreed, releaseConsent } from './release-consent';
import { parametersOf, type ReleaseRequest, type ReleaseWish, releaseRequest } from './release-request';
import { runChangeSet } from './run-change-set';
import { checkReady } from './stack-readiness';

/** Releases of one stack that are made together: all move or none. */
export interface ManyReleases {
  readonly verb: 'promote' | 'rollback';
  /** Ends the question: `5 prompts from amazon.nova-pro-v1:0`. */
  readonly what: string;
  readonly wishes: readonly ReleaseWish[];
}

/** Plans, shows, asks, executes and follows releases in one change set. Each alias is one that a parameter moves. */
export async function releaseMany(
  context: CommandContext,
  opened: Registry,
  { verb, what, wishes }: ManyReleases,
): Promise<ExitCode> {
  const { terminal, values, interruption } = context;
  if (!values.yes && !terminal.canAsk) {
    throw usageError(`${verb} asks before it moves aliases, and there is no terminal to ask`, 'add --yes');
  }
  const registry = await opened.again();
  checkReady(registry.stack);
  const requests = await terminal.progress('reading the registry', () =>
    Promise.all(wishes.map((wish) => releaseRequest(registry, wish))),
  );
  for (const request of requests) {
    const { consent } = await releaseConsent(context, registry, request);
    if (consent && consent.missing.length > 0) throw notAgreed(request, consent);
  }
  const changeSet = await terminal.progress('CloudFormation works out the change set', () =>
    changeSetOf(context, registry, requests, `${verb} ${what}`, verb),
  );
  const discard = () => deleteChangeSet(registry.clients.cloudFormation, changeSet);
  const leave = async () => {
    await discard();
    return ['interrupted; nothing was moved'];
  };
  await interruption.during(leave, async () => {
    try {
      await terminal.progress('comparing the change set with the stack', () =>
        checkChangeSet(registry, changeSet, requests),
      );
    } catch (error) {
      await discard();
      throw error;
    }
  });
  return runChangeSet(context, registry, {
    changeSet,
    requests,
    text: movesText(requests, terminal),
    question: `${verb} ${what}?`,
    doing: `the ${verb === 'promote' ? 'release' : 'rollback'} of ${what}`,
    look: `prompt-registry status --stack ${registry.stack.stackName}`,
    discard,
    outcome: (done) => outcome(context, registry, requests, done),
  });
}

async function outcome(
  { terminal, values }: CommandContext,
  registry: Registry,
  requests: readonly ReleaseRequest[],
  done: Execution,
): Promise<ExitCode> {
  const pointers = await registry.reader.aliases().catch((error) => {
    throw unread(registry, done, error);
  });
  const moved = requests.map((request) => {
    const { state, candidate } = request;
    const { alias, version } = state;
    const { promptName, aliasName } = alias;
    const change = rolloutChange(request);
    const rollout = change && { change, candidate: candidate ?? state.rollout?.candidate };
    const pointer = pointers.find((one) => one.promptName === promptName && one.aliasName === aliasName);
    return {
      prompt: promptName,
      alias: aliasName,
      from: version,
      to: versionOfArn(pointer?.versionArn),
      ...(rollout && { rollout }),
    };
  });
  if (done.status === 'UPDATE_COMPLETE') {
    const { colors, glyphs } = terminal;
    const isMoved = moved.some(({ from, to, rollout }) => from !== to || rollout === undefined);
    if (values.json) terminal.json({ moved: isMoved, operation: done.operation, aliases: moved });
    else terminal.line(`${colors.green(glyphs.ok)} ${doneText(moved)}`);
    return ExitCode.Done;
  }
  if (done.status === 'UPDATE_ROLLBACK_FAILED') checkReady({ ...registry.stack, status: done.status });
  const strays = moved.filter(({ from, to }) => from !== to).map(({ prompt, alias }) => `${prompt} ${alias}`);
  const where = strays.length === 0 ? 'all aliases are where they were' : `not where they were: ${strays.join(', ')}`;
  throw new CliError(
    {
      what: `CloudFormation rolled the releases back: ${where}`,
      why: [done.failure?.LogicalResourceId, done.failure?.ResourceStatusReason].filter(Boolean).join(': '),
      fix: 'fix the cause named above, then retry; all moves: prompt-registry history',
    },
    ExitCode.RolledBack,
  );
}

/** `39 aliases moved, 1 rollout begun` */
function doneText(
  moved: readonly {
    readonly from: number | null;
    readonly to: number | null;
    readonly rollout?: { readonly change: RolloutChange };
  }[],
): string {
  const changes = moved.flatMap(({ from, to, rollout }) => (from === to && rollout ? rollout.change : []));
  const ended = changes.filter((change) => change === 'end').length;
  const aliases = moved.length - changes.length;
  return [
    ...(aliases > 0 ? [`${aliases === 1 ? '1 alias' : `${aliases} aliases`} moved`] : []),
    ...(changes.length > ended ? [`${plural(changes.length - ended, 'rollout')} begun`] : []),
    ...(ended > 0 ? [`${plural(ended, 'rollout')} ended`] : []),
  ].join(', ');
}

function changeSetOf(
  { interruption }: CommandContext,
  { clients, stack }: Registry,
  requests: readonly ReleaseRequest[],
  description: string,
  verb: string,
): Promise<ChangeSet> {
  const [reason] = requests.flatMap((request) => request.reason ?? []);
  const wish = {
    stack,
    parameters: parametersOf(requests),
    name: `${verb}-many`,
    description: [description, reason].filter(Boolean).join('; reason: '),
  };
  return createChangeSet(clients.cloudFormation, wish, interruption);
}

function movesText(requests: readonly ReleaseRequest[], terminal: Terminal): string {
  const { glyphs } = terminal;
  const rows = requests.map((request) => [
    visibleLine(request.state.alias.promptName),
    visibleLine(request.state.alias.aliasName),
    releaseText(request, glyphs.arrow, glyphs.none),
  ]);
  return table(['PROMPT', 'ALIAS', 'VERSION'], rows, terminal);
}
