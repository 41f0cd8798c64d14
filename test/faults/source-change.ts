import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** One change of a source file: `text` must stand in it, exactly once. */
export interface SourceChange {
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** A source with changes made to it; those are taken out of `open`. */
export function changed(path: string, changes: readonly SourceChange[], open: Set<SourceChange>): string {
  let source = readFileSync(path, 'utf8');
  for (const change of changes) {
    const found = source.split(change.text).length - 1;
    if (found !== 1) {
      throw new Error(`expected once in ${relative('.', path)}, found ${found} times: ${change.text}`);
    }
    source = source.replace(change.text, () => change.replacement);
    open.delete(change);
  }
  return source;
}
