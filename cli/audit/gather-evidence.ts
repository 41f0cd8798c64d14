import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { evaluationsWithRows, signedEvaluations } from '../../core/audit/evaluation-rows';
import type {
  AuditEvidence,
  EventEvidence,
  HeldVersion,
  KeptGates,
  KnownHead,
  ParameterEvidence,
  RowsEvidence,
  TrailFileEvidence,
} from '../../core/audit/evidence';
import type { CheckName } from '../../core/audit/finding';
import { type LedgerSurvey, surveyLedger } from '../../core/audit/ledger-survey';
import type { LoggedEvidence } from '../../core/audit/logged-usage';
import { roleIdOf } from '../../core/audit/renderings';
import { lastPart, type TrailEvent } from '../../core/audit/trail-event';
import { WATCHED_EVENTS } from '../../core/audit/watched-events';
import { isAccessError } from '../../core/contract/access-error';
import { HANDLER_ROLES } from '../../core/contract/handler-name';
import { logicalId, parameterName } from '../../core/contract/names';
import { progressParameterName, rolloutParameterName } from '../../core/contract/rollout-parameters';
import { FOLDERS, promptPrefix } from '../../core/ledger/layout';
import { plural } from '../../studio/plural';
import { explained } from '../aws-failure';
import { bucketSettings } from '../bucket-settings';
import { replacedRoles } from '../pinned-roles';
import { RegistryReader } from '../registry-reader';
import { isReady } from '../release/stack-readiness';
import { changedAt } from '../stack-finder';
import { takenNames } from '../taken-names';
import { digestOrNull } from '../version-content';
import { type AuditScope, accountOf, controllerOf, registryRoles, stackEvidence } from './audit-scope';
import { callerNames } from './caller-names';
import { callsLeftOut } from './calls-left-out';
import { EventHistory } from './event-history';
import { gatherLogged } from './invocation-logs';
import { keptRows, type RowsPlace } from './kept-rows';
import { type BucketListing, ledgerObjects, listVersions } from './ledger-objects';
import { parameterHistory } from './parameter-history';
import { policyEvidence } from './policy-evidence';
import { TrailFiles, type TrailPlace } from './trail-files';
import { readTrail, type TrailReading } from './trail-reading';
import { loggedNotes } from './unmanaged-text';

/** A check that could not be done, or only in part. */
export interface NotRun {
  readonly check: CheckName | 'versions of objects' | 'trails';
  readonly why: string;
  /** It was asked for and failed; otherwise nobody asked. */
  readonly failed: boolean;
}

export interface GatherProps {
  /** Bedrock's ids of the prompts to look at. @default - all */
  readonly promptIds?: readonly string[];
  /** How far back CloudTrail is asked. */
  readonly since: Date;
  readonly trailPlace?: TrailPlace;
  readonly knownHeads?: readonly KnownHead[];
  readonly keptGates?: KeptGates;
  readonly rowsPlace?: RowsPlace;
  /** Group with Bedrock's invocation logs. */
  readonly invocationLogs?: string;
  /** Name of the prompt to look at. @default - all */
  readonly promptName?: string | undefined;
  readonly now: Date;
  readonly say: (doing: string) => void;
}

export interface Gathered {
  readonly evidence: AuditEvidence;
  readonly notRun: readonly NotRun[];
  readonly trails: readonly KnownTrail[];
}

export interface KnownTrail {
  readonly name: string;
  readonly arn: string;
  readonly bucket: string;
  readonly isLogging: boolean | null;
  /** What keeps it from delivering now; null where nothing does, or where that may not be asked. */
  readonly error: string | null;
  readonly validates: boolean;
}

/** Objects that a line names. */
const NAMED = 5;

type Attempt = <T>(check: NotRun['check'], work: () => Promise<T>) => Promise<T | undefined>;

