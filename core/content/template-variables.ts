/** A variable's name: letters and digits, each followed by at most one `_` or `-`, 1–100 of them. */
export const VARIABLE_NAME_PATTERN = '^([0-9a-zA-Z][_-]?){1,100}$';

export interface TemplateVariables {
  /** Names of `{{variables}}`, each once, in order of appearance. */
  readonly names: string[];
  /** What stands after other `{{`, which Bedrock would not fill, as found. */
  readonly unfillable: string[];
}

/** The variables of a text as Bedrock reads it. */
export function templateVariables(text: string): TemplateVariables {
  const { parts, unfillable } = readTemplate(text);
  return { names: [...new Set(parts.filter((_, index) => index % 2))], unfillable };
}

/** A text by turns: what stands as it is, the name of a variable, and so on; it begins and ends with the former. */
export function templateParts(text: string): string[] {
  return readTemplate(text).parts;
}

const VARIABLE_NAME = new RegExp(VARIABLE_NAME_PATTERN);

/**
 * The one grammar of templates: `{{name}}`, without spaces, is a variable, and nothing else is.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-create.html
 */
function readTemplate(text: string) {
  const parts: string[] = [];
  const unfillable: string[] = [];
  let end = 0;
  for (const { 0: found, 1: name, index } of text.matchAll(/\{\{([^{}]*)\}\}|\{\{/g)) {
    if (name !== undefined && VARIABLE_NAME.test(name)) {
      parts.push(text.slice(end, index), name);
      end = index + found.length;
    } else unfillable.push(name === undefined ? text.slice(index, index + 20) : found);
  }
  return { parts: [...parts, text.slice(end)], unfillable };
}
