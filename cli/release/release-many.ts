import { versionOfArn } from '../../core/contract/version-arn';
import { visibleLine } from '../../core/text/visible-text';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { type ChangeSet, createChangeSet, deleteChangeSet } from './change-set';
import { checkChangeSet } from './check-change-set';
import { execute, follow, unread } from './execution';
import { notAgreed, releaseConsent } from './release-consent';
import { parametersOf, type ReleaseRequest, type ReleaseWish, releaseRequest } from './release-request';
import { stackCommand } from './stack-command';
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
    changeSetOf(registry, requests, `${verb} ${what}`, verb),
  );
  const discard = () => deleteChangeSet(registry.clients.cloudFormation, changeSet);
  const nothingMoved = async () => {
    await discard();
    return ['interrupted; nothing was moved'];
  };
  const isWanted = await interruption.during(nothingMoved, async () => {
    try {
      await terminal.progress('comparing the change set with the stack', () =>
        checkChangeSet(registry, changeSet, requests),
      );
    } catch (error) {
      await discard();
      throw error;
    }
    if (!values.json) terminal.line(`${movesText(requests, terminal)}\n`);
    return Boolean(values.yes) || terminal.confirm(`${verb} ${what}?`, '--yes');
  });
  if (!isWanted) {
    await discard();
    terminal.notice('nothing was moved');
    return ExitCode.Failed;
  }
  let isSent = false;
  return interruption.during(
    async () =>
      isSent
        ? [
            `interrupted; CloudFormation is still running: ${verb} ${what}`,
            `  see how it ends:  prompt-registry status --stack ${registry.stack.stackName}`,
            `  stop it:          ${stackCommand('cancel-update-stack', registry.stack)}`,
          ]
        : nothingMoved(),
    async () => {
      const operation = await execute(registry, changeSet, requests, () => {
        isSent = true;
        interruption.begin();
      }).catch(async (error) => {
        if (!isSent) await discard();
        throw error;
      });
      const done = await follow(registry, operation, terminal);
      const pointers = await registry.reader.aliases().catch((error) => {
        throw unread(registry, done, error);
      });
      const moved = requests.map(({ state: { alias, version } }) => {
        const { promptName, aliasName } = alias;
        const pointer = pointers.find((one) => one.promptName === promptName && one.aliasName === aliasName);
        return { prompt: promptName, alias: aliasName, from: version, to: versionOfArn(pointer?.versionArn) };
      });
      if (done.status === 'UPDATE_COMPLETE') {
        if (values.json) terminal.json({ moved: true, operation, aliases: moved });
        else
          terminal.line(
            `${terminal.colors.green(terminal.glyphs.ok)} ${moved.length === 1 ? '1 alias' : `${moved.length} aliases`} moved`,
          );
        return ExitCode.Done;
      }
      if (done.status === 'UPDATE_ROLLBACK_FAILED') checkReady({ ...registry.stack, status: done.status });
      const strays = moved.filter(({ from, to }) => from !== to).map(({ prompt, alias }) => `${prompt} ${alias}`);
      throw new CliError(
        {
          what: `CloudFormation rolled the releases back: ${strays.length === 0 ? 'all aliases are where they were' : `not where they were: ${strays.join(', ')}`}`,
          why: [done.failure?.LogicalResourceId, done.failure?.ResourceStatusReason].filter(Boolean).join(': '),
          fix: 'fix the cause named above, then retry; all moves: prompt-registry history',
        },
        ExitCode.RolledBack,
      );
    },
  );
}

async function changeSetOf(
  { clients, stack }: Registry,
  requests: readonly ReleaseRequest[],
  description: string,
  verb: string,
): Promise<ChangeSet> {
  const parameters = parametersOf(requests);
  const [reason] = requests.flatMap((request) => request.reason ?? []);
  const changeSet = await createChangeSet(clients.cloudFormation, {
    stack,
    parameters,
    name: `${verb}-many`,
    description: [description, reason].filter(Boolean).join('; reason: '),
  });
  if (changeSet.Status === 'CREATE_COMPLETE') return changeSet;
  await deleteChangeSet(clients.cloudFormation, changeSet);
  throw new CliError({
    what: 'CloudFormation refuses the change set',
    why: changeSet.StatusReason,
    fix: 'see whether the aliases agree with their parameters: prompt-registry status',
  });
}

function movesText(requests: readonly ReleaseRequest[], terminal: Terminal): string {
  const { glyphs } = terminal;
  const rows = requests.map(({ state: { alias, version }, to }) => [
    visibleLine(alias.promptName),
    visibleLine(alias.aliasName),
    `${version ?? glyphs.none} ${glyphs.arrow} ${to}`,
  ]);
  return table(['PROMPT', 'ALIAS', 'VERSION'], rows, terminal);
}
