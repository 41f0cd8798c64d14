import { isMap, isScalar, parseDocument } from 'yaml';
import { contentDigest } from '../../core/content/content-digest';
import type { ReadPromptFile } from '../../core/prompt-file/partials';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';

/** A prompt file on the old model, and what it is on the new one. */
export interface SwappedFile {
  readonly path: string;
  readonly promptName: string;
  /** The file with one line changed. */
  readonly source: string;
  /** Digest of the content on the new model. */
  readonly digest: string;
}

/** Front matter as Dotprompt finds it, with whatever line ends: the file keeps its own. */
const FRONT_MATTER = /^(\uFEFF?---\s*[\r\n])([\s\S]*?)[\r\n]---\s*[\r\n]/;

/**
 * A prompt file with another model: one line of it changes, and nothing else of the content. Undefined where it does not
 * run on the old model.
 *
 * @throws RegistryError for what is no prompt file
 */
export function swappedFile(
  path: string,
  bytes: Uint8Array,
  [before, after]: readonly [string, string],
  read: ReadPromptFile,
): SwappedFile | undefined {
  const parsed = parsePromptFile(bytes, path, read);
  if (parsed.variant.modelId !== before) return undefined;
  const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const swapped = withModel(source, after);
  const digest = contentDigest({ ...parsed.variant, modelId: after });
  // Read again: what is changed in place must not change anything else.
  if (swapped === undefined || digest !== digestOf(new TextEncoder().encode(swapped), path, read)) {
    throw new Error(`${path}: its model cannot be changed in place: write model: ${after} into it by hand`);
  }
  return { path, promptName: parsed.name, source: swapped, digest };
}

function digestOf(bytes: Uint8Array, path: string, read: ReadPromptFile): string | undefined {
  try {
    return contentDigest(parsePromptFile(bytes, path, read).variant);
  } catch {
    return undefined;
  }
}

/** Undefined where the model stands in no scalar of one line. */
function withModel(source: string, model: string): string | undefined {
  const [, opening = '', yaml = ''] = FRONT_MATTER.exec(source) ?? [];
  const { contents } = parseDocument(yaml, { logLevel: 'silent' });
  const value = isMap(contents)
    ? contents.items.find(({ key }) => isScalar(key) && key.value === 'model')?.value
    : undefined;
  if (!isScalar(value) || !value.range) return undefined;
  const [start, end] = value.range.map((offset) => opening.length + offset) as [number, number, number];
  const quote = { PLAIN: '', QUOTE_DOUBLE: '"', QUOTE_SINGLE: "'" }[value.type as string];
  if (quote === undefined) return undefined;
  return `${source.slice(0, start)}${quote}${model}${quote}${source.slice(end)}`;
}
