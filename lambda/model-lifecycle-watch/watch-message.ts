import type { WatchSettings } from '../../core/contract/model-lifecycle-watch';
import { visibleLine } from '../../core/text/visible-text';
import { isIdle, isUnjudged, type JudgedVersion } from './judged-version';
import { SEEN_DAYS } from './model-calls';

/** What a topic gets. */
export interface WatchMessage {
  /** At most 100 characters of ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly text: string;
}

export interface WatchMessageProps extends Pick<WatchSettings, 'within' | 'successors'> {
  readonly registry: string;
  readonly versions: readonly JudgedVersion[];
  /** A sentence for each alias whose ledger cannot be read. */
  readonly unread: readonly string[];
  /** A sentence where the calls of LEGACY models cannot be read. */
  readonly callsUnread?: string | undefined;
}

const SUBJECT_LENGTH = 100;
/** Versions that a message names: SNS takes 256 KB, people less. */
const MOST_NAMED = 100;

/** The message of a day, those that end first in front; undefined where there is nothing to say. */
export function watchMessage({
  registry,
  versions,
  unread,
  callsUnread,
  ...settings
}: WatchMessageProps): WatchMessage | undefined {
  const ending = versions
    .filter(({ days }) => days !== null && days < settings.within)
    .toSorted((a, b) => Number(a.days) - Number(b.days) || Number(b.live) - Number(a.live));
  const idle = versions.filter(isIdle).toSorted((a, b) => Number(b.live) - Number(a.live));
  const unjudged = versions.filter(isUnjudged);
  const lines = [
    ...ending.map((version) => `${where(version)}, ${end(version)}${instead(version, settings.successors)}.`),
    ...idle.map((version) => `${where(version)}, ${silentFor(version)}${instead(version, settings.successors)}.`),
    ...unjudged.map((version) => `${where(version)}${silence(version)}.`),
    ...unread,
    ...(callsUnread === undefined ? [] : [callsUnread]),
  ].map(visibleLine);
  if (lines.length === 0) return undefined;
  const more = lines.length - MOST_NAMED;
  return {
    subject: `${title(ending, idle, unjudged.length + unread.length)}: ${registry}`.slice(0, SUBJECT_LENGTH),
    text: [
      ...lines.slice(0, MOST_NAMED),
      ...(more > 0 ? [`And ${more} more.`] : []),
      `All of them: prompt-registry models list. Registry: ${registry}.`,
    ].join('\n'),
  };
}

function title([first]: readonly JudgedVersion[], [unused]: readonly JudgedVersion[], unjudged: number): string {
  if (first === undefined && unused) return `A LEGACY model was not called for ${forDays(unused)}`;
  if (first === undefined && unjudged === 0) return 'Calls of LEGACY models cannot be read';
  if (first === undefined) return `The end of ${unjudged === 1 ? 'a model' : `${unjudged} models`} is not known`;
  return Number(first.days) <= 0 ? 'A model has ended' : `A model ends ${inDays(Number(first.days))}`;
}

function where({ prompt, alias, version, live, model }: JudgedVersion): string {
  const what = live
    ? `${alias} of ${prompt} (version ${version})`
    : `Version ${version}, callable by ${alias} of ${prompt},`;
  return `${what} runs on ${model}`;
}

function end({ facts, days }: JudgedVersion): string {
  const day = (facts.ends ?? '').slice(0, 10);
  return Number(days) <= 0 ? `which ended on ${day}` : `which ends on ${day}, ${inDays(Number(days))}`;
}

/** AWS says so of accounts that do not use one: https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html */
function silentFor(version: JudgedVersion): string {
  return `which is LEGACY and was not called for ${forDays(version)}: after 15 to 30 days without a call Bedrock refuses it. Call it, or release a version on another model`;
}

function forDays({ uncalled }: JudgedVersion): string {
  return `${uncalled} days${Number(uncalled) >= SEEN_DAYS ? ' or more' : ''}`;
}

function inDays(days: number): string {
  return days === 1 ? 'tomorrow' : `in ${days} days`;
}

function instead({ model, facts }: JudgedVersion, successors: WatchSettings['successors']): string {
  const named = [facts.model ?? model, model].find((id) => Object.hasOwn(successors, id));
  return named === undefined ? '' : `; its successor is ${successors[named]}`;
}

function silence({ facts }: JudgedVersion): string {
  return facts.status === 'UNKNOWN'
    ? ', and Bedrock has no model or profile of that name here'
    : `, and Bedrock did not say until when (${facts.problem ?? 'it does not list the model behind the profile'})`;
}
