import type { Person } from '../../core/audit/release-log';
import type { LedgerRecord } from '../../core/ledger/record';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { isFound } from '../../core/rollout/found-halt';
import { sinceOf } from '../audit/span';
import { usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { type AliasHistory, type HistorySpan, historiesText, type ShownRecord, timelineText } from '../history-text';
import { newestFirst } from '../newest-first';
import { openRegistries } from '../open-registries';
import type { PartialReading } from '../partial-reading';
import type { Registry } from '../registry';
import type { RegistryOverview } from '../registry-overview';
import type { NamedTag } from '../registry-reader';
import { noticeUnread, registrySummary } from '../registry-summary';
import type { VersionComment } from '../reviews/comments-on';
import { AUDIT_OPTIONS } from './audit-options';

/** Of a whole registry, where nobody says how many. */
const A_SCREEN = 50;

export const history: Command = {
  name: 'history',
  summary: 'every release of an alias as the ledger has it, newest first',
  positionals: ['[PROMPT]', '[ALIAS]'],
  options: {
    limit: { type: 'string', short: 'n', value: 'N', description: 'only the newest N' },
    since: { type: 'string', value: 'SPAN', description: 'how far back: 30m, 24h, 7d, or a date' },
    'trail-bucket': {
      ...AUDIT_OPTIONS['trail-bucket'],
      description: 'where the trail delivers its files: NAME or s3://NAME/PREFIX; for who asked for a halt',
    },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Without a prompt it shows the newest releases of all prompts in every registry of the account and Region. The record ' +
      'that callers follow is marked live.',
    'Each record carries the digest of the one before; with a prompt, and with --json, the chain is verified on the way. A ' +
      'record marked undone was written while CloudFormation rolled a release back.',
    'Who asked for the halt of a rollout stands in no record: a PromptAuditTrail has the calls of the controller, and ' +
      '--trail-bucket reads its files.',
    'With a prompt it shows comments on the versions as well.',
  ],
  examples: ['history --since 24h', 'history financial-analysis', 'history financial-analysis PROD -n 5'],
  run: async (context) => {
    const { terminal, positionals, values, now } = context;
    const [promptName, aliasName] = positionals;
    const span = { since: sinceOf(values.since, now()), count: limit(values.limit) };
    if (promptName === undefined) return historyOfAll(context, span);
    const histories = await terminal.progress('reading the ledger', async () =>
      historiesOf(context, await context.openRegistry(promptName), [promptName], aliasName),
    );
    if (values.json) terminal.json(histories.map((one) => within(one, span)));
    else terminal.line(historiesText(histories, span, terminal));
    return ExitCode.Done;
  },
};

async function historyOfAll(context: CommandContext, span: HistorySpan): Promise<ExitCode> {
  const { terminal, values } = context;
  const { registryOverview } = await import('../registry-overview');
  const isShort = span.since === undefined && !Number.isFinite(span.count);
  const shown = { ...span, count: isShort ? A_SCREEN : span.count };
  const all: AliasHistory[] = [];
  let [isFirst, isPartial] = [true, false];
  await terminal.progress('reading the ledger', async () => {
    const read = async (registry: Registry) => {
      if (values.json) return { histories: await historiesOf(context, registry, registry.promptNames) };
      const overview = await registryOverview(registry);
      return { overview, records: await newestRecords(overview, shown) };
    };
    for await (const { histories, overview, records } of openRegistries(context, read)) {
      if (histories) all.push(...histories);
      if (!overview) continue;
      isPartial ||= overview.unread.length > 0;
      const text = timelineText(registrySummary(overview), records, shown, terminal);
      terminal.line(isFirst ? text : `\n${text}`);
      isFirst = false;
    }
  });
  if (values.json) terminal.json(all.map((one) => within(one, span)));
  return isPartial ? ExitCode.NotAllowed : ExitCode.Done;
}

async function newestRecords({ prompts }: RegistryOverview, { since, count }: HistorySpan): Promise<ShownRecord[]> {
  const sources = prompts.flatMap(({ aliases }) =>
    aliases.map(({ version, history }) => shownRecords(version, history)),
  );
  const found: ShownRecord[] = [];
  for await (const one of newestFirst(sources)) {
    if (since !== undefined && new Date(one.time) < since) break;
    found.push(one);
    if (found.length >= count) break;
  }
  return found;
}

async function* shownRecords(
  version: number | null,
  history: AsyncIterable<LedgerRecord> | undefined,
): AsyncGenerator<ShownRecord> {
  let isNewest = true;
  for await (const record of history ?? []) {
    const isLive = isNewest && record.to !== null && record.to.version === version;
    isNewest = false;
    yield { record, time: record.time, isLive };
  }
}

async function historiesOf(
  context: CommandContext,
  registry: Registry,
  promptNames: readonly string[],
  aliasName?: string,
): Promise<AliasHistory[]> {
  const { terminal, positionals } = context;
  const { PartialReading } = await import('../partial-reading');
  const { versionOfArn } = await import('../../core/contract/version-arn');
  const { commentsOn } = await import('../reviews/comments-on');
  const [only] = promptNames.length === 1 ? promptNames : [];
  const reading = new PartialReading();
  // Without them nobody knows which record callers follow.
  const pointers = await reading.attempt('the parameters of the aliases', () => registry.reader.aliases(only));
  const histories = promptNames.map(async (promptName) => {
    const prompt = await registry.prompt(promptName);
    const aliases = aliasName === undefined ? prompt.aliases : [registry.alias(prompt, aliasName)];
    const found = await Promise.all(
      aliases.map(async ({ aliasName: alias }): Promise<AliasHistory> => {
        const { records, findings, notes } = await registry.reader.ledger(prompt.promptId, alias);
        const pointer = pointers?.find((one) => one.promptName === promptName && one.aliasName === alias);
        const version = pointers && { version: versionOfArn(pointer?.versionArn) };
        const steps = await reading.attempt('steps of rollouts', () =>
          stepsOf(registry, prompt.promptId, alias, records),
        );
        const known = {
          ...version,
          records,
          findings,
          notes,
          ...(steps && Object.keys(steps).length > 0 && { steps }),
        };
        return { prompt: promptName, stack: registry.stack.stackName, alias, ...known };
      }),
    );
    const all = found.flatMap(({ records }) => records);
    const named = (await reading.attempt('tags', () => registry.reader.tags(prompt.promptId))) ?? [];
    const comments =
      positionals[0] !== undefined &&
      (await reading.attempt('comments', () => commentsOn(registry, prompt.promptId, all)));
    const halted = await Promise.all(found.map((one) => withHaltPeople(one, registry, context, reading)));
    const tagged = halted.map((one) => withTags(one, named));
    return comments ? tagged.map((one) => withComments(one, comments)) : tagged;
  });
  const read = (await Promise.all(histories)).flat();
  noticeUnread(registry.stack.stackName, reading.unread, terminal);
  return read;
}

/** By the record that began each rollout. */
async function stepsOf(
  { reader }: Registry,
  promptId: string,
  alias: string,
  records: readonly LedgerRecord[],
): Promise<Record<number, RolloutStep[]>> {
  const plans = records.filter(({ rollout, sequence }) => rollout?.plan === sequence).map(({ sequence }) => sequence);
  const steps = await Promise.all(plans.map((plan) => reader.steps(promptId, alias, plan)));
  return Object.fromEntries(plans.flatMap((plan, index) => (steps[index]?.length ? [[plan, steps[index]]] : [])));
}

/** Of halts that somebody asked for, or may have, who did. */
async function withHaltPeople(
  history: AliasHistory,
  registry: Registry,
  { values, now }: CommandContext,
  reading: PartialReading,
): Promise<AliasHistory> {
  const bucket = values['trail-bucket'];
  const asked = Object.values(history.steps ?? {}).flatMap((steps) =>
    steps.filter((step) => (step.kind === 'halt' && step.by === 'request') || isFound(step)),
  );
  if (typeof bucket !== 'string' || asked.length === 0) return history;
  const { scopeOf } = await import('../audit/audit-scope');
  const { haltPeople } = await import('../audit/halt-people');
  const { trailPlace } = await import('../audit/trail-files');
  const props = { place: trailPlace(bucket), now: now(), say: () => {}, reading };
  const scope = await scopeOf(registry);
  const people = await reading.attempt("the trail's files", () => haltPeople(scope, asked, props));
  const unknown: Person = { links: [], end: 'not asked' };
  return {
    ...history,
    haltedBy: Object.fromEntries(asked.map(({ plan }, index) => [plan, people?.[index] ?? unknown])),
  };
}

function withTags(history: AliasHistory, named: readonly NamedTag[]): AliasHistory {
  const digests = new Set(history.records.flatMap(({ to }) => to?.digest ?? []));
  const tags: Record<string, string[]> = {};
  for (const { tag, digest } of named) if (digests.has(digest)) tags[digest] = [...(tags[digest] ?? []), tag];
  return Object.keys(tags).length > 0 ? { ...history, tags } : history;
}

function withComments(history: AliasHistory, all: readonly VersionComment[]): AliasHistory {
  const comments = all.filter(({ digest }) => history.records.some(({ to }) => to?.digest === digest));
  return comments.length > 0 ? { ...history, comments } : history;
}

function within(history: AliasHistory, { since }: HistorySpan): AliasHistory {
  if (since === undefined) return history;
  const { comments, ...rest } = history;
  const isWithin = ({ time }: { readonly time: string }) => new Date(time) >= since;
  const shown = comments?.filter(isWithin) ?? [];
  return { ...rest, records: rest.records.filter(isWithin), ...(shown.length > 0 && { comments: shown }) };
}

/** @throws CliError for what is no number */
function limit(option: unknown): number {
  if (option === undefined) return Number.POSITIVE_INFINITY;
  const count = Number(option);
  if (Number.isInteger(count) && count >= 1) return count;
  throw usageError(`--limit ${JSON.stringify(option)} is no number`, 'write how many: -n 5');
}
