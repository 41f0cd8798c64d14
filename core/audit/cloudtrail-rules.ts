import { versionOfArn } from '../contract/version-arn';
import { keyKind } from '../ledger/layout';
import type { LedgerRecord } from '../ledger/record';
import { type AuditEvidence, DELIVERY_MS, type EventEvidence } from './evidence';
import type { Report } from './finding';
import { BUCKET_EVENTS, FUNCTION_EVENTS, guardFindings } from './guard-rules';
import { type LedgerSurvey, readVersion } from './ledger-survey';
import { isStackExecution, type ParameterEvents } from './parameter-events';
import { OPERATION_EVENTS, type StackOperations, stackName, stackNames } from './stack-operations';
import { actorName, object, roleName, type TrailEvent, text } from './trail-event';

const CLOCKS_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/** Names of the events that {@link cloudTrailFindings} looks at, beside data events. */
export const WATCHED_EVENTS = [
  ...OPERATION_EVENTS,
  ...['CreatePromptVersion', 'UpdatePrompt', 'DeletePrompt'],
  ...['PutParameter', 'DeleteParameter', 'DeleteParameters'],
  ...['StartLogging', 'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'],
  ...Object.keys(BUCKET_EVENTS),
  ...Object.keys(FUNCTION_EVENTS),
];

interface Context {
  readonly evidence: AuditEvidence;
  readonly survey: LedgerSurvey;
  readonly trail: EventEvidence;
  readonly operations: StackOperations;
  readonly parameters: ParameterEvents;
  readonly report: Report;
}

/** The ledger against CloudTrail, and CloudTrail against the ledger. */
export function cloudTrailFindings(context: Context): void {
  recordsWithoutEvent(context);
  publications(context);
  prompts(context);
  parametersByHand(context);
  guardFindings(context);
  if (context.trail.withDataEvents) objectEvents(context);
}

/** What happened so long ago that CloudTrail has delivered it, and not before it was asked for. */
function isCovered({ trail, evidence }: Context, time: string, before = 0): boolean {
  const at = Date.parse(time);
  return (
    at - before >= Date.parse(trail.from) &&
    at <= Math.min(Date.parse(trail.to), Date.parse(evidence.now) - DELIVERY_MS)
  );
}

/** How many of the records are old or young enough for CloudTrail to tell about them. */
export function coverage({ evidence, survey, trail }: Pick<Context, 'evidence' | 'survey' | 'trail'>) {
  const times = survey.chains.flatMap(({ records }) => records.map(({ time }) => time));
  const compared = times.filter((time) => isCovered({ evidence, trail } as Context, time, DAY_MS)).length;
  const young = times.filter((time) => Date.parse(time) > Date.parse(evidence.now) - DELIVERY_MS).length;
  return { compared, young, older: times.length - compared - young };
}

function recordsWithoutEvent(context: Context): void {
  const { survey, operations, report } = context;
  for (const { records, objects } of survey.chains) {
    for (const record of records) {
      const { operation, time, stackId, sequence } = record;
      const key = objects.get(sequence)?.key ?? '';
      const event = operations.of(record);
      if (event) {
        checkOperation(record, event, key, report);
        const isLate = Date.parse(time) - Date.parse(event.time) > DAY_MS + CLOCKS_MS;
        if (isLate && !operations.before(stackId, time) && isCovered(context, time, DAY_MS)) {
          report(
            'MoveLongAfterEvent',
            key,
            `is record ${sequence} of ${record.alias} and says ${time}; its stack operation began at ${event.time}, and none of that stack in the day before: it was not written by a deployment, but by somebody who called the registry's function or had its role`,
            { events: [event.id] },
          );
        }
      } else if (isCovered(context, time, DAY_MS)) {
        const what =
          operation === null
            ? `on stack ${stackName(stackId)} in the day before ${time}`
            : `with the token ${operation}`;
        report(
          'MoveWithoutEvent',
          key,
          `is record ${sequence} of ${record.alias}; CloudTrail has no stack operation ${what}: it was not written by a deployment`,
        );
      }
    }
  }
}

function checkOperation(
  { stackId, time, alias, sequence }: LedgerRecord,
  event: TrailEvent,
  key: string,
  report: Report,
): void {
  const events = [event.id];
  const stacks = stackNames(event);
  if (stacks.length > 0 && !stacks.includes(stackName(stackId))) {
    report(
      'OperationOfAnotherStack',
      key,
      `is record ${sequence} of ${alias} and says stack ${stackName(stackId)}; its operation was on ${stacks.join(', ')}`,
      { events },
    );
  }
  if (Date.parse(event.time) > Date.parse(time) + CLOCKS_MS) {
    report(
      'MoveBeforeEvent',
      key,
      `is record ${sequence} of ${alias} and says ${time}; its stack operation began at ${event.time}, later: the time is not the true one`,
      { events },
    );
  }
}