/** Reads all that `audit verify` judges. What cannot be read is named, and the rest is read. */
export async function gatherEvidence(scope: AuditScope, props: GatherProps): Promise<Gathered> {
  const { promptIds, now, say } = props;
  const notRun: NotRun[] = [];
  const attempt = async <T>(check: NotRun['check'], work: () => Promise<T>, failed = true): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const { message, why } = explained(error);
      notRun.push({ check, why: [message, why].filter((text) => text).join(': '), failed });
      return undefined;
    }
  };
  const objects = await readObjects(scope, promptIds, say, notRun);
  const survey = surveyLedger(objects);
  const stackIds = new Set(survey.chains.flatMap(({ records }) => records.map(({ stackId }) => stackId)));
  say('reading stacks and roles');
  const stacks = await stackEvidence(scope, stackIds);
  const { publisher, releaser } = await registryRoles(scope);
  if (publisher === null || releaser === null) {
    notRun.push({
      check: 'CloudTrail',
      why: "the registry's roles are not known, so who made a version is not judged",
      failed: false,
    });
  }
  const own = (scope.stack?.aliases ?? []).flatMap(({ promptName }) => promptIdOf(scope.stack, promptName) ?? []);
  const seen = [...survey.chains, ...survey.archives].map(({ promptId }) => promptId);
  const ids = new Set(promptIds ?? [...seen, ...own]);
  const held = await attempt('archive', () => heldVersions(scope, ids, say));
  const parameters = await attempt('parameters', () => aliasParameters(scope, survey, ids, say));
  const policies = await attempt('policies', () => policiesOf(scope, { survey, held, ids }, say, notRun));
  const bucket = await attempt('bucket', () => bucketOf(scope, say, notRun));
  const trails = (await attempt('trails', () => knownTrails(scope, props.trailPlace), false)) ?? [];
  const read = await readEvents(scope, props, { survey, stackIds, trails }, attempt, notRun);
  const logged = await loggedOf(scope, props, { survey, callers: policies?.callers }, attempt, notRun);
  const rows = await rowsOf(scope, props, survey, attempt, notRun);
  const evidence: AuditEvidence = {
    now: now.toISOString(),
    bucket: scope.bucket,
    objects,
    publisher,
    releaser,
    stacks,
    ...(held && { held }),
    ...(parameters && { parameters }),
    ...policies,
    ...bucket,
    ...(read.trail && { trail: read.trail }),
    ...(read.files && { files: read.files }),
    ...functionsOf(scope),
    silentTrails: (props.trailPlace ? trails : [])
      .filter(({ isLogging }) => isLogging === false)
      .map(({ name }) => name),
    undelivered: props.trailPlace ? trails.flatMap(({ name, error }) => (error ? [{ name, error }] : [])) : [],
    ...headsOf(props),
    ...(props.keptGates && { keptGates: props.keptGates }),
    ...(logged && { logged }),
    ...(rows && { rows }),
    ...(trails.length > 0 && props.trailPlace && { trails: trails.map(({ name }) => name) }),
  };
  notRun.push(...untoldByRenderings(evidence, survey));
  return { evidence, notRun, trails };
}

/** Of a prompt that was not asked for nothing was read. */
function headsOf({ knownHeads, promptIds }: GatherProps): Pick<AuditEvidence, 'knownHeads'> {
  return knownHeads ? { knownHeads: knownHeads.filter(({ promptId }) => promptIds?.includes(promptId) ?? true) } : {};
}

async function readObjects(
  { clients, bucket }: AuditScope,
  promptIds: readonly string[] | undefined,
  say: GatherProps['say'],
  notRun: NotRun[],
) {
  say('listing the ledger');
  const prefixes = promptIds
    ?.flatMap((id) =>
      (['ledger', 'versions', 'reviews', 'rollouts', 'tags'] as const).map((folder) => promptPrefix(folder, id)),
    )
    .concat(FOLDERS.reasons) ?? [''];
  const listing: BucketListing = await listVersions(clients.s3, bucket, prefixes);
  if (!listing.withVersions) {
    const why = 's3:ListBucketVersions is missing: rewritten objects and delete markers cannot be seen';
    notRun.push({ check: 'versions of objects', why, failed: true });
  }
  const { objects, denied } = await ledgerObjects(clients.s3, bucket, listing, (read, of) =>
    say(`reading the ledger: ${read} of ${of} objects`),
  );
  if (denied > 0) {
    notRun.push({
      check: 'objects',
      why: `s3:GetObject is missing: ${denied} of ${objects.length} objects could not be read`,
      failed: true,
    });
  }
  return objects;
}

