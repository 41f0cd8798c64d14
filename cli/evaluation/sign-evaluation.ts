import { rowsDigest } from '../../core/evaluation/evaluation-row';
import { evaluationCounts } from '../../core/ledger/evaluation-counts';
import { awsNow } from '../audit/aws-clock';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { type Consent, consentOf } from '../reviews/consent';
import { judgement } from '../reviews/judgement';
import { liveDigest, namedAlias } from '../reviews/review-subject';
import { sign } from '../reviews/sign';
import { signer } from '../reviews/signer';
import { parseVersionReference } from '../version-reference';
import type { Evaluation } from './evaluate-once';

/** In whose name a run is signed, and for which alias. */
export interface Signing {
  readonly group: string;
  readonly aliasName: string;
}

/** A run that is signed. */
export interface SignedEvaluation extends Consent {
  readonly person: string;
  readonly group: string;
  readonly alias: string;
  readonly version: number;
  readonly digest: string;
  /** SHA-256 of its rows. */
  readonly rows: string;
}

/**
 * What `--sign` asks for; undefined without it. What nobody could be held to is refused before a model is paid.
 *
 * @throws CliError
 */
export async function signing({ values, positionals, openRegistry }: CommandContext): Promise<Signing | undefined> {
  const text = (name: string) => values[name] as string | undefined;
  const group = text('sign');
  if (group === undefined) {
    if (text('for') !== undefined)
      throw usageError('--for is the alias of --sign', 'add --sign GROUP, or leave it out');
    return undefined;
  }
  for (const name of ['only', 'endpoint', 'watch'])
    if (values[name] !== undefined) throw usageError(`nobody signs for a run with --${name}`, `leave --${name} out`);
  const [candidate, against] = [text('candidate'), text('against')];
  const versions = [candidate ?? 'file', ...(against === undefined ? [] : [against])];
  const other = versions.find((one) => one === 'file' || !isVersion(one));
  if (other !== undefined)
    throw usageError(`nobody signs for ${other}, which is no published version`, 'name one: --candidate @STAGING');
  const reference = against === undefined ? undefined : parseVersionReference(against);
  const aliasName = text('for') ?? (reference?.kind === 'alias' ? reference.aliasName : undefined);
  if (aliasName === undefined)
    throw usageError(
      'for which alias is the run signed?',
      'compare with what is live, --against @PROD; or name it, --for PROD',
    );
  const { clients } = await openRegistry(positionals[0]);
  await signer(clients);
  return { group, aliasName };
}

function isVersion(text: string): boolean {
  return ['version', 'alias', 'digest', 'tag'].includes(parseVersionReference(text).kind);
}

/** Signs how a run came out, as a review of the content that was asked. */
export async function signEvaluation(
  context: CommandContext,
  { file, run }: Evaluation,
  { group, aliasName }: Signing,
): Promise<SignedEvaluation> {
  const { terminal, positionals, version: packageVersion, now } = context;
  const { candidate } = run;
  if (run.advisory.length > 0 || candidate.version === null) {
    throw new CliError({ what: 'nobody can sign for this run', why: run.advisory.join('; '), fix: 'leave --sign out' });
  }
  return terminal.progress('signing', async () => {
    const named = await namedAlias({ ...context, positionals: [positionals[0] ?? '', aliasName] });
    const { registry, prompt, state } = named;
    const who = await signer(registry.clients);
    const content = { version: candidate.version ?? 0, digest: candidate.digest };
    const statement = {
      kind: 'evaluate' as const,
      promptId: prompt.promptId,
      prompt: prompt.promptName,
      alias: aliasName,
      ...content,
      live: await liveDigest(named),
      comment: null,
      ...evaluationCounts(
        file.suite,
        { ...run, time: awsNow(registry.clients, new Date(run.time)).toISOString() },
        `cdk-prompt-registry/${packageVersion ?? 'unknown'}`,
      ),
    };
    await sign(registry, statement, who, [group], awsNow(registry.clients, now()));
    const after = await judgement(registry, prompt, state, content, now());
    return { person: who.person, group, alias: aliasName, ...content, rows: rowsDigest(run.rows), ...consentOf(after) };
  });
}

/** What the signer sees. */
export function signedText(
  { person, group, alias, version, digest, missing }: SignedEvaluation,
  prompt: string,
  { terminal, values }: CommandContext,
): string {
  const { colors, glyphs } = terminal;
  const name = `${prompt} ${alias}`;
  const next =
    missing.length === 0
      ? `nothing is missing: prompt-registry promote ${name} --to :${version}`
      : missing.map(({ message }) => `missing: ${message}`).join('\n  ');
  const content = `version ${version} (${digest.slice(0, 12)}${glyphs.ellipsis})`;
  const kept =
    typeof values.rows === 'string' ? '' : '\n  its answers are not kept: --rows FILE writes them, for an audit';
  return `${colors.green(glyphs.ok)} ${person} signed as ${group}: ${alias} of ${prompt} ${glyphs.arrow} ${content}\n  ${next}${kept}`;
}
