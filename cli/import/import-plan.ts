import { contentDigest } from '../../core/content/content-digest';
import { checkVariant } from '../../core/content/prompt-limits';
import { ALIAS_NAME } from '../../core/contract/names';
import { LATEST, PRODUCTION } from '../../core/langfuse/prompt-row';
import { CliError } from '../cli-error';
import { promptFileSource } from '../prompt-file-source';
import { promptPaths } from './prompt-paths';
import { changed, type Loss, refused, type SourceVersion } from './source-version';

/** What is to be written for one version, and what that leaves out. */
export interface PlannedVersion {
  readonly version: number;
  readonly time: string;
  readonly note: string;
  readonly trailers: SourceVersion['trailers'];
  /** The prompt file and its content digest; null where the version is refused. */
  readonly text: string | null;
  readonly digest: string | null;
  readonly losses: readonly Loss[];
}

/** Where an alias is to stand so that callers get what they get now. */
export interface PlannedAlias {
  readonly label: string;
  readonly aliasName: string;
  readonly version: number;
  readonly digest: string;
}

export interface PlannedPrompt {
  /** At the source. */
  readonly name: string;
  readonly promptName: string;
  /** With slashes, from the folder of prompts on. */
  readonly path: string;
  /** Oldest first. */
  readonly versions: readonly PlannedVersion[];
  readonly aliases: readonly PlannedAlias[];
}

/** From the versions of a source to files, commits and losses. Nothing here reads or writes. */
export function planImport(versions: readonly SourceVersion[]): PlannedPrompt[] {
  const names = [...new Set(versions.map(({ name }) => name))].sort();
  const paths = promptPaths(names);
  return names.map((name) => {
    const { promptName, path, losses } = paths.get(name) ?? { promptName: name, path: name, losses: [] };
    const own = versions.filter((one) => one.name === name).toSorted((a, b) => a.version - b.version);
    const labels = aliasNames(own.flatMap((one) => one.labels));
    const planned = own.map((one) => plannedVersion(one, promptName, [...losses, ...labelLosses(one, labels)]));
    return { name, promptName, path, versions: planned, aliases: aliasesOf(own, planned, labels) };
  });
}

/** The newest version of a prompt that can be imported. */
export function newestOf({ versions }: PlannedPrompt): PlannedVersion | undefined {
  return versions.findLast(({ text }) => text !== null);
}

function plannedVersion(source: SourceVersion, promptName: string, placeLosses: readonly Loss[]): PlannedVersion {
  const { version, time, note, trailers, variant } = source;
  const losses = [...placeLosses, ...source.losses];
  const isRefused = losses.some((loss) => loss.isRefused) || !variant;
  const written = isRefused ? undefined : fileOf(source, promptName, losses);
  if (!written) {
    const lost = source.labels.filter((label) => label !== LATEST);
    if (lost.length > 0)
      losses.push(refused(`the version that ${lost.join(', ')} names is not imported`, 'correct it'));
  }
  return { version, time, note, trailers, losses, text: written?.text ?? null, digest: written?.digest ?? null };
}

function fileOf({ variant, version }: SourceVersion, name: string, losses: Loss[]) {
  if (!variant) return undefined;
  try {
    checkVariant(variant, 'the content');
    return { text: promptFileSource({ name, variant, label: `:${version}` }), digest: contentDigest(variant) };
  } catch (error) {
    const why = (error instanceof CliError ? error.why : undefined) ?? (error as Error).message;
    losses.push(refused(why, 'correct it at the source, or write the prompt in code with PromptVariant'));
    return undefined;
  }
}

/** An alias for each label that can have one; PROD is `production` as well: docs/langfuse.md. */
function aliasNames(labels: readonly string[]): ReadonlyMap<string, string> {
  const byAlias = new Map<string, string>();
  // The default of Langfuse's clients goes first.
  for (const label of labels.toSorted((a, b) => Number(b === PRODUCTION) - Number(a === PRODUCTION))) {
    const aliasName = label === PRODUCTION ? 'PROD' : label.toUpperCase();
    if (label !== LATEST && ALIAS_NAME.test(aliasName) && !byAlias.has(aliasName)) byAlias.set(aliasName, label);
  }
  return new Map([...byAlias].map(([aliasName, label]) => [label, aliasName]));
}

function labelLosses({ labels }: SourceVersion, aliases: ReadonlyMap<string, string>): Loss[] {
  const without = labels.filter((label) => label !== LATEST && !aliases.has(label));
  return without.map((label) =>
    changed(
      `label ${label}: no alias is called so`,
      `an alias is a letter, then at most 31 letters, digits, _ and -, and no other label's: choose one, and set labels: { '${label}': alias } of LangfuseEndpoint`,
    ),
  );
}

function aliasesOf(
  sources: readonly SourceVersion[],
  planned: readonly PlannedVersion[],
  aliases: ReadonlyMap<string, string>,
): PlannedAlias[] {
  return sources.flatMap(({ labels }, index) => {
    const { version, digest = null } = planned[index] ?? { version: 0 };
    return labels.flatMap((label) => {
      const aliasName = aliases.get(label);
      return digest === null || aliasName === undefined ? [] : [{ label, aliasName, version, digest }];
    });
  });
}
