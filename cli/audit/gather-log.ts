import { aliasStandings } from '../../core/audit/alias-standing';
import { chainHeads } from '../../core/audit/chain-heads';
import { DELIVERY_MS, type LedgerObject } from '../../core/audit/evidence';
import { haltIn } from '../../core/audit/halt-in';
import { type LedgerSurvey, surveyLedger } from '../../core/audit/ledger-survey';
import { type Covered, type LogRow, type Person, type ReleaseLogProps, releaseLog } from '../../core/audit/release-log';
import { StackOperations } from '../../core/audit/stack-operations';
import { type TrailEvent, text } from '../../core/audit/trail-event';
import { fieldsOf } from '../../core/ledger/body-fields';
import { FOLDERS, promptPrefix } from '../../core/ledger/layout';
import { lockedFacts } from '../../core/models/locked-facts';
import type { ModelLock } from '../../core/models/model-lock';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { plural } from '../../studio/plural';
import { reasonOf } from '../aws-failure';
import { CliError } from '../cli-error';
import { type AuditScope, accountOf, controllerOf } from './audit-scope';
import { awsNow } from './aws-clock';
import { controllerCallsAround } from './controller-callers';
import { EventHistory } from './event-history';
import { ledgerObjects, listVersions } from './ledger-objects';
import { type EventSources, issuersOf, operationsAround } from './people';
import { TrailFiles, type TrailPlace } from './trail-files';

/** A prompt by name, with Bedrock's ids that it has or had. */
export interface LogSubject {
  readonly prompt: string;
  readonly promptIds: readonly string[];
}

export interface GatherLogsProps {
  readonly alias: string | undefined;
  readonly since: Date | undefined;
  readonly place: TrailPlace | undefined;
  /** Which rows matter: CloudTrail is asked for these alone. @default - all */
  readonly only?: (row: LogRow) => boolean;
  /** What is known of models. @default - nothing */
  readonly lock?: ModelLock | undefined;
  readonly now: Date;
  readonly say: (doing: string) => void;
}

/** Reads what `audit log` tells of one prompt. */
export async function gatherLog(scope: AuditScope, props: GatherLogsProps & LogSubject): Promise<AuditLog> {
  const { promptIds } = props;
  const folders = ['ledger', 'versions', 'rollouts', 'tags'] as const;
  const prefixes = promptIds.flatMap((id) => folders.map((folder) => promptPrefix(folder, id)));
  const [log] = await gather(scope, prefixes, () => [props], props);
  return log as AuditLog;
}

/** Reads what `audit log` tells of every prompt that the ledger knows, by name; CloudTrail is asked once for all. */
export function gatherLogs(scope: AuditScope, props: GatherLogsProps): Promise<AuditLog[]> {
  return gather(scope, [FOLDERS.ledger, FOLDERS.versions, FOLDERS.rollouts], subjectsIn, props);
}

