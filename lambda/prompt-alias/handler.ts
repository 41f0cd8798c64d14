import { UNKNOWN_DIGEST } from '../../core/contract/digest-text';
import { NO_VERSION } from '../../core/contract/no-version';
import type { PromptAliasAttribute } from '../../core/contract/prompt-alias-resource';
import { type LedgerEntry, placesIn, recordsIn } from '../../core/ledger/entries';
import { type Places, placesOf } from '../../core/ledger/places';
import type { LedgerRecord } from '../../core/ledger/record';
import { type Rollout, schemaFields } from '../../core/ledger/record-schema-2';
import type { ReviewSource } from '../../core/ledger/review-source';
import type { ModelSource } from '../../core/models/model-facts';
import { RegistryError } from '../../core/registry-error';
import { newestPlace } from '../../core/release/newest-place';
import { firstOf, replayed } from '../../core/release/replayed';
import { historyOnTheWayBack, lastStandings, type Placement } from '../../core/release/standing';
import { AliasLedger, previousDigest } from '../alias-ledger';
import { askAgain } from '../ask-again';
import type { Attributes } from '../attributes';
import type { HandlerClock } from '../clock';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode } from '../error-code';
import { lateRelease, originOfBack, wantedForward } from '../event-origin';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import { passage } from '../passage';
import { isRollback, isRollingBack, type StackOperation } from '../stack-operation';
import { eventDirection } from './event-direction';
import { reasonOfOperation } from './reason-of-operation';
import { type Release, releaseFrom, releaseKind } from './release';
import { endedRollout, newRollout, rolloutToGoBackTo, rolloutValue, runningRollout } from './release-rollout';

export interface PromptAliasDeps {
  readonly store: ObjectStore & ReviewSource;
  readonly stack: StackOperation;
  readonly clock: HandlerClock;
  readonly log: Log;
  /** Name of the registry in each record: its parameter prefix. */
  readonly registry: string;
  /** Gates of the registry by the name of an alias, as JSON. */
  readonly gates: string;
  readonly models: ModelSource;
  /** How long a forward move waits between the policies and the pointer, so that IAM has spread. */
  readonly propagationSeconds: number;
}

const APPEND_TRIES = 20;

/**
 * Records a release in the alias's ledger; the record is the commit point, the parameter follows it.
 *
 * A forward event may write the planned revision + 1 and nothing else. An event that goes back takes the next number
 * whatever happens, even when nothing moves: a forward invocation that CloudFormation gave up on finds its number gone.
 *
 * Either counts only where its stack is about to do it. An event that goes back and was not sent by CloudFormation is
 * answered and changes nothing.
 */
export async function handlePromptAlias(event: CustomResourceEvent, deps: PromptAliasDeps): Promise<Attributes> {
  const release = releaseFrom(event.ResourceProperties);
  const ledger = new AliasLedger(deps.store, release.promptId, release.aliasName);
  switch (eventDirection(event)) {
    case 'forward':
      return goForward(event, release, ledger, deps);
    case 'back':
      return goBack(event, release, ledger, deps);
    case 'unchanged':
      await waitForGuardrail(event, deps);
      return unchanged(release, ledger);
  }
}

async function unchanged(release: Release, ledger: AliasLedger): Promise<Attributes> {
  const places = replayed(placesIn(ledger.entries()));
  return attributes(release, places, runningRollout(await firstOf(places), release));
}

async function goForward(
  event: CustomResourceEvent,
  release: Release,
  ledger: AliasLedger,
  deps: PromptAliasDeps,
): Promise<Attributes> {
  const entries = ledger.entries();
  const records = replayed(recordsIn(entries));
  const [head, before] = [await firstOf(entries), await firstOf(records)];
  // Before anything is written: what cannot be read must not fail a release that is recorded.
  const rollout = runningRollout(before, release) ?? newRollout(release);
  const answer = await attributes(release, records, rollout);
  const kind = releaseKind(before, release.to, release.withdrawn, rollout);
  if (kind === 'abandon') {
    await waitForGuardrail(event, deps);
    return answer;
  }
  if ((head?.sequence ?? 0) !== release.revision) return settle(event, release, ledger, answer, deps);

  const { operation } = await wantedForward(event, deps);
  const isServedNew = kind === 'rollout' ? rollout !== null : kind !== 'withdraw' && release.to !== null;
  if (isServedNew) await waitForIam(event, deps);
  const unjudged = await newRecord(event, { release, operation, head, before, kind, undo: false }, deps);
  // As late as can be: a rejection counts until the record is written.
  const move = { ...release, from: before?.to ?? null, followsContent: false, history: records };
  const passed = await passage(move, deps);
  const ended = await endedRollout(release, before, rollout, deps);
  const record = { ...unjudged, ...schemaFields({ rollout, passed, ended }) };
  return (await isAppended(record, ledger, deps)) ? answer : settle(event, release, ledger, answer, deps);
}

