import { portableText } from '../text/portable-text';

/**
 * What is wrong with a file that Dotprompt would take for a template as a whole, though it looks like front matter: then
 * model and settings would be part of the text. Undefined for a file that is a template and nothing else.
 */
export function frontMatterMistake(source: string): { readonly line: number; readonly message: string } | undefined {
  const lines = portableText(source).split(/\n|\r/);
  const above = lines.findIndex((line) => !/^\s*(#.*)?$/.test(line));
  const blank = lines.findIndex((line) => line.trim() !== '');
  const opening = lines[above] ?? '';
  if (!/^\s*---(\s|$)/.test(opening)) return otherMarks(lines, above);
  const end = lines.findIndex((line, index) => index > above && line.trim() === '---');
  const fields = lines.slice(above + 1, end < 0 ? undefined : end).filter((line) => line.trim() !== '');
  // A heading and a rule are Markdown, unless what follows looks like fields.
  if (blank < above && !(end > 0 && fields.some((line) => /^\w+:(\s|$)/.test(line)))) return undefined;

  const line = above + 1;
  const longer = lines.findIndex((text, index) => index > above && text.startsWith('---'));
  if (end < 0 && longer > 0) {
    return {
      line: longer + 1,
      message: 'the line --- that ends the front matter must hold nothing else: move the rest',
    };
  }
  if (end < 0) return { line, message: 'the front matter has no end: write a line --- below it, then the template' };
  if (opening.trim() !== '---') return { line, message: 'the line --- must hold nothing else: move the rest below it' };
  if (above > 0 || opening !== opening.trimStart()) {
    return { line, message: 'front matter must begin with the file: remove what stands before ---' };
  }
  if (fields.length === 0) {
    return { line, message: 'the front matter is empty: write model: … into it, or remove both lines ---' };
  }
  if (end === lines.length - 1) {
    return { line: end + 1, message: 'the template is empty: write the prompt below the front matter' };
  }
  return {
    line: end + 1,
    message: 'the line --- that ends the front matter must begin its line: remove what stands before it',
  };
}

/** Lines of other marks around what looks like fields, and fields without a line above them. */
function otherMarks(lines: readonly string[], above: number): ReturnType<typeof frontMatterMistake> {
  const mark = lines[above]?.trim() ?? '';
  const line = above + 1;
  const isMark = (text: string) => text.trim() === mark || text.trim() === '---';
  if (/^(model|config|toolDefs):(\s|$)/.test(mark)) {
    return lines.some((text) => text.trim() === '---')
      ? { line, message: 'front matter begins with a line ---: write it above' }
      : undefined;
  }
  const next = lines[line] ?? '';
  const looksLikeFields = /^(-{4,}|\+{3,})$/.test(mark)
    ? /^\w+\s*[:=]/.test(next)
    : MARK.test(mark) && /^(model|config|input|output|toolDefs|metadata|description|name):(\s|$)/.test(next);
  if (!looksLikeFields || !lines.some((text, index) => index > line && isMark(text))) return undefined;
  return { line, message: `front matter is YAML between two lines ---, found ${mark}: write --- instead` };
}

/** Dashes that an editor made longer or parted, what a language writes for them, with what nobody sees; `---yaml`. */
const MARK = /^([\p{Pd}\p{Cf}*_=+~.;\s-]+|---\w+)$/u;
