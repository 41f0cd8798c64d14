import { own } from './located-model';
import { modelIdentifier } from './model-identifier';
import { daysSince, hasEnded } from './model-life';
import type { LockedModel, LockedProfile, LockedRegion } from './model-lock';

/** What Bedrock answers of a Region, as the lock file writes it. */
export interface ReadRegion {
  readonly account: string;
  readonly models: { readonly [modelId: string]: Omit<LockedModel, 'successor' | 'price'> };
  readonly profiles: { readonly [profile: string]: Omit<LockedProfile, 'price'> };
}

export interface RefreshedRegion {
  readonly region: LockedRegion;
  /** What came, changed or went, a line each. Empty where there is no news. */
  readonly news: readonly string[];
}

/**
 * For how many days a Region without news keeps its day: a refresh without news is an empty diff, and yet a file that is
 * refreshed is never the old one that synthesis warns of.
 */
const DAYS_WITHOUT_NEWS = 14;

/** A Region's part of the lock file after a refresh. What a person wrote stays. */
export function refreshedRegion(before: LockedRegion | undefined, read: ReadRegion, now: Date): RefreshedRegion {
  const models = { ...endedOnes(before, read, now), ...withWritten(before?.models, read.models) };
  const profiles = { ...ofOtherAccounts(before, read), ...withWritten(before?.profiles, read.profiles) };
  const news = [...changes(before?.models, models), ...changes(before?.profiles, profiles)];
  const isFresh = before !== undefined && news.length === 0 && daysSince(before.read, now) <= DAYS_WITHOUT_NEWS;
  return { region: { read: isFresh ? before.read : now.toISOString().slice(0, 10), models, profiles }, news };
}

/** A model past its end that Bedrock no longer lists: prompts that name it must hear of its end, not of a typing mistake. */
function endedOnes(before: LockedRegion | undefined, read: ReadRegion, now: Date): Record<string, LockedModel> {
  const gone = Object.entries(before?.models ?? {}).filter(([id]) => own(read.models, id) === undefined);
  const ended = gone.filter(([, model]) => hasEnded(model, now));
  return Object.fromEntries(ended.map(([id, model]) => [id, { ...model, status: 'ENDED' as const }]));
}

function ofOtherAccounts(before: LockedRegion | undefined, { account }: ReadRegion): Record<string, LockedProfile> {
  const kept = Object.entries(before?.profiles ?? {}).filter(([profile]) => {
    const named = modelIdentifier(profile);
    return named.kind === 'application-profile' && named.account !== account;
  });
  return Object.fromEntries(kept);
}

type Written = Pick<LockedModel, 'successor' | 'price'>;

function withWritten<Fresh extends object>(
  before: { readonly [name: string]: Written } | undefined,
  fresh: { readonly [name: string]: Fresh },
): { [name: string]: Fresh & Written } {
  const entries = Object.entries(fresh).map(([name, facts]): [string, Fresh & Written] => {
    const { successor, price } = own<Written>(before ?? {}, name) ?? {};
    return [name, { ...facts, ...(successor !== undefined && { successor }), ...(price && { price }) }];
  });
  return Object.fromEntries(entries);
}

function changes(
  before: { readonly [name: string]: object } | undefined,
  after: { readonly [name: string]: object },
): string[] {
  if (before === undefined) return Object.keys(after).map((name) => `${name}: new`);
  const gone = Object.keys(before).filter((name) => own(after, name) === undefined);
  return [
    ...gone.map((name) => `${name}: gone`),
    ...Object.entries(after).flatMap(([name, facts]) => {
      const was = own(before, name);
      if (was === undefined) return [`${name}: new`];
      const changed = changedFields(was, facts);
      return changed.length > 0 ? [`${name}: ${changed.join(', ')}`] : [];
    }),
  ];
}

function changedFields(was: object, is: object): string[] {
  const [before, after] = [was, is].map((facts) => new Map(Object.entries(facts)));
  return [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].flatMap((name) => {
    const [old, now] = [before?.get(name), after?.get(name)];
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [`${name} ${show(old)} → ${show(now)}`];
  });
}

function show(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}