/** What callers sent, and of how many calls nobody can tell. */
async function loggedOf(
  { clients }: AuditScope,
  { invocationLogs: group, promptName: prompt, since: from, now: to, say }: GatherProps,
  { survey, callers: holders }: { survey: LedgerSurvey; callers: AuditEvidence['callers'] },
  attempt: Attempt,
  notRun: NotRun[],
): Promise<LoggedEvidence | undefined> {
  if (group === undefined) return undefined;
  const leave = (why: string, failed: boolean) => void notRun.push({ check: 'invocation logs', why, failed });
  if (!holders) {
    leave("nobody knows who holds the callers' policies", true);
    return undefined;
  }
  const logged = await attempt('invocation logs', () =>
    gatherLogged(clients, { group, from, to, holders, survey, prompt, say }),
  );
  if (!logged) return undefined;
  for (const { principal, why, count } of logged.untold.slice(0, NAMED)) {
    leave(`${plural(count, 'call')} by ${lastPart(principal)} cannot be told: ${why}`, false);
  }
  if (logged.untold.length > NAMED) leave('audit usage --unmanaged --invocation-logs lists more', false);
  for (const why of loggedNotes(logged))
    leave(
      why,
      logged.unread.some((one) => why.endsWith(one.why)),
    );
  return logged;
}

/** The runs that were kept, and which signed evaluations are compared with none. */
async function rowsOf(
  { clients }: AuditScope,
  { rowsPlace, say }: GatherProps,
  survey: LedgerSurvey,
  attempt: Attempt,
  notRun: NotRun[],
): Promise<readonly RowsEvidence[] | undefined> {
  const leave = (why: string) => void notRun.push({ check: 'approvals', why, failed: false });
  const all = evaluationsWithRows(survey, []).length;
  if (!rowsPlace) {
    if (all > 0)
      leave(`${plural(all, 'signed evaluation')} not compared with rows: name where they are kept with --rows`);
    return undefined;
  }
  const kept = await attempt('approvals', () => keptRows(clients.s3, rowsPlace, say));
  if (!kept) return undefined;
  const without = evaluationsWithRows(survey, kept.rows).filter(({ own, other }) => own.length + other.length === 0);
  if (without.length > 0) {
    const keys = [...without.slice(0, NAMED).map(({ key }) => key), ...(without.length > NAMED ? ['…'] : [])];
    leave(`${without.length} of ${plural(all, 'signed evaluation')} not compared, without rows: ${keys.join(', ')}`);
  }
  if (kept.others.length > 0) {
    const names = [...kept.others.slice(0, NAMED), ...(kept.others.length > NAMED ? ['…'] : [])];
    leave(
      `${plural(kept.others.length, 'file')} that ${kept.others.length === 1 ? 'is' : 'are'} no run: ${names.join(', ')}`,
    );
  }
  return kept.rows;
}

/** What Bedrock holds of each prompt, content by content, at the pace that Bedrock allows. */
async function heldVersions({ clients, bucket, stack }: AuditScope, ids: Iterable<string>, say: GatherProps['say']) {
  const reader = new RegistryReader(clients, { parameterPrefix: stack?.parameterPrefix ?? '', ledgerBucket: bucket });
  const held = new Map<string, HeldVersion[] | null>();
  for (const id of ids) {
    say(`comparing the versions of ${id} with Bedrock`);
    try {
      const versions = await reader.versions(id);
      const contents = versions.map(async ({ version, created }): Promise<HeldVersion[]> => {
        const content = await reader.held(id, version);
        if (!content) return [];
        return [{ version, digest: digestOrNull(content.variant), created: created?.toISOString() ?? null }];
      });
      held.set(id, (await Promise.all(contents)).flat());
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      held.set(id, null);
    }
  }
  return held;
}

