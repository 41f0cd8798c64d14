import { portableText } from '../text/portable-text';

export interface PromptFileParts {
  readonly yaml: string;
  /** Line of the file on which it begins. */
  readonly yamlLine: number;
  /** Without white space around it. */
  readonly template: string;
  readonly templateLine: number;
}

/**
 * Front matter and template of a prompt file, with `\n` for each `\r\n` and without a byte order mark. Undefined where
 * there is no front matter, in which case Dotprompt takes the whole file for the template.
 *
 * The expression is Dotprompt's own, and a test holds the two equal (ADR 14).
 *
 * @see https://github.com/google/dotprompt/blob/main/js/src/parse.ts
 */
export function splitPromptFile(source: string): PromptFileParts | undefined {
  const text = portableText(source);
  const match = /^---\s*[\r\n]([\s\S]*?)[\r\n]---\s*[\r\n]([\s\S]*)$/d.exec(text);
  const [, yaml = '', body = ''] = match ?? [];
  if (!match?.indices || yaml === '') return undefined;
  const [yamlStart] = match.indices[1] ?? [0];
  const bodyStart = text.length - body.trimStart().length;
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  return { yaml, yamlLine: lineAt(yamlStart), template: body.trim(), templateLine: lineAt(bodyStart) };
}
