import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { contentDigest } from '../core/content/content-digest';
import type { PromptVariantContent } from '../core/content/prompt-content';
import { versionOfArn } from '../core/contract/version-arn';
import { describedNote } from '../core/contract/version-description';
import type { ReadPromptFile } from '../core/prompt-file/partials';
import { CliError } from './cli-error';
import { fileIfThere } from './file-if-there';
import type { Registry, RegistryPrompt } from './registry';
import type { PromptContentRead } from './registry-reader';
import type { VersionReference } from './version-reference';
import { withoutTag } from './without-tag';

const MOST_BYTES = 64 * 1024 * 1024;

/** A content with where it came from. */
export interface VersionContent {
  /** `:1`, `@PROD (:1)`, `draft`, `prompts/x.prompt`. */
  readonly label: string;
  readonly variant: PromptVariantContent;
  /** Null where the content holds something that the digest does not know. */
  readonly digest: string | null;
  /** What the registry says of it; left out for files. */
  readonly held?: {
    readonly version: number | 'draft';
    readonly time: Date | undefined;
    readonly note: string;
    readonly source: PromptContentRead['source'];
  };
  /** Path of the file as git was asked for it. */
  readonly fileInGit?: string;
}

/** Opens a registry only when a content is in one: files and git revisions need no AWS. */
export type OpenPrompt = () => Promise<{ readonly registry: Registry; readonly prompt: RegistryPrompt }>;

/** The content that a reference names. */
export async function versionContent(
  promptName: string,
  reference: VersionReference,
  open: OpenPrompt,
): Promise<VersionContent> {
  if (reference.kind === 'file') {
    return fromSource(await readSource(reference.path), reference.path, reference.path, fileIfThere);
  }
  if (reference.kind === 'revision') return revisionContent(promptName, reference);
  const { registry, prompt } = await open();
  const { version, content } = await readVersion(registry, prompt, reference);
  const number = version === 'draft' ? version : `:${version}`;
  const label = labelOf(reference, number);
  const note = content.source === 'archive' ? ', from the archive' : '';
  return {
    label: `${label}${note}`,
    variant: content.variant,
    digest: digestOrNull(content.variant),
    held: { version, time: content.time, note: describedNote(content.description), source: content.source },
  };
}

function labelOf(reference: VersionReference, number: string): string {
  if (reference.kind === 'alias') return `@${reference.aliasName} (${number})`;
  return reference.kind === 'tag' ? `${reference.tag} (${number})` : number;
}

/**
 * What a reference to the registry names.
 *
 * @throws CliError where there is none, or where it is not what was named
 */
export async function readVersion(
  registry: Registry,
  prompt: RegistryPrompt,
  reference: VersionReference,
): Promise<{ readonly version: number | 'draft'; readonly content: PromptContentRead }> {
  const wanted = await withoutTag(registry, prompt, reference);
  const version = wanted.kind === 'draft' ? 'draft' : await versionNumber(registry, prompt, wanted);
  const named = wanted.kind === 'digest' ? wanted.digest : undefined;
  const content = await registry.reader.content(prompt.promptId, version, named);
  if (!content) throw await noSuchVersion(registry, prompt, version);
  const digest = digestOrNull(content.variant);
  if (named === undefined || digest === named) return { version, content };
  throw new CliError({
    what: `version ${version} of ${prompt.promptName} does not hold ${named}`,
    why: `its description says so, and it holds ${digest ?? 'a field that this command does not know'}`,
    fix: `name the version, if it is meant: :${version}`,
  });
}