function publications(context: Context): void {
  const { evidence, survey, trail, report } = context;
  const ids = promptIds(survey, evidence);
  const archived = new Set(survey.archives.map(({ promptId, version }) => `${promptId}:${version}`));
  const held = new Set(
    [...(evidence.held ?? [])].flatMap(([id, found]) => found?.map(({ version }) => `${id}:${version}`) ?? []),
  );
  const calls = trail.events.filter((event) => event.errorCode === null && ids.has(promptOf(event) ?? ''));
  const made = calls.filter(({ name }) => name === 'CreatePromptVersion');
  const name = (event: TrailEvent) => `${promptOf(event)}:${versionOf(event)}`;
  const deleted = new Set(calls.filter((event) => event.name === 'DeletePrompt').map(name));
  for (const event of made) {
    const events = [event.id];
    if (evidence.publisher !== null && roleName(event.identity) !== evidence.publisher) {
      report(
        'VersionByOther',
        name(event),
        `was made at ${event.time} by ${actorName(event.identity)}, not by the registry's publisher`,
        { events, ...levelOf(event, survey) },
      );
      continue;
    }
    const isTold = versionOf(event) === null || archived.has(name(event)) || deleted.has(name(event));
    if (isTold || !isCovered(context, event.time)) continue;
    // A publisher that died before it could archive; the next deployment archives it.
    if (!evidence.held || held.has(name(event)))
      report('NotArchived', name(event), `was made by the publisher at ${event.time} and is not in the archive`, {
        level: 'note',
        events,
      });
    else
      report(
        'PublicationGone',
        name(event),
        `was made by the publisher at ${event.time}; neither the archive nor Bedrock has it, and no call deleted it`,
        { events },
      );
  }
  publicationsWithoutOperation(context);
  if (made.some((event) => versionOf(event) === null)) return;
  const known = new Set(made.map(name));
  for (const { promptId, version, digest, object } of survey.archives) {
    if (known.has(`${promptId}:${version}`)) continue;
    const claims = survey.claims.get(promptId) ?? [];
    const claimed = claims
      .filter((claim) => claim.digest === digest && claim.after < version)
      .flatMap((claim) => readVersion(claim.object)?.time ?? []);
    const time = claimed.sort().at(-1) ?? readVersion(object)?.time;
    if (time === undefined || !isCovered(context, time, DAY_MS)) continue;
    report(
      'PublicationWithoutEvent',
      object.key,
      `was published at ${time}; CloudTrail has no call that made version ${version}`,
    );
  }
}

/** The publisher claims a version while its stack is deployed; called by hand, it would publish what the draft holds then. */
function publicationsWithoutOperation(context: Context): void {
  const { survey, operations, report } = context;
  for (const { promptId, version, digest, object } of survey.archives) {
    const claim = survey.claims.get(promptId)?.findLast((one) => one.digest === digest && one.after < version);
    const time = claim && readVersion(claim.object)?.time;
    const stackId = claimingStack(claim?.object.body);
    if (!time || !stackId || !isCovered(context, time, DAY_MS) || operations.before(stackId, time)) continue;
    report(
      'PublicationWithoutOperation',
      object.key,
      `was published at ${time} for the stack ${stackName(stackId)}; CloudTrail has no operation of that stack in the day before: it was not published by a deployment`,
    );
  }
}

function claimingStack(body = '{}'): string | null {
  try {
    return text(object(JSON.parse(body)).stackId);
  } catch {
    return null;
  }
}

/** A prompt that was adopted is its owner's: a note, until the registry itself publishes its versions. */
function levelOf(event: TrailEvent, { archives, claims }: LedgerSurvey): { level?: 'note' } {
  const promptId = promptOf(event) ?? '';
  const own = [...archives.filter((one) => one.promptId === promptId), ...(claims.get(promptId) ?? [])];
  const isPublished = own.some(({ object }) => Date.parse(readVersion(object)?.time ?? '') <= Date.parse(event.time));
  return isPublished ? {} : { level: 'note' };
}

function prompts({ evidence, survey, trail, report }: Context): void {
  const ids = promptIds(survey, evidence);
  for (const event of trail.events) {
    const promptId = promptOf(event) ?? '';
    if (event.errorCode !== null || !ids.has(promptId)) continue;
    const who = actorName(event.identity);
    const events = [event.id];
    // The publisher sets types right that CloudFormation changed: docs/adr/0012-types-set-right-in-the-draft.md.
    const isPublisher = evidence.publisher !== null && roleName(event.identity) === evidence.publisher;
    if (event.name === 'UpdatePrompt' && !isPublisher && !isStackExecution(event, evidence.stacks)) {
      report(
        'DraftChanged',
        `prompt ${promptId}`,
        `had its draft changed at ${event.time} by ${who}; no version changes by that`,
        { level: 'note', events },
      );
    }
    if (event.name !== 'DeletePrompt') continue;
    const version = versionOf(event);
    if (version === null) {
      // A first deployment that fails takes back the prompt that it made.
      const byStack = isStackExecution(event, evidence.stacks);
      report('PromptDeleted', `prompt ${promptId}`, `was deleted at ${event.time} by ${who}, with all its versions`, {
        ...(byStack && { level: 'note' }),
        events,
      });
    } else if (evidence.publisher !== null && !isPublisher) {
      report(
        'VersionDeleted',
        `${promptId}:${version}`,
        `was deleted at ${event.time} by ${who}, not by the registry's publisher`,
        { events, ...levelOf(event, survey) },
      );
    }
  }
}

