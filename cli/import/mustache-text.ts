import { VARIABLE_NAME_PATTERN } from '../../core/content/template-variables';
import { changed, type Loss, refused } from './source-version';

export interface ReadText {
  /** With `{{name}}` for each variable. */
  readonly text: string;
  readonly losses: readonly Loss[];
}

const NAME = new RegExp(VARIABLE_NAME_PATTERN);

const MEANINGS: Readonly<Record<string, string>> = {
  '#': 'a section',
  '^': 'an inverted section',
  '/': 'the end of a section',
  '>': 'a partial of Mustache',
  '=': 'a change of delimiters',
};

/** A tag of three braces ends with three: of two, it would leave one of them behind. */
const TAGS = [/^\{\{\s*(\{)\s*([\s\S]*?)\s*\}\}\}/, /^\{\{\s*([#^/>&=!]?)\s*([\s\S]*?)\s*\}\}/];

const WRITE_IT = 'compute the text before the call, and pass it as a variable';

/**
 * Reads a template of Mustache, which Langfuse's JavaScript clients are, down to text and variables. Its tags may hold
 * blanks, and a comment alone on its line takes the line with it.
 *
 * @see https://github.com/janl/mustache.js/blob/master/mustache.js `parseTemplate`
 */
export function mustacheText(source: string, place: string): ReadText {
  const lines = new Lines();
  const losses: Loss[] = [];
  const at = (offset: number) => `${place}, line ${source.slice(0, offset).split('\n').length}`;
  let end = 0;
  for (let start = source.indexOf('{{'); start >= 0; start = source.indexOf('{{', end)) {
    lines.text(source.slice(end, start));
    const tag = TAGS.map((pattern) => pattern.exec(source.slice(start))).find(Boolean);
    if (!tag) {
      losses.push(refused(`${at(start)}: {{ without its end`, 'Bedrock cannot show {{ as text: write it another way'));
      end = start + 2;
      continue;
    }
    const [whole, sigil = '', name = ''] = tag;
    end = start + whole.length;
    if (sigil === '!') {
      lines.comment();
      losses.push(changed(`${at(start)}: a comment, ${whole}`, 'keep it in the commit or the front matter'));
    } else if (MEANINGS[sigil]) {
      losses.push(refused(`${at(start)}: ${MEANINGS[sigil]}, ${whole}`, WRITE_IT));
    } else if (NAME.test(name)) {
      lines.variable(`{{${name}}}`);
      if (sigil !== '')
        losses.push(changed(`${at(start)}: a variable without escaping, ${whole}`, unescaped(name, whole)));
    } else {
      const fix = `name it with letters and digits, each followed by at most one _ or -; ${WRITE_IT}`;
      losses.push(refused(`${at(start)}: the variable ${whole}`, fix));
    }
  }
  lines.text(source.slice(end));
  return { text: lines.end(), losses };
}

/** Langfuse's JavaScript clients escape nothing; its Python client fills `{{x}}` and leaves every other tag as it stands. */
function unescaped(name: string, tag: string): string {
  return `it is {{${name}}} here, as Langfuse's JavaScript clients render both alike; its Python client leaves ${tag} as it stands`;
}

/** Text, line by line: one that holds comments and blanks alone is left out. */
class Lines {
  private done = '';
  private line = '';
  private hasComment = false;
  private hasVariable = false;

  text(text: string): void {
    for (const part of text.split(/(?<=\n)/)) {
      this.line += part;
      if (part.endsWith('\n')) this.next();
    }
  }

  variable(tag: string): void {
    this.line += tag;
    this.hasVariable = true;
  }

  comment(): void {
    this.hasComment = true;
  }

  end(): string {
    this.next();
    return this.done;
  }

  private next(): void {
    if (!this.hasComment || this.hasVariable || this.line.trim() !== '') this.done += this.line;
    this.line = '';
    this.hasComment = false;
    this.hasVariable = false;
  }
}