/** False where the record's number was taken before. */
async function isAppended(record: LedgerRecord, ledger: AliasLedger, { log }: PromptAliasDeps): Promise<boolean> {
  if ((await ledger.append(record)) === 'taken') return false;
  log('INFO', 'recorded', summary(record));
  return true;
}

/** Aliases take turns where a stack has many, so most find that the policies were widened long ago. */
async function waitForIam(event: CustomResourceEvent, { stack, clock, log, propagationSeconds }: PromptAliasDeps) {
  const enough = propagationSeconds * 1000;
  if (enough === 0) return;
  const since = await stack.sincePolicies(event.StackId, event.LogicalResourceId, enough).catch((error: unknown) => {
    log('WARN', 'stack events not read', { error: errorCode(error) });
    return 0;
  });
  if (since < enough) await clock.sleep(enough - since);
}

/** The parameter that tells clients to name another guardrail follows at once: IAM has to let them by then. */
async function waitForGuardrail(event: CustomResourceEvent, deps: PromptAliasDeps): Promise<void> {
  if (event.OldResourceProperties?.Guardrail === event.ResourceProperties.Guardrail) return;
  if (!(await isGoingBack(event, deps))) await waitForIam(event, deps);
}

/** The planned number is gone: fine if this very request took it, the end of this release if another one did. */
async function settle(
  event: CustomResourceEvent,
  release: Release,
  ledger: AliasLedger,
  answer: Attributes,
  { stack, clock }: PromptAliasDeps,
): Promise<Attributes> {
  const planned = release.revision + 1;
  const found = await ledger.at(planned);
  if (found !== undefined && isOwn(found, event)) return answer;
  const status = await askAgain(() => stack.status(event.StackId), clock);
  if (isRollback(status)) throw lateRelease(event, status);
  throw new RegistryError(
    'AliasMoved',
    `${release.promptName} ${release.aliasName}: the release was planned as record ${planned} of the ledger, ${
      found === undefined
        ? `which ends at ${(await firstOf(ledger.entries()))?.sequence ?? 0}`
        : `which is a ${found.kind} by request ${found.requestId}`
    }; deploy again to plan anew`,
  );
}

async function goBack(
  event: CustomResourceEvent,
  wanted: Release,
  ledger: AliasLedger,
  deps: PromptAliasDeps,
): Promise<Attributes> {
  const release = event.RequestType === 'Delete' ? { ...wanted, to: null, versionArn: NO_VERSION } : wanted;
  const undo = event.RequestType === 'Update' || (await isGoingBack(event, deps));
  const since = Math.min(release.revision, Number(event.OldResourceProperties?.Revision ?? release.revision) || 0);
  for (let attempt = 1; ; attempt++) {
    const entries = ledger.entries();
    const records = replayed(placesIn(entries));
    const rollout = await rolloutToGoBackTo(release, records);
    const answer = await attributes(
      release,
      historyOnTheWayBack(release.to?.version ?? null, release.withdrawn, records, rollout),
      rollout,
    );
    if (await hasOwnRecord(event, entries, since)) return answer;

    const [head, before] = [await firstOf(entries), await firstOf(records)];
    if (attempt === 1 && (await originOfBack(event, before, deps)) === 'refused') {
      deps.log('WARN', 'not an event of its stack, nothing recorded', { requestId: event.RequestId });
      return answer;
    }
    const to = await withKnownDigest(release, records);
    const withdrawn = withdrawnAfter(event, release, before);
    const kind = releaseKind(before, to, withdrawn, rollout);
    const operation = await operationOf(event, deps);
    const move = { release: { ...release, to, withdrawn }, operation, head, before, kind, undo };
    const ended = await endedRollout(release, before, rollout, deps);
    const record = { ...(await newRecord(event, move, deps)), ...schemaFields({ rollout, passed: null, ended }) };
    if (await isAppended(record, ledger, deps)) return answer;
    if (attempt === APPEND_TRIES) throw ledgerBusy(release);
  }
}

