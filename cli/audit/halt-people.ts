import { DELIVERY_MS } from '../../core/audit/evidence';
import { haltedBy, type Person } from '../../core/audit/release-log';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { type AuditScope, accountOf, controllerOf } from './audit-scope';
import { awsNow } from './aws-clock';
import { controllerCallsAround } from './controller-callers';
import { EventHistory } from './event-history';
import { issuersOf } from './people';
import { TrailFiles, type TrailPlace } from './trail-files';

export interface HaltPeopleProps {
  readonly place: TrailPlace;
  readonly now: Date;
  readonly say: (doing: string) => void;
}

/** Who asked for some halts, in their order, from the files of a trail. */
export async function haltPeople(
  scope: AuditScope,
  halts: readonly RolloutStep[],
  { place, now: told, say }: HaltPeopleProps,
): Promise<Person[]> {
  const { clients, region } = scope;
  const now = awsNow(clients, told);
  const files = new TrailFiles(clients.s3, place, accountOf(scope, []), say);
  const history = (elsewhere?: string) => new EventHistory(clients.cloudTrail(elsewhere), say);
  const sources = { region, files, now, history };
  const moments = halts.map(({ time }) => Date.parse(time));
  const controllerCalls = await controllerCallsAround(sources, controllerOf(scope)?.functionName, moments);
  const asked = (controllerCalls ?? []).filter(({ identity }) => identity.type !== 'AWSService');
  const issuers = await issuersOf(sources, asked);
  const covered = { from: '', to: new Date(now.getTime() - DELIVERY_MS).toISOString() };
  return halts.map((halt) => haltedBy(halt, { controllerCalls, issuers, covered }));
}
