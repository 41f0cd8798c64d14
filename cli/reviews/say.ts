import { isDigest } from '../../core/contract/digest-text';
import { checkComment, personOf, type ReviewKind } from '../../core/ledger/review';
import { isApproval } from '../../core/release/gates/approval';
import { awsNow } from '../audit/aws-clock';
import { CliError, usageError } from '../cli-error';
import type { CommandContext, OptionValues } from '../command';
import { ExitCode } from '../exit-code';
import { inGlyphs } from '../glyphs';
import { consentOf } from './consent';
import { judgement } from './judgement';
import { checkIsAsked, liveDigest, moveText, namedAlias, type ReviewSubject, reviewSubject } from './review-subject';
import { sign } from './sign';
import { type Signer, signer } from './signer';

type Answer = Extract<ReviewKind, 'request' | 'approve' | 'reject'>;

const DONE: Readonly<Record<Answer, string>> = { request: 'asked', approve: 'approved', reject: 'rejected' };

/** Signs a request, an approval or a rejection, and says what is missing then. */
export async function say(context: CommandContext, kind: Answer): Promise<ExitCode> {
  const { terminal, values, now } = context;
  const comment = commentOf(values[kind === 'request' ? 'reason' : 'comment']);
  const to = values.to as string | undefined;
  if (to === undefined) throw missingTarget(context, kind);
  if (kind !== 'request') checkWholeDigest(to, context, kind);
  const { subject, who } = await terminal.progress('reading', async () => {
    const found = await reviewSubject(await namedAlias(context), to, now());
    return { subject: found, who: await signer(found.registry.clients) };
  });
  checkIsAsked(subject);
  if (kind === 'approve') checkMayApprove(subject, who);
  const { registry, prompt, state, content, judged } = subject;
  const groups = judged.gates.filter(isApproval).map((gate) => (kind === 'request' ? gate.askedBy : gate.by));
  const statement = {
    kind,
    promptId: prompt.promptId,
    prompt: prompt.promptName,
    alias: state.alias.aliasName,
    digest: content.digest,
    version: content.version,
    live: await liveDigest(subject),
    comment,
  };
  const wanted = groupsToSignAs(values.as as string | undefined, groups, subject);
  const signed = await terminal.progress('signing', () =>
    sign(registry, statement, who, wanted, awsNow(registry.clients, now())),
  );
  const after = await judgement(registry, prompt, state, content, now());
  const consent = consentOf(after);
  if (values.json) {
    const said = { kind, person: who.person, groups: signed, prompt: prompt.promptName, alias: statement.alias };
    terminal.json({ ...said, version: content.version, digest: content.digest, comment, ...consent });
    return ExitCode.Done;
  }
  const { colors, glyphs } = terminal;
  const name = `${prompt.promptName} ${statement.alias}`;
  terminal.line(
    inGlyphs(
      `${colors.green(glyphs.ok)} ${who.person} ${DONE[kind]} as ${signed.join(', ')}: ${moveText(subject, glyphs.arrow)}`,
      glyphs,
    ),
  );
  for (const { message } of consent.missing) terminal.line(inGlyphs(`  missing: ${message}`, glyphs));
  const next =
    consent.missing.length === 0
      ? `nothing is missing: prompt-registry promote ${name} --to :${content.version}`
      : `to look at it: prompt-registry review ${name} --to ${inGlyphs(content.digest, glyphs)}`;
  terminal.line(`  ${next}`);
  return ExitCode.Done;
}

/** @throws RegistryError `InvalidReview` */
export function commentOf(value: OptionValues[string]): string | null {
  if (typeof value !== 'string') return null;
  checkComment(value);
  return value;
}

function missingTarget({ positionals: [prompt, alias] }: CommandContext, kind: Answer): CliError {
  return kind === 'request'
    ? usageError('which version is asked for?', `name it: prompt-registry request ${prompt} ${alias} --to @STAGING`)
    : usageError(
        `${kind} needs the digest of what you read`,
        `prompt-registry review ${prompt} ${alias} shows the content and prints it`,
      );
}

/** A number or an alias may mean another content than the one that was read, a beginning of a digest several. */
function checkWholeDigest(to: string, { positionals: [prompt, alias] }: CommandContext, kind: Answer): void {
  if (isDigest(to)) return;
  throw usageError(
    `${kind} needs the whole digest of what you read, found ${JSON.stringify(to)}`,
    `prompt-registry review ${prompt} ${alias} --to ${/^pd1:/.test(to) ? ':VERSION' : to} shows the content and prints it`,
  );
}

function groupsToSignAs(as: string | undefined, groups: readonly string[], { state }: ReviewSubject): string[] {
  const all = [...new Set(groups)];
  if (as === undefined) return all;
  if (all.includes(as)) return [as];
  throw usageError(`no gate of ${state.alias.aliasName} asks ${as} for this`, `it asks ${all.join(', ') || 'nobody'}`);
}

/** What would count for nothing is better not signed. */
function checkMayApprove(subject: ReviewSubject, { person }: Signer): void {
  const { judged, prompt, state, content } = subject;
  const { asked } = consentOf(judged);
  const name = `${prompt.promptName} ${state.alias.aliasName}`;
  if (asked.length === 0) {
    throw new CliError({
      what: `nobody asks for version ${content.version} on ${state.alias.aliasName} of ${prompt.promptName}`,
      why: judged.refusals[0]?.message,
      fix: `somebody who may asks first: prompt-registry request ${name} --to :${content.version}`,
    });
  }
  const isOwn = judged.heard.every(({ request }) => request !== undefined && saidBy(person, request.address.signer));
  if (isOwn) {
    throw new CliError({
      what: `${person} asked for it, and cannot approve it as well`,
      fix: `somebody else of ${[...new Set(judged.heard.map(({ gate }) => gate.by))].join(', ')} looks at it: prompt-registry review ${name}`,
    });
  }
}

function saidBy(person: string, signer: string): boolean {
  return personOf(signer) === person;
}
