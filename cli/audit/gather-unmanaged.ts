import { type LedgerSurvey, surveyLedger } from '../../core/audit/ledger-survey';
import { type CallableSpan, callableSpans } from '../../core/audit/release-log';
import { UnmanagedCalls } from '../../core/audit/unmanaged-calls';
import { FOLDERS, promptPrefix } from '../../core/ledger/layout';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import type { RegistryStack } from '../registry-stack';
import { type AuditScope, accountOf, auditScope, promptIdsNamed } from './audit-scope';
import { awsNow } from './aws-clock';
import { callerNames } from './caller-names';
import { ledgerObjects, listVersions } from './ledger-objects';
import { sinceOf } from './span';
import { TrailFiles, trailPlace } from './trail-files';
import type { UnmanagedUsage } from './unmanaged-text';

const DEFAULT_DAYS = 7;
const DAY_MS = 86_400_000;

/** Counts the calls of models by holders of the callers' policies that name no callable version, from a trail's files. */
export async function gatherUnmanaged(context: CommandContext, say: (doing: string) => void): Promise<UnmanagedUsage> {
  const { positionals, values, now } = context;
  if (typeof values['trail-bucket'] !== 'string') {
    throw usageError(
      'who called which model stands in the files of a trail',
      "name the trail's bucket with --trail-bucket; PromptAuditTrail makes a trail with the management events that it takes",
    );
  }
  const place = trailPlace(values['trail-bucket']);
  const since = sinceOf(values.since, now()) ?? new Date(now().getTime() - DEFAULT_DAYS * DAY_MS);
  const [prompt] = positionals;
  const scope = await auditScope(context, prompt);
  const { clients, stack, region } = scope;
  const holders = stack && (await callerNames(clients, stack));
  if (!stack || !holders) throw nobodyKnown(stack !== undefined);
  const promptIds = prompt === undefined ? undefined : await promptIdsNamed(scope, prompt);
  const prefixes = promptIds?.map((id) => promptPrefix('ledger', id)) ?? [FOLDERS.ledger];
  const { chains } = await survey(scope, prefixes);
  const calls = new UnmanagedCalls(new Set(holders), await callable(chains, stack));
  const stackIds = chains.flatMap(({ records }) => records.map(({ stackId }) => stackId));
  const files = new TrailFiles(clients.s3, place, accountOf(scope, stackIds), say);
  const time = awsNow(clients, now());
  for await (const { events } of files.read(region, since.getTime(), time.getTime())) {
    for (const event of events) if (event.time >= since.toISOString()) calls.add(event);
  }
  const notes = files.problems.map(({ key, detail }) => `${key} cannot be used: ${detail}`);
  if (calls.calls === 0) {
    notes.push('no holder called any model in this time, as far as the trail tells: does it take management events?');
  }
  return {
    since: since.toISOString(),
    time: time.toISOString(),
    files: files.count,
    holders,
    looked: calls.calls,
    // With a prompt named, calls of others are nobody's question.
    calls: calls.list().filter(({ kind }) => prompt === undefined || kind !== 'other prompt'),
    notes,
  };
}

function nobodyKnown(isStackThere: boolean): CliError {
  return new CliError({
    what: "nobody knows here who holds the callers' policies",
    why: isStackThere ? 'iam:ListEntitiesForPolicy is not allowed to you' : "the registry's stack is gone",
    fix: 'the audit grants of PromptAuditTrail allow it: use that role',
  });
}

async function survey({ clients, bucket }: AuditScope, prefixes: readonly string[]): Promise<LedgerSurvey> {
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
