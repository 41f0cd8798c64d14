import type { PromptVariantContent } from '../content/prompt-content';
import { archiveProblem } from '../ledger/archive-problem';
import { type ContentVerdict, ReleasedContent } from './added-content';
import type { LedgerSurvey } from './ledger-survey';
import type { LoggedInvocation } from './logged-invocation';
import type { AddedCall, Counted, LoggedUsage, UntoldCall } from './logged-usage';
import { object, text } from './trail-event';

interface KnownContent {
  readonly promptId: string;
  readonly prompt: string | null;
  readonly version: number;
  readonly content: ReleasedContent;
}

/**
 * Counts, call by call, what stands behind released prompts, by the archived content of the version that each names.
 * Memory grows with principals and versions, not with calls.
 */
export class LoggedCalls {
  /** By Bedrock's id: what each prompt is called. */
  private readonly names = new Map<string, string>();
  private readonly byId = new Map<string, KnownContent>();
  private readonly byName = new Map<string, KnownContent[]>();
  private readonly added = new Map<string, AddedCall>();
  private readonly untold = new Map<string, UntoldCall>();
  private looked = 0;
  private asReleased = 0;

  /**
   * @param holders names of roles and users
   * @param prompt the one that is asked about; calls of others are not looked at. @default - all
   */
  constructor(
    private readonly holders: ReadonlySet<string>,
    { archives, chains }: LedgerSurvey,
    private readonly prompt?: string,
  ) {
    for (const { promptId, records } of chains) this.nameIs(promptId, records.at(-1)?.prompt ?? null);
    for (const { promptId, version, digest, object: archive } of archives) {
      const { body } = archive;
      if (body === undefined || archiveProblem({ promptId, version, digest }, body) !== undefined) continue;
      const archived = object(JSON.parse(body));
      const content = new ReleasedContent(archived.variant as PromptVariantContent);
      this.nameIs(promptId, text(archived.prompt));
      const name = this.names.get(promptId) ?? null;
      const known = { promptId, prompt: name, version, content };
      this.byId.set(`${promptId}:${version}`, known);
      const key = `${name}:${version}`;
      this.byName.set(key, [...(this.byName.get(key) ?? []), known]);
    }
  }

  /** Whether the call is somebody's whom the registry lets call; then its body is worth reading. */
  concerns({ name, promptId, claimed }: LoggedInvocation): boolean {
    if (!this.holders.has(name)) return false;
    if (this.prompt === undefined) return true;
    return (promptId === null ? claimed?.prompt : this.names.get(promptId)) === this.prompt;
  }

  add(call: LoggedInvocation): void {
    if (!this.concerns(call)) return;
    this.looked += 1;
    const { promptId, called, claimed, body, operation, modelId } = call;
    const known = called ? [this.byId.get(`${called.promptId}:${called.version}`) ?? []].flat() : this.claimed(call);
    const verdicts = known.map((one) => ({ one, found: one.content.judge(body, operation, called !== null) }));
    // Of a prompt that was made again there are several of one number.
    const best = verdicts.find(({ found }) => found.verdict === 'as released') ?? verdicts[0];
    const found: ContentVerdict = best?.found ?? { verdict: 'cannot tell', why: untoldWhy(call) };
    const prompt = (promptId === null ? claimed?.prompt : (this.names.get(promptId) ?? promptId)) ?? null;
    const version = called?.version ?? claimed?.version ?? null;
    const key = `${call.principal} ${prompt} ${version}`;
    const counted = { principal: call.principal, prompt, version, first: call.time, last: call.time, count: 0 };
    if (found.verdict === 'as released') this.asReleased += 1;
    else if (found.verdict === 'added') {
      const { what } = found;
      const isToolUse = best?.one.content.hasTools === true && what.every((part) => part === 'tool results');
      count(this.added, `${key} ${what}`, { ...counted, what, isToolUse }, call.time);
    } else count(this.untold, `${key} ${modelId} ${found.why}`, { ...counted, modelId, why: found.why }, call.time);
  }

  usage(): LoggedUsage {
    const { looked, asReleased } = this;
    return { looked, asReleased, added: sorted(this.added), untold: sorted(this.untold) };
  }

  private nameIs(promptId: string, name: string | null): void {
    if (name !== null) this.names.set(promptId, name);
  }

  private claimed({ claimed }: LoggedInvocation): readonly KnownContent[] {
    return (claimed && this.byName.get(`${claimed.prompt}:${claimed.version}`)) ?? [];
  }
}

function untoldWhy({ called, claimed, modelId }: LoggedInvocation): string {
  if (called || claimed) return 'the archive has no such version';
  return modelId.includes(':prompt/') ? 'a draft, which can be anything' : 'no version is named';
}

function count<Call extends Counted>(all: Map<string, Call>, key: string, call: Call, time: string): void {
  const one = all.get(key) ?? call;
  const [first, last] = [time < one.first ? time : one.first, time > one.last ? time : one.last];
  all.set(key, { ...one, first, last, count: one.count + 1 });
}

function sorted<Call extends Counted>(all: ReadonlyMap<string, Call>): Call[] {
  return [...all.values()].sort((a, b) => b.count - a.count || a.principal.localeCompare(b.principal));
}
