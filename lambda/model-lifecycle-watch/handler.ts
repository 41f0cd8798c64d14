import { STACKS, type WatchSettings } from '../../core/contract/model-lifecycle-watch';
import { type ModelFacts, type ModelSource, readModelFacts } from '../../core/models/model-facts';
import type { Log } from '../log';
import { frugalModels } from './frugal-models';
import { isIdle, isLosable, isUnjudged, type JudgedVersion, judgedVersion } from './judged-version';
import { daysUncalled, type ModelCalls } from './model-calls';
import { type WatchMessage, watchMessage } from './watch-message';
import { watchMetrics } from './watch-metrics';
import { type WatchedLedger, watchedAliases } from './watched-aliases';

/** What EventBridge hands on, of a schedule or of a stack. */
export interface WatchEvent {
  readonly source?: string;
  /** When it came due, ISO 8601: a second try judges by the same day. */
  readonly time?: string;
}

export interface WatchDeps {
  readonly ledger: WatchedLedger;
  readonly models: ModelSource;
  readonly calls: ModelCalls;
  readonly settings: WatchSettings;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  readonly publish: (message: WatchMessage) => Promise<void>;
  /** Takes metrics in CloudWatch's embedded format. */
  readonly metric: (line: object) => void;
  readonly now: () => number;
  readonly log: Log;
}

/** Says until when the models of all callable versions live. It keeps nothing and changes nothing. */
export async function watchModels({ source: cause, time }: WatchEvent, deps: WatchDeps): Promise<void> {
  const { ledger, settings, registry, log } = deps;
  const due = Date.parse(time ?? '');
  const now = new Date(Number.isNaN(due) ? deps.now() : due);
  const { versions: watched, unread } = await watchedAliases(ledger, settings);
  const source = frugalModels(deps.models);
  const facts = new Map<string, ModelFacts>();
  for (const { model } of watched) {
    if (!facts.has(model)) facts.set(model, await readModelFacts(model, source, now));
  }
  const judged = watched.map((version) => judgedVersion(version, facts.get(version.model) as ModelFacts, now));
  const { versions, callsUnread } = await withCalls(judged, deps);
  const silent = new Set(versions.filter(isUnjudged).map(({ model }) => model));
  const unknown = silent.size + unread.length + (callsUnread === undefined ? 0 : 1);
  // An event may come late, and figures for it with it: alarms look at the newest.
  for (const line of watchMetrics(registry, versions, unknown, deps.now())) deps.metric(line);
  const message = watchMessage({ ...settings, registry, versions, unread, callsUnread });
  log('INFO', 'models watched', {
    versions: versions.length,
    models: facts.size,
    unjudged: [...silent],
    idle: versions.filter(isIdle).map(({ model }) => model),
    unreadAliases: unread,
    callsUnread: callsUnread ?? null,
    message: message?.subject ?? null,
  });
  if (message && cause !== STACKS) await deps.publish(message);
}

/** CloudWatch is asked where some model is LEGACY. Its clock is that of the calls, not that of the day that is judged. */
async function withCalls(
  versions: readonly JudgedVersion[],
  { calls, now }: WatchDeps,
): Promise<{ readonly versions: readonly JudgedVersion[]; readonly callsUnread?: string }> {
  if (!versions.some(isLosable)) return { versions };
  const time = new Date(now());
  try {
    const last = await calls.lastCalls(time);
    const told = (one: JudgedVersion) =>
      isLosable(one) ? { ...one, uncalled: daysUncalled(one, one.facts, last, time) } : one;
    return { versions: versions.map(told) };
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { versions, callsUnread: `Since when LEGACY models were not called cannot be read from CloudWatch: ${why}` };
  }
}