/** The removal of an alias says nothing about withdrawn versions; they stay as they are. */
function withdrawnAfter({ RequestType }: CustomResourceEvent, release: Release, before: Places | undefined) {
  return (RequestType === 'Delete' && before?.withdrawn) || release.withdrawn;
}

function ledgerBusy({ promptName, aliasName }: Release): RegistryError {
  return new RegistryError(
    'LedgerBusy',
    `${promptName} ${aliasName}: ${APPEND_TRIES} sequence numbers in a row were taken by others; try again`,
  );
}

/** One move of the alias, about to be recorded. */
interface Move extends Pick<LedgerRecord, 'operation' | 'undo'> {
  readonly release: Release;
  readonly kind: ReturnType<typeof releaseKind>;
  /** The chain's newest entry, and where it leaves the alias. */
  readonly head: LedgerEntry | undefined;
  readonly before: Places | undefined;
}

async function newRecord(
  event: CustomResourceEvent,
  { release, operation, head, before, kind, undo }: Move,
  deps: PromptAliasDeps,
): Promise<LedgerRecord> {
  return {
    schema: 1,
    registry: deps.registry,
    prompt: release.promptName,
    promptId: release.promptId,
    alias: release.aliasName,
    sequence: (head?.sequence ?? 0) + 1,
    kind,
    undo,
    from: before?.to ?? null,
    to: release.to,
    withdrawn: release.withdrawn,
    stackId: event.StackId,
    logicalId: event.LogicalResourceId,
    requestId: event.RequestId,
    operation,
    // The reason was given for the way forward.
    reason: eventDirection(event) === 'forward' ? await reasonOfOperation(event.StackId, operation, deps) : null,
    time: new Date(deps.clock.now()).toISOString(),
    previous: previousDigest(head),
  };
}

/** Worth having in the record, not worth failing a release for. */
async function operationOf(event: CustomResourceEvent, { stack, clock, log }: PromptAliasDeps): Promise<string | null> {
  return askAgain(() => stack.operation(event.StackId), clock).catch((error: unknown) => {
    log('WARN', 'stack operation not read', { error: errorCode(error) });
    return null;
  });
}

async function isGoingBack(event: CustomResourceEvent, { stack, clock, log }: PromptAliasDeps): Promise<boolean> {
  return askAgain(() => stack.status(event.StackId), clock).then(isRollingBack, (error: unknown) => {
    log('WARN', 'stack status not read', { error: errorCode(error) });
    return false;
  });
}

/** Whether this very request wrote a record already; none that is as old as the plan can be its own. */
async function hasOwnRecord(
  event: CustomResourceEvent,
  entries: AsyncIterable<LedgerEntry>,
  since: number,
): Promise<boolean> {
  for await (const { sequence, body } of entries) {
    if (sequence <= since) return false;
    if (isOwn(placesOf(body), event)) return true;
  }
  return false;
}

function isOwn(record: Places | undefined, event: CustomResourceEvent): boolean {
  return record?.requestId === event.RequestId && record.stackId === event.StackId;
}

/** A version deleted outside the stack has no digest any more, but the alias stood on it, so the ledger knows it. */
async function withKnownDigest({ to }: Release, records: AsyncIterable<Places>): Promise<Release['to']> {
  if (to === null || to.digest !== '') return to;
  const known = await newestPlace(records, ({ version }) => version === to.version);
  return known ?? { ...to, digest: UNKNOWN_DIGEST };
}

function summary({ prompt, alias, sequence, kind, undo, from, to }: LedgerRecord) {
  return { prompt, alias, sequence, kind, undo, from: from?.version ?? null, to: to?.version ?? null };
}

async function attributes(
  release: Release,
  history: AsyncIterable<Placement>,
  rollout: Rollout | null,
): Promise<Attributes> {
  const target = release.to?.version ?? null;
  const previous = target === null ? undefined : (await lastStandings({ target, history, size: 2 }))[1]?.version;
  const answer: Readonly<Record<Exclude<PromptAliasAttribute, 'Rollout'>, string>> = {
    Version: String(target ?? NO_VERSION),
    VersionArn: release.versionArn,
    PreviousVersion: String(previous ?? NO_VERSION),
  };
  return release.settings === undefined ? answer : { ...answer, Rollout: rolloutValue(release, rollout) };
}
