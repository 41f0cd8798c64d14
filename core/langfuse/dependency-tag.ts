import type { LangfusePrompt } from './prompt-row';

/** A prompt that stands inside another: `@@@langfusePrompt:name=style|label=production@@@`. */
export type DependencyTag =
  | { readonly name: string; readonly type: 'version'; readonly version: number }
  | { readonly name: string; readonly type: 'label'; readonly label: string };

/** The tags of a prompt, each once, as they stand in its JSON; what is not quite a tag is text. */
export function dependencyTags(prompt: LangfusePrompt): readonly DependencyTag[] {
  const found = JSON.stringify(prompt).matchAll(/@@@langfusePrompt:(.*?)@@@/g);
  return [...new Set([...found].map(([, inside = '']) => inside))].flatMap(readTag);
}

function readTag(inside: string): DependencyTag[] {
  const parts = inside.split('|');
  // The name comes first, so that a tag can be replaced by its text.
  if (parts.length !== 2 || !inside.startsWith('name=')) return [];
  // What follows a second `=` does not count.
  const values = new Map(parts.map((part) => [part.split('=')[0], part.split('=')[1]]));
  const [name, version, label] = [values.get('name'), values.get('version'), values.get('label')];
  if (!name) return [];
  if (version) return Number.isNaN(Number(version)) ? [] : [{ name, type: 'version', version: Number(version) }];
  return label === undefined ? [] : [{ name, type: 'label', label }];
}