/** The parameter of each alias that the ledger or the stack knows. */
async function aliasParameters(
  { clients, stack }: AuditScope,
  { chains }: LedgerSurvey,
  ids: ReadonlySet<string>,
  say: GatherProps['say'],
): Promise<ParameterEvidence[]> {
  const wanted = new Map<string, Omit<ParameterEvidence, 'history'>>();
  for (const { promptId, alias, records } of chains) {
    const newest = records.at(-1);
    if (!newest) continue;
    const name = parameterName(newest.registry, newest.prompt, alias);
    // A prompt that was made again has the parameter now; its older chains ended.
    const other = wanted.get(name);
    const otherTime =
      other && chains.find((chain) => chain.promptId === other.promptId && chain.alias === alias)?.records.at(-1)?.time;
    if (otherTime === undefined || otherTime < newest.time)
      wanted.set(name, { name, promptId, alias, stackId: newest.stackId });
  }
  for (const { promptName, aliasName } of stack?.aliases ?? []) {
    const name = parameterName(stack?.parameterPrefix ?? '', promptName, aliasName);
    const promptId = promptIdOf(stack, promptName);
    if (promptId !== undefined && ids.has(promptId) && !wanted.has(name))
      wanted.set(name, { name, promptId, alias: aliasName, stackId: stack?.stackId ?? null });
  }
  const rolling = rollingAliases(stack, chains);
  const found: ParameterEvidence[] = [];
  for (const parameter of wanted.values()) {
    say(`reading the history of ${parameter.name}`);
    found.push(await withHistories(clients, parameter, rolling.has(`${parameter.promptId} ${parameter.alias}`)));
  }
  return found;
}

/** Prompt id and name of the aliases that have a rollout now, or had one. */
function rollingAliases(stack: AuditScope['stack'], chains: LedgerSurvey['chains']): ReadonlySet<string> {
  const had = chains.filter(({ records }) => records.some(({ rollout }) => rollout));
  const have = (stack?.aliases ?? []).filter(({ promptName, aliasName }) =>
    stack?.resources.has(logicalId(stack.parameterPrefix, promptName, aliasName, 'RolloutProgress')),
  );
  return new Set([
    ...had.map(({ promptId, alias }) => `${promptId} ${alias}`),
    ...have.map(({ promptName, aliasName }) => `${promptIdOf(stack, promptName)} ${aliasName}`),
  ]);
}

async function withHistories(
  { ssm }: AuditScope['clients'],
  parameter: Omit<ParameterEvidence, 'history'>,
  rolls: boolean,
): Promise<ParameterEvidence> {
  const history = await parameterHistory(ssm, parameter.name);
  if (!rolls) return { ...parameter, history };
  const plan = await parameterHistory(ssm, rolloutParameterName(parameter.name));
  const progress = await parameterHistory(ssm, progressParameterName(parameter.name));
  return { ...parameter, history, rollout: { plan, progress } };
}

/** Nothing where the stack is at work, or was since it was read: ledger and policies would be of different moments. */
async function policiesOf(
  scope: AuditScope,
  read: { survey: LedgerSurvey; held: AuditEvidence['held']; ids: ReadonlySet<string> },
  say: GatherProps['say'],
  notRun: NotRun[],
): Promise<Pick<AuditEvidence, 'policies' | 'callers' | 'takenNames' | 'unknownNames'> | undefined> {
  const { clients, stack } = scope;
  const leave = (why: string, failed: boolean) => void notRun.push({ check: 'policies', why, failed });
  if (!stack) {
    leave("without the registry's stack nobody knows which policies are its own", false);
    return undefined;
  }
  say('comparing the policies of callers');
  const promptId = (name: string) => promptIdOf(stack, name) ?? promptIdInLedger(read.survey, name);
  const { policies, left } = await policyEvidence(scope, { stack, promptId, ...read });
  const names = await takenNames(clients.iam, stack).catch((error: Error) => {
    if (isAccessError(error)) return undefined;
    throw error;
  });
  const callers = await callerNames(clients, stack);
  const moved = await movedMeanwhile(scope);
  if (moved !== undefined) {
    leave(moved, true);
    return undefined;
  }
  for (const why of left) leave(why, true);
  if (!names) leave('iam:ListPolicies and iam:GetPolicy are missing: names that somebody took cannot be seen', true);
  else if (!names.isWhole) leave('iam:ListPolicies is missing: a name that is taken under a path cannot be seen', true);
  if (!callers) leave('iam:ListEntitiesForPolicy is missing: calls that go round the registry cannot be seen', true);
  return { policies, callers, ...(names && { takenNames: names.taken, unknownNames: names.unknown }) };
}