/** The ledger, then who began each stack operation. Without CloudTrail, the ledger alone. */
async function gather(
  scope: AuditScope,
  prefixes: readonly string[],
  subjectsOf: (objects: readonly LedgerObject[]) => readonly LogSubject[],
  props: GatherLogsProps,
): Promise<AuditLog[]> {
  const { alias, place, only = () => true, say } = props;
  const { clients, bucket, region } = scope;
  say('listing the ledger');
  const listing = await listVersions(clients.s3, bucket, prefixes);
  const { objects, denied } = await ledgerObjects(clients.s3, bucket, listing, (read, of) =>
    say(`reading the ledger: ${read} of ${of} objects`),
  );
  const now = awsNow(clients, props.now);
  const since = props.since?.toISOString();
  const subjects = subjectsOf(objects).map((subject) => {
    const survey = surveyLedger(objects.filter(({ key }) => subject.promptIds.includes(promptIdIn(key))));
    return { ...subject, shown: { survey, ...(alias !== undefined && { alias }), ...(since && { since }) } };
  });
  checkHasRecords(
    subjects.map(({ shown }) => shown.survey),
    subjects.map(({ prompt }) => prompt),
    alias,
  );
  const nobody = { operations: new StackOperations([]), issuers: new Map<string, TrailEvent>() };
  const rowsOf = (people: Parameters<typeof withStandings>[1]) =>
    subjects.flatMap(({ shown }) => withStandings(shown, people)).filter(only);
  const rows = rowsOf(nobody);
  const stackIds = rows.flatMap(({ stackId }) => stackId ?? []);
  const notes =
    denied > 0 ? [`${plural(denied, 'object')} of the ledger could not be read: s3:GetObject is missing`] : [];
  const files = place && new TrailFiles(clients.s3, place, accountOf(scope, stackIds), say);
  const sources: EventSources = {
    region,
    files,
    now,
    history: (elsewhere) => new EventHistory(clients.cloudTrail(elsewhere), say),
  };
  const read = { from: begin(place, now), to: new Date(now.getTime() - DELIVERY_MS).toISOString() };
  const steps = subjects.flatMap(({ shown }) => shown.survey.steps);
  const halts = { controller: controllerOf(scope)?.functionName, moments: haltMoments(rows, steps) };
  const people = await findPeople(sources, rows, halts, notes, (told) =>
    rowsOf({ ...told, issuers: nobody.issuers, covered: read }),
  );
  if (files?.notRead !== undefined) notes.push(`${files.notRead}; who it was may stand there`);
  const unread = files?.notRead !== undefined && { unread: EventHistory.begin(now).toISOString() };
  const covered: Covered = { ...read, ...unread };
  for (const { key, detail } of files?.problems ?? [])
    notes.push(`${key} of the trail cannot be used: ${detail}; audit verify tells more`);
  return subjects.map(({ prompt, promptIds, shown }): AuditLog => {
    const telling = { ...shown, ...(people ? { ...people, covered } : nobody) };
    const told = releaseLog(telling).filter(only);
    const { survey } = shown;
    const standings = aliasStandings(telling);
    const models = [...new Set(standings.flatMap(({ model }) => model ?? []))];
    const chains = survey.chains.filter((chain) => alias === undefined || chain.alias === alias);
    return {
      prompt,
      promptIds,
      bucket,
      standings,
      models: models.map((model) => lockedFacts(model, region, props.lock, now)),
      rows: told,
      notes: [...notes, ...untold(told)],
      registry:
        scope.stack?.parameterPrefix ?? chains.flatMap(({ records }) => records.at(-1)?.registry ?? [])[0] ?? null,
      alias: alias ?? null,
      since: since ?? null,
      time: now.toISOString(),
      heads: chainHeads({ ...survey, chains }),
      findings: chains.flatMap(({ findings }) => findings),
    };
  });
}

/** Each prompt that some object names, with all ids that it has or had. */
function subjectsIn(objects: readonly LedgerObject[]): LogSubject[] {
  const names = new Map<string, string>();
  for (const { key, body } of objects) {
    const name = text(fieldsOf(body).prompt);
    if (name !== null && !names.has(promptIdIn(key))) names.set(promptIdIn(key), name);
  }
  const subjects = [...new Set(names.values())].sort();
  return subjects.map((prompt) => ({
    prompt,
    promptIds: [...names].flatMap(([id, name]) => (name === prompt ? [id] : [])),
  }));
}

/** `ledger/ABCDEFGHIJ/PROD/99999998.json`, `versions/ABCDEFGHIJ/…` */
function promptIdIn(key: string): string {
  return key.split('/')[1] ?? '';
}

/** The rows of a log, and those that brought the aliases where they are, however old: both name who it was. */
function withStandings(
  shown: Pick<ReleaseLogProps, 'survey' | 'alias' | 'since'>,
  people: Pick<ReleaseLogProps, 'operations' | 'controllerCalls' | 'issuers' | 'covered'>,
): LogRow[] {
  const props = { ...shown, ...people };
  const rows = releaseLog(props);
  const shownObjects = new Set(rows.map(({ object }) => object));
  const moves = aliasStandings(props).flatMap(({ move }) => move ?? []);
  return [...rows, ...moves.filter(({ object }) => !shownObjects.has(object))];
}

