import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a page. */
export interface MarkdownBlock {
  /** Page and line of the fence, such as `docs/client.md:5`. */
  readonly place: string;
  /** Word after the fence: `ts`, `console`, `prompt`, … */
  readonly language: string;
  readonly text: string;
}

/** Every page of the repository: those in the root, and those of docs/ with its folders. */
export function markdownPages(): string[] {
  const inDocs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file));
  return [...readdirSync('.'), ...inDocs].filter((file) => file.endsWith('.md')).sort();
}

/** The fenced blocks of a page, with the indentation of their fence taken away. */
export function markdownBlocks(page: string): MarkdownBlock[] {
  const source = readFileSync(page, 'utf8');
  return [...source.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
      place: `${page}:${source.slice(0, index).split('\n').length}`,
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** The page without its fenced blocks. */
export function markdownProse(page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** Anchors of a page, as GitHub makes them from its headings. */
export function markdownAnchors(page: string): string[] {
  return [...markdownProse(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
