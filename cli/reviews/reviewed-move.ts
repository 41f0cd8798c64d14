import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import { type ReleaseEffect, releaseEffect } from '../release/release-effect';
import { approvedOverOther } from './approved-over-other';
import { type Consent, consentOf } from './consent';
import type { Way } from './judgement';
import { openRequests } from './open-requests';
import { liveDigest, type NamedAlias, namedAlias, reviewSubject } from './review-subject';
import { type ThreadEntry, threadOf } from './review-thread';

/** A move as reviewers see it. */
export interface ReviewedMove extends ReleaseEffect, Consent {
  readonly prompt: string;
  readonly promptId: string;
  readonly alias: string;
  readonly from: number | null;
  readonly to: number;
  /** Of exactly the words that the diff shows: what an approval is of. */
  readonly digest: string;
  /** Digest of what the alias points at; null for nothing. */
  readonly live: string | null;
  /** Where the words were read. */
  readonly source: 'bedrock' | 'archive';
  readonly way: Way;
  /** Newest first. */
  readonly thread: readonly ThreadEntry[];
}

/** The move that a command line names, or the one that somebody asks for. */
export async function reviewedMove(context: CommandContext): Promise<ReviewedMove> {
  const now = context.now();
  const named = await namedAlias(context);
  const to = (context.values.to as string | undefined) ?? (await theOpenRequest(named, now));
  const subject = await reviewSubject(named, to, now);
  const { registry, prompt, state, content, judged } = subject;
  const { aliasName } = state.alias;
  const label = `:${content.version}${content.source === 'archive' ? ', from the archive' : ''}`;
  const [effect, thread, live] = await Promise.all([
    releaseEffect(registry, prompt, state, { label, variant: content.variant }),
    threadOf(registry, prompt.promptId, content.digest, [aliasName]),
    liveDigest(subject),
  ]);
  const consent = consentOf(judged);
  const warnings = [...(consent.warnings ?? []), ...(await approvedOverOther(subject, live))];
  return {
    prompt: prompt.promptName,
    promptId: prompt.promptId,
    alias: aliasName,
    from: state.version,
    to: content.version,
    digest: content.digest,
    live,
    source: content.source,
    way: judged.way,
    ...effect,
    ...consent,
    ...(warnings.length > 0 && { warnings }),
    thread,
  };
}

/** Its digest: a number may mean another content by the time that it is read. */
async function theOpenRequest({ registry, prompt, state }: NamedAlias, now: Date): Promise<string> {
  const open = await openRequests(registry, prompt, state, now);
  const [only, ...others] = open;
  const name = `${prompt.promptName} ${state.alias.aliasName}`;
  if (only === undefined) {
    throw new CliError({
      what: `nobody asks for a release of ${state.alias.aliasName} of ${prompt.promptName}`,
      fix: [
        `to look at a version all the same: prompt-registry review ${name} --to @STAGING`,
        `to ask: prompt-registry request ${name} --to @STAGING`,
      ],
    });
  }
  if (others.length === 0) return only.target.digest;
  throw new CliError({
    what: `${open.length} versions are asked for on ${state.alias.aliasName} of ${prompt.promptName}`,
    fix: open.map((judged) => {
      const asked = consentOf(judged)
        .asked.map(({ person }) => person)
        .join(', ');
      return `prompt-registry review ${name} --to :${judged.target.version}   (asked by ${asked})`;
    }),
  });
}
