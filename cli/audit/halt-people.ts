import { DELIVERY_MS } from '../../core/audit/evidence';
import { type Covered, haltedBy, type Person } from '../../core/audit/release-log';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import type { PartialReading } from '../partial-reading';
import { type AuditScope, accountOf, controllerOf } from './audit-scope';
import { awsNow } from './aws-clock';
import { controllerCallsAround } from './controller-callers';
import { EventHistory } from './event-history';
import { type EventSources, issuersOf } from './people';
import { TrailFiles, type TrailPlace } from './trail-files';

export interface HaltPeopleProps {
  readonly place: TrailPlace;
  readonly now: Date;
  readonly say: (doing: string) => void;
  readonly reading: PartialReading;
}

/** Who asked for some halts, in their order, from the files of a trail. */
export async function haltPeople(
  scope: AuditScope,
  halts: readonly RolloutStep[],
  { place, now: told, say, reading }: HaltPeopleProps,
): Promise<Person[]> {
  const { clients, region } = scope;
  const now = awsNow(clients, told);
  const files = new TrailFiles(clients.s3, place, accountOf(scope, []), say);
  const history = (elsewhere?: string) => new EventHistory(clients.cloudTrail(elsewhere), say);
  const sources: EventSources = { region, files, now, history };
  // Until S3 took the record, minutes may have gone by since the halt.
  const moments = halts.flatMap(({ at, time }) => [Date.parse(at), Date.parse(time)]);
  const controllerCalls = await controllerCallsAround(sources, controllerOf(scope)?.functionName, moments);
  const asked = (controllerCalls ?? []).filter(({ identity }) => identity.type !== 'AWSService');
  // Who issued a caller's credentials stands in the trail's files as well.
  const issuers =
    (await reading.attempt("CloudTrail's event history", () => issuersOf(sources, asked))) ??
    (await issuersOf({ ...sources, history: undefined }, asked));
  if (files.notRead !== undefined) reading.leave(files.notRead);
  const to = new Date(now.getTime() - DELIVERY_MS).toISOString();
  const covered: Covered = { from: '', to, ...(files.notRead !== undefined && { unread: to }) };
  return halts.map((halt) => haltedBy(halt, { controllerCalls, issuers, covered }));
}