/** The number that a reference to a version of the registry stands for. */
export async function versionNumber(
  registry: Registry,
  prompt: RegistryPrompt,
  named: VersionReference,
): Promise<number> {
  const reference = await withoutTag(registry, prompt, named);
  switch (reference.kind) {
    case 'version':
      return reference.version;
    case 'alias': {
      const { aliasName } = registry.alias(prompt, reference.aliasName);
      const pointers = await registry.reader.aliases(prompt.promptName);
      const version = versionOfArn(pointers.find((pointer) => pointer.aliasName === aliasName)?.versionArn);
      if (version !== null) return version;
      throw new CliError({
        what: `${aliasName} of ${prompt.promptName} points to no version`,
        fix: 'name a version: :N',
      });
    }
    case 'digest': {
      const { digest } = reference;
      const inBedrock = (await registry.reader.versions(prompt.promptId)).filter((one) => one.digest === digest);
      const archived = (await registry.reader.archive(prompt.promptId)).filter((one) => one.digest === digest);
      const found = (inBedrock.at(-1) ?? archived.at(-1))?.version;
      if (found !== undefined) return found;
      const fix = 'deploy the content here first; the same content has the same digest in every environment';
      throw new CliError({ what: `no version of ${prompt.promptName} has the content ${digest}`, fix });
    }
    default:
      throw new CliError({
        what: `${reference.kind} is not a version of the registry`,
        fix: 'name one: :N, @ALIAS, a tag or pd1:…',
      });
  }
}

/** Says which versions there are. */
async function noSuchVersion(registry: Registry, prompt: RegistryPrompt, version: number | 'draft'): Promise<CliError> {
  const { reader } = registry;
  const [held, archived] = await Promise.all([reader.versions(prompt.promptId), reader.archive(prompt.promptId)]);
  const numbers = [...new Set([...held, ...archived].map((one) => one.version))].sort((a, b) => a - b);
  const what = `${prompt.promptName} has no ${version === 'draft' ? 'draft' : `version ${version}`}`;
  const fix = numbers.length > 0 ? `versions there: ${numbers.join(', ')}` : 'it has no versions yet: deploy it';
  return new CliError({ what, why: 'neither in Bedrock nor in the archive', fix });
}

async function readSource(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new CliError({ what: `cannot read ${path}`, why, fix: `give a path from ${process.cwd()}` }, undefined, {
      cause,
    });
  }
}

async function fromSource(
  source: Uint8Array,
  fileName: string,
  label: string,
  read: ReadPromptFile,
): Promise<VersionContent> {
  const { parsePromptFile } = await import('../core/prompt-file/prompt-file');
  const { variant } = parsePromptFile(source, fileName, read);
  return { label, variant, digest: digestOrNull(variant) };
}

async function revisionContent(promptName: string, { revision, path }: { revision: string; path: string | undefined }) {
  const file = path ?? (await promptFileAt(revision, promptName));
  const source = await git(['show', `${revision}:${file}`], `git has no ${file} at ${revision}`);
  const content = await fromSource(source, file, `${revision}:${file}`, (partial) => fileAt(revision, partial));
  return { ...content, fileInGit: file };
}

/** The bytes of a file as git has it at a revision; undefined where there is none. */
function fileAt(revision: string, path: string): Uint8Array | undefined {
  const file = path.replaceAll('\\', '/');
  const options = { maxBuffer: MOST_BYTES, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
  const found = execFileSync('git', ['ls-tree', '--full-tree', '-z', revision, '--', `:(literal)${file}`], options);
  return found.length === 0 ? undefined : execFileSync('git', ['show', `${revision}:${file}`], options);
}

async function promptFileAt(revision: string, promptName: string): Promise<string> {
  const listing = await git(
    ['ls-tree', '-r', '--name-only', '--full-tree', '-z', revision],
    `git knows no revision ${revision}`,
  );
  const files = String(listing)
    .split('\0')
    .filter((file) => file.split('/').pop() === `${promptName}.prompt`);
  if (files.length === 1) return files[0] as string;
  throw new CliError({
    what:
      files.length === 0
        ? `${revision} has no file ${promptName}.prompt`
        : `${revision} has ${files.length} files ${promptName}.prompt`,
    fix: files.length === 0 ? `name it: rev:${revision}:PATH` : files.map((file) => `rev:${revision}:${file}`),
  });
}

/**
 * What a git command prints.
 *
 * @param what went wrong, where it fails
 */
export async function git(args: readonly string[], what: string): Promise<Buffer> {
  try {
    const options = { encoding: 'buffer', maxBuffer: MOST_BYTES } as const;
    return (await promisify(execFile)('git', [...args], options)).stdout;
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { stderr?: Buffer };
    throw new CliError({ what, why: String(stderr).trim().split('\n')[0] || message }, undefined, { cause });
  }
}

export function digestOrNull(variant: unknown): string | null {
  try {
    return contentDigest(variant);
  } catch {
    return null;
  }
}