/** @throws CliError for an alias without a record */
function checkHasRecords(
  surveys: readonly LedgerSurvey[],
  prompts: readonly string[],
  alias: string | undefined,
): void {
  const aliases = new Set(surveys.flatMap(({ chains }) => chains.map((chain) => chain.alias)));
  if (alias === undefined || aliases.has(alias)) return;
  throw new CliError({
    what: `the ledger has no record of ${alias}${prompts.length === 1 ? ` of ${prompts[0]}` : ''}`,
    fix:
      aliases.size > 0 ? `aliases with records: ${[...aliases].join(', ')}` : 'none of its aliases was ever released',
  });
}

/** The trail's files may be older than the history; what they do not hold is then not in CloudTrail. */
function begin(place: TrailPlace | undefined, now: Date): string {
  return place ? '' : EventHistory.begin(now).toISOString();
}

/** When they held, and when they were recorded: until S3 took the record, minutes may have gone by. */
function haltMoments(rows: readonly LogRow[], steps: LedgerSurvey['steps']): number[] {
  const at = new Map(steps.map(({ object }) => [object.key, haltIn(object)?.at]));
  const halts = rows.filter(({ kind }) => kind === 'halt');
  return halts.flatMap(({ time, object }) => [Date.parse(at.get(object) ?? time), Date.parse(time)]);
}

/** @param withEvents the rows as operations and calls of the controller alone tell them */
async function findPeople(
  sources: EventSources,
  rows: readonly LogRow[],
  { controller, moments }: { readonly controller: string | undefined; readonly moments: readonly number[] },
  notes: string[],
  withEvents: (told: Pick<ReleaseLogProps, 'operations' | 'controllerCalls'>) => readonly LogRow[],
) {
  const wanted = rows.flatMap(({ stackId, operation, time }) => (stackId === null ? [] : { stackId, operation, time }));
  const stackIds = new Set(wanted.map(({ stackId }) => stackId));
  try {
    const events = await operationsAround(
      sources,
      stackIds,
      wanted.map(({ time }) => Date.parse(time)),
    );
    const controllerCalls = await controllerCallsAround(sources, controller, moments);
    const told = { operations: new StackOperations(events), controllerCalls };
    const named = new Set(withEvents(told).flatMap(({ person }) => eventsOf(person)));
    const calls = [...events, ...(controllerCalls ?? [])].filter(({ id }) => named.has(id));
    return { ...told, issuers: await issuersOf(sources, calls) };
  } catch (error) {
    notes.push(`who it was cannot be told: ${reasonOf(error)}`);
    return undefined;
  }
}

function eventsOf(person: Person): string[] {
  const chains = person.end === 'one of' ? person.among : [person];
  return chains.flatMap(({ links }) => links.map(({ eventId }) => eventId));
}

function untold(rows: AuditLog['rows']): string[] {
  const count = (end: string) => rows.filter(({ person }) => person.end === end).length;
  const [young, old, lost] = [count('not delivered'), count('too old'), count('no event')];
  return [
    ...(young > 0
      ? [
          `${plural(young, 'entry').replace('entrys', 'entries')} not yet delivered by CloudTrail, which takes up to 15 minutes: ask again then`,
        ]
      : []),
    ...(old > 0
      ? [
          `${plural(old, 'entry').replace('entrys', 'entries')} older than CloudTrail's event history of 90 days: who it was cannot be told without --trail-bucket`,
        ]
      : []),
    ...(lost > 0
      ? [
          `${plural(lost, 'entry').replace('entrys', 'entries')} without an event in CloudTrail: audit verify tells whether that proves something`,
        ]
      : []),
  ];
}