/** Why what was read now and the stack as it was read may be of different moments; undefined where they are not. */
async function movedMeanwhile({ clients, stack }: Pick<AuditScope, 'clients' | 'stack'>): Promise<string | undefined> {
  if (!stack) return undefined;
  const { Stacks: [now] = [] } = await clients.cloudFormation.send(
    new DescribeStacksCommand({ StackName: stack.stackId }),
  );
  if (isReady(stack) && now?.StackStatus === stack.status && changedAt(now) === stack.changed) return undefined;
  return `stack ${stack.stackName} is ${now?.StackStatus}, or was updated meanwhile: ask again after that`;
}

/** The bucket's settings, and the roles that its policy names; nothing while the stack is at work on them. */
async function bucketOf(
  { clients, stack, bucket }: AuditScope,
  say: GatherProps['say'],
  notRun: NotRun[],
): Promise<Pick<AuditEvidence, 'settings' | 'declared' | 'replacedRoles'> | undefined> {
  const leave = (why: string, failed: boolean) => void notRun.push({ check: 'bucket', why, failed });
  if (!stack?.ledger) {
    leave('without the stack that made the bucket nobody knows how it is to be set', false);
    return undefined;
  }
  say('comparing the settings of the ledger');
  const { settings, denied } = await bucketSettings(clients.s3, bucket);
  const roles = await replacedRoles(clients.iam, settings.policy ?? '{}', stack.ledger.pinnedRoles).catch(
    (error: Error) => {
      if (isAccessError(error)) return undefined;
      throw error;
    },
  );
  const moved = await movedMeanwhile({ clients, stack });
  if (moved !== undefined) {
    leave(moved, true);
    return undefined;
  }
  if (denied.length > 0) leave(`${denied.join(', ')} missing`, true);
  if (!roles) leave('iam:GetRole is missing: a role that was made again cannot be seen', true);
  return { settings, declared: stack.ledger, ...(roles && { replacedRoles: roles }) };
}

/** Of a prompt that the stack adopted it has no resource. */
function promptIdInLedger({ chains }: LedgerSurvey, promptName: string): string | undefined {
  return chains.find(({ records }) => records.at(-1)?.prompt === promptName)?.promptId;
}

function functionsOf(scope: AuditScope): Pick<AuditEvidence, 'functions' | 'controller'> {
  const controller = controllerOf(scope);
  return { functions: functionNames(scope.stack), ...(controller && { controller }) };
}

function functionNames(stack: AuditScope['stack']): string[] {
  return [...Object.values(HANDLER_ROLES), 'Controller' as const].flatMap((role) => {
    const id = logicalId(stack?.parameterPrefix ?? '', undefined, undefined, role);
    return stack?.resources.get(id)?.physicalId ?? [];
  });
}

function promptIdOf(stack: AuditScope['stack'], promptName: string): string | undefined {
  const id = logicalId(stack?.parameterPrefix ?? '', promptName, undefined, 'Prompt');
  const arn = stack?.resources.get(id)?.physicalId;
  return arn === undefined ? undefined : lastPart(arn);
}

async function knownTrails({ clients }: AuditScope, place: TrailPlace | undefined): Promise<KnownTrail[]> {
  const client = clients.cloudTrail();
  const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  const wanted = trailList.filter(({ S3BucketName }) => place === undefined || S3BucketName === place.bucket);
  return Promise.all(
    wanted.map(async ({ Name = '', TrailARN = '', S3BucketName = '', LogFileValidationEnabled = false }) => {
      const status = await client.send(new GetTrailStatusCommand({ Name: TrailARN })).catch(() => undefined);
      return {
        name: Name,
        arn: TrailARN,
        bucket: S3BucketName,
        isLogging: status?.IsLogging ?? null,
        error: status?.LatestDeliveryError || status?.LatestDigestDeliveryError || null,
        validates: LogFileValidationEnabled,
      };
    }),
  );
}

