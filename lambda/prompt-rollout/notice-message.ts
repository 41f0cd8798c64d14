import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import type { NoticeAbout } from '../../core/rollout/due-notice';
import { endOf } from '../../core/rollout/plan-end';

/** What a topic gets: names, numbers and reasons; no text of a prompt, no key of a user. */
export interface RolloutMessage {
  /** At most 100 characters of ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly text: string;
}

export interface NoticeContext {
  readonly registry: string;
  readonly prompt: string;
  readonly alias: string;
  readonly stable: number;
  readonly rollout: Rollout;
  /** When it began, ISO 8601. */
  readonly began: string;
  readonly newest: RolloutStep | undefined;
}

const SUBJECT_LENGTH = 100;

export function noticeMessage(about: NoticeAbout, reasons: readonly string[], context: NoticeContext): RolloutMessage {
  const { registry, prompt, alias, stable, rollout, began, newest } = context;
  const { candidate, steps, plan } = rollout;
  const what = `${prompt} ${alias} ${stable} -> ${candidate.version}`;
  const share = newest ? `${steps[newest.step] ?? 0} %` : '0 %';
  const why = reasons.length > 0 ? `: ${reasons.join('; ')}` : '';
  const isHalted = newest?.kind === 'halt';
  const over = endOf(rollout, began)?.toISOString();
  const titles: Record<NoticeAbout, string> = {
    step: `${what}: ${share} from ${newest?.at}${over === undefined ? '' : ` to ${over}`}`,
    halt: `${what} is halted, everybody gets ${stable}${why}`,
    silence: `${what} stays at ${share}${why}`,
    over: `${what} is over since ${over}, everybody gets ${stable}`,
    unsettled: isHalted ? `${what} is halted and not ended${why}` : `${what} is at ${share} and not settled${why}`,
  };
  const settle = `prompt-registry promote ${prompt} ${alias} --to :${candidate.version}`;
  const end = `prompt-registry rollback ${prompt} ${alias}`;
  const readout = `prompt-registry rollout readout ${prompt} ${alias}`;
  const ways = isHalted ? [`To end it: ${end}`] : [`To settle it: ${settle}`, `To end it: ${end}`];
  const next = [...(about === 'over' ? [`To compare both: ${readout}`] : []), ...ways].join('. ');
  const title = titles[about];
  return {
    subject: subjectOf(title),
    text: [
      `${title}.`,
      `${next}.`,
      `Registry ${registry}, plan ${plan}${newest ? `, step record ${newest.n}` : ''}.`,
    ].join('\n'),
  };
}

function subjectOf(title: string): string {
  const ascii = title.replace(/[^ -~]/g, '?');
  return ascii.length > SUBJECT_LENGTH ? `${ascii.slice(0, SUBJECT_LENGTH - 3)}...` : ascii;
}
