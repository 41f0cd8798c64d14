import { isAccessError } from '../../core/contract/access-error';
import { parameterName } from '../../core/contract/names';
import { describedNote } from '../../core/contract/version-description';
import type { LedgerRecord } from '../../core/ledger/record';
import { withoutUndone } from '../../core/release/standing';
import { visibleLine, visibleText } from '../../core/text/visible-text';
import { type ContentSection, contentSections } from '../../studio/diff/content-sections';
import { timestamp } from '../age';
import { CliError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import type { ThreadEntry } from '../reviews/review-thread';
import { threadText } from '../reviews/thread-text';
import { shortGuardrail } from '../short-guardrail';
import type { Terminal } from '../terminal';
import { digestOrNull, readVersion } from '../version-content';
import { parseVersionReference, splitPromptReference } from '../version-reference';
import { wrapLines } from '../wrap-lines';

export interface ShownVersion {
  readonly prompt: string;
  readonly promptId: string;
  /** What the prompt is called in Bedrock; null where only the archive holds the version. */
  readonly bedrockName: string | null;
  readonly version: number | 'draft';
  readonly digest: string | null;
  readonly note: string;
  /** When it was published; for the draft, when it was last changed. */
  readonly time: Date | null;
  readonly source: 'bedrock' | 'archive';
  /** Tags that name the content; left out where they may not be read. */
  readonly tags?: readonly string[];
  readonly withdrawn: boolean;
  /** Aliases that point to it. */
  readonly aliases: readonly string[];
  /** Names of their SSM parameters, which applications read. */
  readonly pointers: readonly string[];
  /** By alias what its callers are told to name, `arn:…:guardrail/ID:3`; left out for none. */
  readonly guardrails?: Readonly<Record<string, string>>;
  /** The release that first brought it to an alias. */
  readonly firstReleased: Pick<LedgerRecord, 'alias' | 'time' | 'operation' | 'reason'> | null;
  readonly variant: unknown;
  /** What was said about the content, for whatever alias, newest first; left out where reviews may not be read. */
  readonly thread?: readonly ThreadEntry[];
}

export const show: Command = {
  name: 'show',
  summary: 'the whole content of a version, and when it was published',
  positionals: ['PROMPT[@ALIAS|@TAG|:VERSION|:draft]'],
  asks: ['prompt', 'content'],
  options: REGISTRY_OPTIONS,
  details: [
    'Without an alias or a version: the newest version. A version that Bedrock no longer holds comes from the archive.',
    'A content has the tags that its prompt file had when it was deployed: show financial-analysis@v1.0.',
    'Who published it is in CloudTrail under the stack operation that is shown.',
  ],
  examples: ['show financial-analysis@PROD', 'show financial-analysis:3', 'show financial-analysis:draft --json'],
  run: async (context) => {
    const { terminal } = context;
    const shown = await terminal.progress('reading', (say) => read(context, say));
    if (context.values.json) terminal.json(shown);
    else terminal.line(showText(shown, terminal));
    return ExitCode.Done;
  },
};

/** Undefined where these credentials may not read them. */
async function tagsOf(
  { reader }: Registry,
  { promptId }: RegistryPrompt,
  digest: string | null,
  say: (doing: string) => void,
) {
  try {
    return (await reader.tags(promptId, say)).filter((one) => one.digest === digest).map(({ tag }) => tag);
  } catch (error) {
    if (!isAccessError(error)) throw error;
    return undefined;
  }
}

/** Undefined where these credentials may not read it. */
async function threadOn(registry: Registry, prompt: RegistryPrompt, digest: string | null) {
  const { threadOf } = await import('../reviews/review-thread');
  try {
    const aliases = prompt.aliases.map(({ aliasName }) => aliasName);
    return digest === null ? [] : await threadOf(registry, prompt.promptId, digest, aliases);
  } catch (error) {
    if (!isAccessError(error)) throw error;
    return undefined;
  }
}

async function read(
  { positionals: [text = ''], openRegistry }: CommandContext,
  say: (doing: string) => void,
): Promise<ShownVersion> {
  const { promptName, reference } = splitPromptReference(text);
  const wanted = reference === undefined ? undefined : parseVersionReference(reference);
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const { promptId } = prompt;
  const { reader } = registry;
  const held = await reader.versions(promptId);
  const newest = held.at(-1)?.version;
  if (wanted === undefined && newest === undefined) {
    throw new CliError({ what: `${promptName} has no version yet`, fix: `prompt-registry show ${promptName}:draft` });
  }
  const { version, content } = await readVersion(
    registry,
    prompt,
    wanted ?? { kind: 'version', version: newest as number },
  );
  const states = await registry.aliasStates(prompt);
  const releases = await Promise.all(states.map((state) => firstRelease(state, version)));
  const here = states.filter((state) => state.version === version);
  const aliases = here.map(({ alias }) => alias.aliasName);
  const guarded = here.flatMap(({ alias, guardrail }) => (guardrail ? [[alias.aliasName, guardrail] as const] : []));
  const [first] = releases.flatMap((record) => record ?? []).sort((a, b) => a.time.localeCompare(b.time));
  const digest = digestOrNull(content.variant);
  const thread = await threadOn(registry, prompt, digest);
  const tags = await tagsOf(registry, prompt, digest, say);
  return {
    prompt: promptName,
    promptId,
    bedrockName: content.name ?? null,
    version,
    digest,
    note: describedNote(content.description),
    time: content.time ?? null,
    source: content.source,
    ...(tags && { tags }),
    withdrawn: version !== 'draft' && prompt.withdrawn.includes(version),
    aliases,
    pointers: aliases.map((alias) => parameterName(registry.stack.parameterPrefix, promptName, alias)),
    ...(guarded.length > 0 && { guardrails: Object.fromEntries(guarded) }),
    firstReleased: first
      ? { alias: first.alias, time: first.time, operation: first.operation, reason: first.reason }
      : null,
    variant: content.variant,
    ...(thread && { thread }),
  };
}

/** The oldest of the alias's records that came to the version and was not undone. */
async function firstRelease({ history }: AliasState, version: number | 'draft'): Promise<LedgerRecord | undefined> {
  let first: LedgerRecord | undefined;
  if (version === 'draft') return first;
  for await (const record of withoutUndone(history)) if (record.to?.version === version) first = record;
  return first;
}

/** The text of `show`. */
export function showText(shown: ShownVersion, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  const { prompt, version, withdrawn, source, time, firstReleased } = shown;
  const name = version === 'draft' ? `${prompt} draft` : `${prompt}:${version}`;
  const badges = [
    ...shown.aliases.map((alias) => colors.green(alias)),
    ...(withdrawn ? [colors.red('withdrawn')] : []),
    ...(source === 'archive' ? [colors.yellow('from the archive, no longer in Bedrock')] : []),
  ];
  const { bedrockName } = shown;
  const facts: [string, string][] = [
    ['in Bedrock', bedrockName !== null && bedrockName !== prompt ? visibleLine(bedrockName) : ''],
    ['digest', shown.digest ?? 'none: it holds a field that this version of the command does not know'],
    ['tags', shown.tags?.join(', ') ?? ''],
    ['read at', shown.pointers.join(', ')],
    ['guardrail', guardrailsText(shown)],
    ['note', visibleLine(shown.note)],
    [version === 'draft' ? 'changed' : 'published', time ? timestamp(time) : ''],
    ['released', firstReleased ? release(firstReleased, glyphs.dot) : ''],
  ];
  const width = Math.max(...facts.flatMap(([title, value]) => (value ? [title.length] : [])));
  const sections = contentSections(shown.variant as Parameters<typeof contentSections>[0]);
  const lines = [
    [colors.bold(name), ...badges].join('  '),
    ...facts.filter(([, value]) => value).map(([title, value]) => `${colors.dim(title.padEnd(width))}  ${value}`),
    ...sections.map((section) => sectionText(section, terminal)),
  ];
  const said = threadText(shown.thread ?? [], terminal);
  return [wrapLines(lines.join('\n'), terminal.width), ...(said === '' ? [] : ['', said])].join('\n');
}

function guardrailsText({ guardrails = {} }: ShownVersion): string {
  return Object.entries(guardrails)
    .map(([alias, guardrail]) => `${shortGuardrail(guardrail)} for callers of ${alias}`)
    .join(', ');
}

function release({ alias, time, operation, reason }: NonNullable<ShownVersion['firstReleased']>, dot: string): string {
  const parts = [
    `first to ${alias} on ${timestamp(new Date(time))}`,
    operation && `operation ${operation}`,
    reason && visibleLine(reason),
  ];
  return parts.filter(Boolean).join(` ${dot} `);
}

function sectionText({ title, text }: ContentSection, { colors }: Terminal): string {
  const body = visibleText(text.replace(/\n+$/, ''))
    .split('\n')
    .map((line) => (line ? `  ${line}` : ''))
    .join('\n');
  return `\n${colors.bold(visibleLine(title))}\n${body}`;
}
