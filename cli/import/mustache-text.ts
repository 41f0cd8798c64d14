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
  '&': 'a variable without escaping',
  '{': 'a variable without escaping',
};

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
    const tag = /^\{\{\s*([#^/>{&=!]?)\s*([\s\S]*?)\s*\}\}/.exec(source.slice(start));
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
    } else if (sigil !== '') {
      losses.push(
        refused(
          `${at(start)}: ${MEANINGS[sigil]}, ${whole}`,
          sigil === '{' || sigil === '&' ? `write {{${name}}}` : WRITE_IT,
        ),
      );
    } else if (NAME.test(name)) {
      lines.variable(`{{${name}}}`);
    } else {
      const fix = `name it with letters and digits, each followed by at most one _ or -; ${WRITE_IT}`;
      losses.push(refused(`${at(start)}: the variable ${whole}`, fix));
    }
  }
  lines.text(source.slice(end));
  return { text: lines.end(), losses };
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
