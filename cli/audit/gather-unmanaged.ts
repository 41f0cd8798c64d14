import { type LedgerSurvey, surveyLedger } from '../../core/audit/ledger-survey';
import { type CallableSpan, callableSpans } from '../../core/audit/release-log';
import { UnmanagedCalls } from '../../core/audit/unmanaged-calls';
import { FOLDERS, promptPrefix } from '../../core/ledger/layout';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import type { RegistryStack } from '../registry-stack';
import { type AuditScope, accountOf, auditScope, promptIdsNamed } from './audit-scope';
import { awsNow, throughNow } from './aws-clock';
import { callerNames } from './caller-names';
import { gatherLogged } from './invocation-logs';
import { ledgerObjects, listVersions } from './ledger-objects';
import { sinceOf } from './span';
import { TrailFiles, type TrailPlace, trailPlace } from './trail-files';
import { loggedNotes, type UnmanagedUsage } from './unmanaged-text';

const DEFAULT_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * Counts the calls of models by holders of the callers' policies that name no callable version, from a trail's files, and
 * those that hold more than the version that they name, from Bedrock's invocation logs.
 */
export async function gatherUnmanaged(context: CommandContext, say: (doing: string) => void): Promise<UnmanagedUsage> {
  const { positionals, now } = context;
  const { place, group, since } = placesOf(context);
  const [prompt] = positionals;
  const scope = await auditScope(context, prompt);
  const { clients, stack } = scope;
  const holders = stack && (await callerNames(clients, stack));
  if (!stack || !holders) throw nobodyKnown(stack !== undefined);
  const folders = group === undefined ? (['ledger'] as const) : (['ledger', 'versions'] as const);
  const surveyed = await survey(scope, folders, prompt);
  const calls = new UnmanagedCalls(new Set(holders), await callable(surveyed.chains, stack));
  const time = awsNow(clients, now());
  const span = { from: since, to: time };
  const files = place && (await readTrail(scope, { place, ...span, surveyed, calls, say }));
  const logged =
    group === undefined
      ? undefined
      : await gatherLogged(clients, { group, ...span, holders, survey: surveyed, prompt, say });
  return {
    since: since.toISOString(),
    time: time.toISOString(),
    trail: place ? `s3://${place.bucket}/${place.prefix}` : null,
    files: files?.count ?? 0,
    holders,
    looked: calls.calls,
    // With a prompt named, calls of others are nobody's question.
    calls: calls.list().filter(({ kind }) => prompt === undefined || kind !== 'other prompt'),
    notes: [...(files ? trailNotes(files, calls) : []), ...(logged ? loggedNotes(logged) : [])],
    ...(logged && { logged }),
  };
}

/** Where the calls are looked up, and from when on. */
function placesOf({ values, now }: CommandContext) {
  const { 'trail-bucket': trail, 'invocation-logs': logs } = values;
  const place = typeof trail === 'string' ? trailPlace(trail) : undefined;
  const group = typeof logs === 'string' ? logs : undefined;
  if (!place && group === undefined) {
    throw usageError(
      "who called which model stands in the files of a trail, and what was sent in Bedrock's invocation logs",
      "name the trail's bucket with --trail-bucket, which PromptAuditTrail makes, or the logs' group with --invocation-logs",
    );
  }
  const since = sinceOf(values.since, now()) ?? new Date(now().getTime() - DEFAULT_DAYS * DAY_MS);
  return { place, group, since };
}

interface TrailSpan {
  readonly place: TrailPlace;
  readonly from: Date;
  readonly to: Date;
  readonly surveyed: LedgerSurvey;
  readonly calls: UnmanagedCalls;
  readonly say: (doing: string) => void;
}

async function readTrail(scope: AuditScope, { place, from, to, surveyed, calls, say }: TrailSpan): Promise<TrailFiles> {
  const stackIds = surveyed.chains.flatMap(({ records }) => records.map(({ stackId }) => stackId));
  const files = new TrailFiles(scope.clients.s3, place, accountOf(scope, stackIds), say);
  for await (const { events } of files.read(scope.region, from.getTime(), throughNow(to).getTime())) {
    for (const event of events) if (event.time >= from.toISOString()) calls.add(event);
  }
  return files;
}

function trailNotes({ problems }: TrailFiles, { calls }: UnmanagedCalls): string[] {
  const notes = problems.map(({ key, detail }) => `${key} cannot be used: ${detail}`);
  if (calls > 0) return notes;
  return [
    ...notes,
    'no holder called any model in this time, as far as the trail tells: does it take management events?',
  ];
}

function nobodyKnown(isStackThere: boolean): CliError {
  return new CliError({
    what: "nobody knows here who holds the callers' policies",
    why: isStackThere ? 'iam:ListEntitiesForPolicy is not allowed to you' : "the registry's stack is gone",
    fix: 'the audit grants of PromptAuditTrail allow it: use that role',
  });
}

async function survey(
  scope: AuditScope,
  folders: readonly ('ledger' | 'versions')[],
  prompt: string | undefined,
): Promise<LedgerSurvey> {
  const { clients, bucket } = scope;
  const ids = prompt === undefined ? undefined : await promptIdsNamed(scope, prompt);
  const prefixes = folders.flatMap((folder) => ids?.map((id) => promptPrefix(folder, id)) ?? [FOLDERS[folder]]);
  const listing = await listVersions(clients.s3, bucket, prefixes);
  return surveyLedger((await ledgerObjects(clients.s3, bucket, listing, () => {})).objects);
}

/** What the aliases of each prompt allowed, and when. */
async function callable(chains: LedgerSurvey['chains'], stack: RegistryStack): Promise<Map<string, CallableSpan[]>> {
  const found = new Map<string, CallableSpan[]>();
  for (const chain of chains) {
    const name = chain.records.at(-1)?.prompt;
    const alias = stack.aliases.find((one) => one.promptName === name && one.aliasName === chain.alias);
    const spans = await callableSpans(chain, alias?.callableVersions ?? 5);
    found.set(chain.promptId, [...(found.get(chain.promptId) ?? []), ...spans]);
  }
  return found;
}