/** Events of the history and of the trail's files, each once; and what the two say of each other. */
async function readEvents(
  scope: AuditScope,
  { since, now, say, trailPlace: place }: GatherProps,
  known: {
    readonly survey: LedgerSurvey;
    readonly stackIds: Iterable<string>;
    readonly trails: readonly KnownTrail[];
  },
  attempt: Attempt,
  notRun: NotRun[],
): Promise<{ trail?: EventEvidence; files?: TrailFileEvidence }> {
  const begin = EventHistory.begin(now);
  const from = since > begin ? since : begin;
  const history = await attempt('CloudTrail', () =>
    new EventHistory(scope.clients.cloudTrail(), say).named(WATCHED_EVENTS, from, now),
  );
  if (!place) {
    notRun.push({
      check: 'trail files',
      why: "name the trail's bucket with --trail-bucket: for what is older than 90 days, for who wrote each object, for the renderings of signed evaluations, and to compare the trail with CloudTrail's own history",
      failed: false,
    });
    if (!history) return {};
    return { trail: { from: from.toISOString(), to: now.toISOString(), events: history, withDataEvents: false } };
  }
  const files = new TrailFiles(scope.clients.s3, place, accountOf(scope, known.stackIds), say);
  const span = { region: scope.region, from: since.getTime(), to: now.getTime() };
  const signers = new Set(signedEvaluations(known.survey).map(({ signer }) => roleIdOf(signer)));
  const kept = { ledgerBucket: scope.bucket, signers, controller: controllerOf(scope)?.functionName };
  const read = await attempt('trail files', () => readTrail(files, span, kept, history));
  if (read) notRun.push(...untoldByFiles(files, read));
  if (!read && !history) return {};
  const events = new Map<string, TrailEvent>(
    [...(read?.events ?? []), ...(history ?? [])].map((event) => [event.id, event]),
  );
  const trail: EventEvidence = {
    from: beginOf(history && from, read && files.unread === 0 ? read.begins : undefined, now).toISOString(),
    to: now.toISOString(),
    events: [...events.values()],
    withDataEvents: read !== undefined && files.unread === 0,
  };
  if (!read) return { trail };
  const isWhole = isWholeTrail(files, read, known.trails);
  return { trail: { ...trail, ...(isWhole && { renderings: read.renderings }) }, files: read.evidence };
}

/** From when on events are known: of the history, of the files, or of none. */
function beginOf(history: Date | undefined, files: number | undefined, now: Date): Date {
  return new Date(Math.min(history?.getTime() ?? now.getTime(), files ?? now.getTime()));
}

/** Whether nothing of the trail is missing, so that a call which is not in it was not made. */
function isWholeTrail({ unread }: TrailFiles, { evidence }: TrailReading, trails: readonly KnownTrail[]): boolean {
  const isOn = trails.every(({ isLogging, error }) => isLogging !== false && error === null);
  return unread === 0 && evidence.files > 0 && evidence.problems.length === 0 && isOn;
}

function untoldByRenderings(evidence: AuditEvidence, survey: LedgerSurvey): NotRun[] {
  const { trail, files } = evidence;
  const all = signedEvaluations(survey).length;
  if (!trail || !files || all === 0) return [];
  const why = trail.renderings
    ? callsLeftOut({ evidence, survey, trail })
    : `${plural(all, 'signed evaluation')} not compared with renderings: the trail's files are not whole, or it does not log now`;
  return why === undefined ? [] : [{ check: 'CloudTrail', why, failed: false }];
}

/** What the trail's files leave open. */
function* untoldByFiles(files: TrailFiles, { evidence }: TrailReading): Generator<NotRun> {
  const { place, withVersions, unread, notRead } = files;
  const untold = (why: string, failed = true): NotRun => ({ check: 'trail files', why, failed });
  if (!withVersions) yield untold('s3:ListBucketVersions is missing on the trail: rewritten files cannot be seen');
  if (notRead !== undefined) yield untold(`${notRead}; what only they can tell was not judged`);
  if (evidence.files > 0 && evidence.compared === 0)
    yield untold(
      'the trail has no digest files: whether its files are as delivered only aws cloudtrail validate-logs can tell, once log file validation is on',
      false,
    );
  if (evidence.files === 0 && unread === 0)
    yield untold(`s3://${place.bucket}/${place.prefix} has no log files of this account and Region in that time`);
}
