import { dirname, join } from 'node:path';
import { portableText } from '../text/portable-text';
import { frontMatterMistake } from './front-matter-mistake';
import type { PromptFileProblems } from './prompt-file-problems';
import { promptFileText } from './prompt-file-text';
import { splitPromptFile } from './split-prompt-file';

/** The bytes of a file; undefined where there is none. */
export type ReadPromptFile = (path: string) => Uint8Array | undefined;

/** A template with the file that it stands in, and the files that include it, outermost first. */
export interface TemplateUnit {
  /** Without white space around it. */
  readonly template: string;
  readonly firstLine: number;
  readonly problems: PromptFileProblems;
  readonly includedBy: readonly string[];
}

/** Two partials that each include the next one twice would double with each file. */
const MOST_INCLUDES = 1_000;
const MOST_CHARACTERS = 1_000_000;

/**
 * Finds Dotprompt's partials: `{{>style}}` is the file `_style.prompt` in the folder of the file that includes it or, if
 * there is none, in the nearest folder above.
 *
 * @see https://google.github.io/dotprompt/reference/template/#partials
 */
export class Partials {
  private readonly files = new Map<string, Uint8Array | undefined>();
  private includes = 0;
  private characters = 0;

  constructor(private readonly read: ReadPromptFile) {}

  /** The files that were included, each once. */
  get paths(): string[] {
    return [...this.files].flatMap(([path, bytes]) => (bytes ? [path] : []));
  }

  /** The template of a partial; undefined, and a problem, where it cannot be included. */
  include(name: string, line: number, from: TemplateUnit): TemplateUnit | undefined {
    const { fileName } = from.problems;
    const places = candidates(name, fileName);
    const path = places.find((candidate) => this.bytes(candidate));
    const bytes = path === undefined ? undefined : this.bytes(path);
    if (path === undefined || !bytes) {
      const expected = places.length > 0 ? `expected ${places.join(' or ')}, found none` : 'it has no name';
      from.problems.add(line, `partial {{>${name}}} has no file: ${expected}; write the file, or the text itself here`);
      return undefined;
    }
    const trail = [...from.includedBy, fileName];
    if (trail.some((one) => join(one) === path)) {
      const circle = [...trail.slice(trail.findIndex((one) => join(one) === path)), path].join(' → ');
      from.problems.add(line, `partial {{>${name}}} includes itself: ${circle}; remove one of these`);
      return undefined;
    }
    const source = promptFileText(bytes, path);
    if (this.isTooMuch(source, line, from)) return undefined;
    return unit(source, from.problems.ofPartial(path), trail);
  }

  private bytes(path: string): Uint8Array | undefined {
    if (!this.files.has(path)) this.files.set(path, this.read(path));
    return this.files.get(path);
  }

  private isTooMuch(source: string, line: number, from: TemplateUnit): boolean {
    const isSaid = this.includes > MOST_INCLUDES || this.characters > MOST_CHARACTERS;
    this.includes += 1;
    this.characters += source.length;
    if (this.includes <= MOST_INCLUDES && this.characters <= MOST_CHARACTERS) return false;
    const limits = `${MOST_INCLUDES.toLocaleString('en')} partials and ${MOST_CHARACTERS.toLocaleString('en')} characters of them`;
    if (!isSaid) from.problems.add(line, `a prompt may include ${limits}, found more: include less`);
    return true;
  }
}

/** `shared/style` as files, nearest first. */
function candidates(name: string, from: string): string[] {
  const [, folder = '', base = ''] = /^(.*\/)?([^/]*)$/s.exec(name) ?? [];
  if (base === '' || base === '.' || base === '..') return [];
  const found: string[] = [];
  for (let above = dirname(from); ; above = dirname(above)) {
    found.push(join(above, folder, `_${base}.prompt`));
    if (above === dirname(above) || /(^|[/\\])\.\.$/.test(above)) return [...new Set(found)];
  }
}

function unit(source: string, problems: PromptFileProblems, includedBy: readonly string[]): TemplateUnit | undefined {
  const mistake = splitPromptFile(source) ? { line: 1 } : frontMatterMistake(source);
  const text = portableText(source);
  const template = text.trim();
  if (mistake) {
    problems.add(
      mistake.line,
      'a partial has no front matter: its variables and settings are those of the file that includes it; remove it',
    );
    return undefined;
  }
  if (template === '') {
    problems.add(1, 'the partial is empty: write its text, or do not include it');
    return undefined;
  }
  const before = text.slice(0, text.length - text.trimStart().length);
  return { template, firstLine: before.split('\n').length, problems, includedBy };
}
