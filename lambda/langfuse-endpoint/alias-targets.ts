import { isAccessError } from '../../core/contract/access-error';
import { parameterName } from '../../core/contract/names';
import { Refusal } from '../../core/langfuse/refusal';
import type { ServedAlias } from '../../core/langfuse/served-alias';
import type { HandlerClock } from '../clock';
import type { Log } from '../log';
import { PATIENCE } from './patience';

/**
 * Values of parameters; a name that has none is absent. One call takes at most 10.
 *
 * @param patience milliseconds after which it gives up; without it, when the SDK does
 */
export type ReadParameters = (names: readonly string[], patience?: number) => Promise<ReadonlyMap<string, string>>;

export interface AliasTargetsDeps {
  readonly parameters: ReadParameters;
  readonly parameterPrefix: string;
  readonly clock: Pick<HandlerClock, 'now'>;
  readonly random: () => number;
  readonly log: Log;
  readonly ttl: number;
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const PAGE = 10;
/** How old a pointer may be while SSM is away, as the runtime client has it. */
const MAX_STALE = 15 * 60_000;
const PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

interface Page {
  readonly names: readonly string[];
  known?: { readonly values: ReadonlyMap<string, string>; readonly at: number; readonly until: number };
  outage?: { readonly until: number; readonly pause: number };
  refreshing?: Promise<void>;
}

/**
 * Where aliases point, read ten at a time and kept for the time to live: all instances together stay under what SSM
 * answers (40 a second: https://docs.aws.amazon.com/general/latest/gr/ssm.html).
 *
 * While SSM is away the last answer holds, for 15 minutes; a refusal of SSM is an answer, and nothing is served then.
 */
export function aliasTargets(aliases: readonly ServedAlias[], deps: AliasTargetsDeps) {
  const { clock, random, ttl } = deps;
  const nameOf = ({ prompt, alias }: ServedAlias) => parameterName(deps.parameterPrefix, prompt, alias);
  const names = [...new Set(aliases.map(nameOf))].toSorted();
  const pages = new Map<string, Page>();
  for (let start = 0; start < names.length; start += PAGE) {
    const page: Page = { names: names.slice(start, start + PAGE) };
    for (const name of page.names) pages.set(name, page);
  }

  const isServable = ({ known }: Page) => known !== undefined && clock.now() - known.at <= MAX_STALE;

  const ask = async (page: Page) => {
    try {
      const values = await answerOf(page.names, isServable(page) ? PATIENCE : undefined, deps);
      const at = clock.now();
      // Not all instances that began together ask again together.
      page.known = { values, at, until: at + ttl * (0.9 + random() * 0.2) };
      page.outage = undefined;
    } catch (error) {
      const pause = Math.min(LONGEST_PAUSE, (page.outage?.pause ?? PAUSE / 2) * 2);
      page.outage = { until: clock.now() + pause, pause };
      deps.log('WARN', 'parameters could not be read', { error: String(error) });
    } finally {
      page.refreshing = undefined;
    }
  };

  const isDue = ({ known, outage }: Page) => clock.now() >= Math.max(known?.until ?? 0, outage?.until ?? 0);

  return async (alias: ServedAlias): Promise<string | undefined> => {
    const name = nameOf(alias);
    const page = pages.get(name) as Page;
    if (isDue(page)) {
      page.refreshing ??= ask(page);
      await page.refreshing;
    } else if (!page.known && page.refreshing) {
      await page.refreshing;
    }
    if (!isServable(page)) throw new Refusal('ServiceUnavailableError', 'The registry cannot be read just now');
    return page.known?.values.get(name);
  };
}

/** What SSM refuses, nobody may have. */
async function answerOf(names: readonly string[], patience: number | undefined, { parameters, log }: AliasTargetsDeps) {
  try {
    return await parameters(names, patience);
  } catch (error) {
    if (!isAccessError(error)) throw error;
    log('ERROR', 'the function may not read its parameters', { error: String(error) });
    return new Map<string, string>();
  }
}
