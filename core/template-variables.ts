/** A variable's name: letters and digits, each followed by at most one `_` or `-`, 1–100 of them. */
export const VARIABLE_NAME_PATTERN = '^([0-9a-zA-Z][_-]?){1,100}$';

export interface TemplateVariables {
  /** Names of `{{variables}}`, each once, in order of appearance. */
  readonly names: string[];
  /** What stands after other `{{`, which Bedrock would not fill, as found. */
  readonly unfillable: string[];
}

/**
 * The variables of a text as Bedrock reads it: `{{name}}`, without spaces, and nothing else.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-create.html
 */
export function templateVariables(text: string): TemplateVariables {
  const names = new Set<string>();
  const unfillable: string[] = [];
  const isName = new RegExp(VARIABLE_NAME_PATTERN);
  for (const { 0: found, 1: name, index } of text.matchAll(/\{\{([^{}]*)\}\}|\{\{/g)) {
    if (name !== undefined && isName.test(name)) names.add(name);
    else unfillable.push(name === undefined ? text.slice(index, index + 20) : found);
  }
  return { names: [...names], unfillable };
}
