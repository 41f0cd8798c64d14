import type { LedgerRecord } from '../../core/ledger/record';
import { type History, withoutUndone } from '../../core/release/standing';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import { ExitCode } from '../exit-code';
import { type RegistryOverview, registryOverview } from '../registry-overview';
import { noticeUnread } from '../registry-summary';
import { type ManyReleases, releaseMany } from '../release/release-many';
import type { ReleaseWish } from '../release/release-request';
import { type ModelUse, usesIn } from './model-uses';

/** Moves an alias of all prompts that a model concerns, in one change set. */
export async function releaseByModel(context: CommandContext, verb: ManyReleases['verb']): Promise<ExitCode> {
  const { positionals, values, terminal } = context;
  const [model = '', aliasName = ''] = positionals;
  const { nameGlob } = await import('../import/name-glob');
  const isWanted = nameGlob(typeof values.prompts === 'string' ? values.prompts : '*');
  const registry = await context.openRegistry();
  const overview = await terminal.progress('reading the registry', () => registryOverview(registry));
  // What cannot be read stays where it is, and keeps nobody from moving the others.
  noticeUnread(registry.stack.stackName, overview.unread, terminal);
  const from = typeof values.from === 'string' ? values.from : 'STAGING';
  const all =
    verb === 'promote'
      ? promotions(await usesIn(overview), model, aliasName, from)
      : await rollbacks(overview, model, aliasName);
  const moves = all.filter(({ prompt }) => isWanted(prompt));
  if (moves.length === 0) throw nothingToMove(overview, verb, model, aliasName, from);
  const reason = typeof values.reason === 'string' ? values.reason : undefined;
  const wishes = moves.map(
    ({ prompt, to }): ReleaseWish => ({ promptName: prompt, aliasName, to, withdraw: false, reason }),
  );
  const what = `${aliasName} of ${wishes.length === 1 ? '1 prompt' : `${wishes.length} prompts`} ${verb === 'promote' ? 'to' : 'from'} ${model}`;
  return releaseMany(context, registry, { verb, what, wishes });
}

interface Move {
  readonly prompt: string;
  readonly to: string;
}

/** Where the alias to follow runs on the model, and the alias to move is not on that version. */
function promotions(uses: readonly ModelUse[], model: string, aliasName: string, from: string): Move[] {
  const live = uses.filter((use) => use.live);
  return live
    .filter((use) => use.alias === from && use.model === model)
    .filter(({ prompt, version }) =>
      live.every((use) => use.prompt !== prompt || use.alias !== aliasName || use.version !== version),
    )
    .map(({ prompt, version }) => ({ prompt, to: `:${version}` }));
}

/**
 * Where the newest move of the alias brought it to the model, or its rollout brings it there: of those, the ones that the
 * newest stack operation moved. A prompt that ran on the model before stays where it is.
 */
async function rollbacks({ prompts }: RegistryOverview, model: string, aliasName: string): Promise<Move[]> {
  const arrivals = prompts.flatMap(({ promptName, aliases }) =>
    aliases
      .filter(({ alias, history }) => alias.aliasName === aliasName && history !== undefined)
      .map(async ({ history }) => ({ prompt: promptName, record: await newestChange(history ?? []) })),
  );
  const onto = (await Promise.all(arrivals)).flatMap(({ prompt, record }) =>
    record?.to?.model === model && record.from?.model !== model ? [{ prompt, record }] : [],
  );
  const [newest] = onto.toSorted((a, b) => (a.record.time < b.record.time ? 1 : -1));
  return onto
    .filter(({ record }) => record.operation === newest?.record.operation)
    .map(({ prompt }) => ({ prompt, to: 'previous' }));
}

/** The newest move, or the rollout that runs since: what going back takes away first. */
async function newestChange(history: History<LedgerRecord>) {
  let plan: number | null | undefined;
  for await (const record of withoutUndone(history)) {
    const { rollout, sequence, from, to } = record;
    if (plan === undefined) plan = rollout?.plan ?? null;
    if (rollout && sequence === plan) return { ...record, from: to, to: rollout.candidate };
    if (plan === null && from?.version !== to?.version) return record;
  }
  return undefined;
}

function nothingToMove(
  { stack, unread }: RegistryOverview,
  verb: string,
  model: string,
  aliasName: string,
  from: string,
): CliError {
  if (unread.length > 0) {
    return new CliError(
      {
        what: `which prompts of stack ${stack.stackName} are meant is not known, as a part of the registry could not be read`,
        why: unread.join('; '),
        fix: `get the permission, or name each prompt: prompt-registry ${verb} PROMPT ${aliasName}`,
      },
      ExitCode.NotAllowed,
    );
  }
  return new CliError({
    what:
      verb === 'promote'
        ? `no prompt of stack ${stack.stackName} has ${from} on ${model} and ${aliasName} on another version`
        : `no prompt of stack ${stack.stackName} has ${aliasName} brought to ${model} by its newest move`,
    fix: 'models list shows what runs on which model',
  });
}