function parametersByHand({ evidence, parameters, report }: Context): void {
  for (const { name, history } of evidence.parameters ?? []) {
    for (const event of parameters.of(name)) {
      if (isStackExecution(event, evidence.stacks)) continue;
      // What the history still has is told there, with the value.
      if (history?.some(({ version, time }) => parameters.write(name, version, time) === event)) continue;
      const what = event.name === 'PutParameter' ? 'written' : 'deleted';
      report('WrittenByHand', name, `was ${what} at ${event.time} by ${actorName(event.identity)}, not by the stack`, {
        events: [event.id],
      });
    }
  }
}

/** S3's data events of the ledger: who wrote each record, and what was written or deleted that is not there. */
/** What the registry does to no object. */
const OBJECT_EVENTS: Readonly<Record<string, string>> = {
  PutObjectRetention: 'had its retention changed',
  PutObjectLegalHold: 'had its legal hold changed',
  PutObjectAcl: 'had its access control list changed',
  UpdateObjectEncryption: 'had its encryption changed',
};

function objectEvents(context: Context): void {
  const { evidence, survey, trail, report } = context;
  const events = trail.events.filter(
    (event) => event.source === 's3.amazonaws.com' && text(event.request.bucketName) === evidence.bucket,
  );
  const present = new Set(evidence.objects.map(({ key }) => key));
  const written = new Map<string, TrailEvent>();
  let first = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const key = text(event.request.key);
    if (key === null) continue;
    const who = actorName(event.identity);
    if (event.name === 'PutObject' || event.name === 'DeleteObject') first = Math.min(first, Date.parse(event.time));
    if (event.name === 'DeleteObject' || event.name === 'DeleteObjects') {
      if (event.errorCode === null)
        report('ObjectDeleted', key, `was deleted at ${event.time} by ${who}`, { events: [event.id] });
      else
        report('DeleteRefused', key, `was to be deleted at ${event.time} by ${who}; S3 refused (${event.errorCode})`, {
          level: 'note',
          events: [event.id],
        });
    }
    const lock = OBJECT_EVENTS[event.name];
    if (lock !== undefined && event.errorCode === null)
      report('ObjectChanged', key, `${lock} at ${event.time} by ${who}, not by the registry`, { events: [event.id] });
    if (event.name !== 'PutObject' || event.errorCode !== null) continue;
    const writer = keyKind(key) === 'record' || keyKind(key) === 'reason' ? evidence.releaser : evidence.publisher;
    if (writer !== null && roleName(event.identity) !== writer) {
      report('ObjectByOther', key, `was written at ${event.time} by ${who}, not by the registry`, {
        events: [event.id],
      });
    }
    if (!present.has(key) && isCovered(context, event.time)) {
      report(
        'ObjectGone',
        key,
        `was written at ${event.time} and is not there any more, nor hidden by a marker: it was deleted for good`,
        { events: [event.id] },
      );
    }
    written.set(key, event);
  }
  for (const { objects, records } of survey.chains) {
    for (const { sequence } of records) {
      const object = objects.get(sequence);
      const time = object && readVersion(object)?.time;
      if (!object || !time || Date.parse(time) <= first + CLOCKS_MS || !isCovered(context, time)) continue;
      if (!written.has(object.key))
        report(
          'RecordWithoutWrite',
          object.key,
          `is in S3 since ${time}; the trail has no call that wrote it, but has others of that time`,
        );
    }
  }
}

function promptIds({ chains, archives }: LedgerSurvey, { held, parameters = [] }: AuditEvidence): Set<string> {
  return new Set(
    [...chains, ...archives, ...parameters].map(({ promptId }) => promptId).concat([...(held?.keys() ?? [])]),
  );
}

/** Bedrock's id of the prompt that a call was about. */
export function promptOf({ request, response, resources }: TrailEvent): string | null {
  for (const name of [text(request.promptIdentifier), text(response.arn), text(response.id), ...resources]) {
    if (name !== null) {
      const id = /^(?:arn:[^:]*:bedrock:[^:]*:[^:]*:prompt\/)?([0-9a-zA-Z]{10})(?::[0-9A-Z]+)?$/.exec(name)?.[1];
      if (id) return id;
    }
  }
  return null;
}

/** The version that a call made, deleted or used; null for the draft or the prompt itself. */
export function versionOf({ request, response, resources }: TrailEvent): number | null {
  const told = [response.version, request.promptVersion];
  for (const value of told) {
    const number = Number(value);
    if (value !== undefined && value !== null && Number.isInteger(number) && number >= 1) return number;
  }
  for (const name of [text(request.promptIdentifier), text(response.arn), ...resources]) {
    const version = versionOfArn(name ?? undefined);
    if (version !== null) return version;
  }
  return null;
}
