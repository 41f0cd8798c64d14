import Handlebars from 'handlebars';
import { VARIABLE_NAME_PATTERN } from '../content/template-variables';
import type { PromptFileProblems } from './prompt-file-problems';

export type TemplateRole = 'system' | 'user' | 'model';

/** A stretch of the template under one role; null before the first `{{role}}`. */
export interface TemplateSection {
  readonly role: TemplateRole | null;
  readonly text: string;
  /** Line of its `{{role}}`, in the file. */
  readonly line: number;
}

export interface PromptTemplate {
  readonly sections: TemplateSection[];
  /** Variables with the line of their first use, in order of appearance. */
  readonly variables: Map<string, number>;
}

/**
 * Reads a Handlebars template down to what Bedrock can render: text, `{{variables}}`, and Dotprompt's `{{role "…"}}`.
 * Comments are left out, as Handlebars does; anything else is a problem with its line.
 *
 * @param firstLine line of the file on which the template begins
 */
export function parsePromptTemplate(template: string, firstLine: number, problems: PromptFileProblems): PromptTemplate {
  const variables = new Map<string, number>();
  const sections: { role: TemplateRole | null; text: string; line: number }[] = [
    { role: null, text: '', line: firstLine },
  ];
  for (const statement of statements(template, firstLine, problems)) {
    const line = firstLine + statement.loc.start.line - 1;
    const section = sections.at(-1);
    if (!section) break;
    if (isContent(statement)) {
      section.text += statement.value;
      checkContent(statement, line, problems);
      continue;
    }
    const read = readStatement(statement);
    if ('problem' in read) problems.add(line, read.problem);
    if ('role' in read) sections.push({ role: read.role, text: '', line });
    if ('variable' in read) {
      section.text += `{{${read.variable}}}`;
      if (!variables.has(read.variable)) variables.set(read.variable, line);
    }
  }
  return { sections: sections.map((section) => ({ ...section, text: section.text.trim() })), variables };
}

function statements(template: string, firstLine: number, problems: PromptFileProblems): hbs.AST.Statement[] {
  try {
    return Handlebars.parse(template).body;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = Number(/on line (\d+)/.exec(message)?.[1] ?? /- (\d+):\d+$/.exec(message)?.[1] ?? 1);
    const [, near] = message.split('\n');
    const fix = handlebarsFix(message, template.split('\n')[line - 1] ?? '');
    problems.add(
      firstLine + line - 1,
      `the template is not valid Handlebars${near ? ` near ${JSON.stringify(near)}` : `: ${message}`}; ${fix}`,
    );
    return [];
  }
}

/** What to do about what the parser did not expect. */
function handlebarsFix(message: string, line: string): string {
  const got = /got '([^']+)'$/.exec(message)?.[1] ?? '';
  const [, before = '', name = '', after = ''] =
    [...line.matchAll(/(\{*)\{\{([^{}]*)\}\}(\}*)/g)].find(([, left, , right]) => left || right) ?? [];
  if (before || after) {
    const apart = [before, `{{${name}}}`, after].filter(Boolean).join(' ');
    return `a brace that is text must not touch {{${name}}}: put a space between them, ${apart}`;
  }
  if (got === 'OPEN_ENDBLOCK' || got === 'INVERSE' || /Expecting [^;]*'OPEN_ENDBLOCK'/.test(message)) {
    return `${ONLY_VARIABLES}: make each case a prompt of its own, or compute the text before the call`;
  }
  if (got === 'INVALID' || got === 'EOF' || got === 'CLOSE') {
    return `${ONLY_VARIABLES}: write {{name}}, with both braces at its end; {{ cannot be text`;
  }
  return ONLY_VARIABLES;
}

type ReadStatement = { problem: string } | { role: TemplateRole } | { variable: string } | Record<string, never>;

/** What a statement other than text stands for; nothing for a comment. */
function readStatement(statement: hbs.AST.Statement): ReadStatement {
  if (isMustache(statement)) return readMustache(statement);
  return statement.type === 'CommentStatement' ? {} : { problem: unsupportedStatement(statement) };
}

const ONLY_VARIABLES = 'Bedrock fills {{variables}} and nothing else';

function readMustache(
  mustache: hbs.AST.MustacheStatement,
): { problem: string } | { role: TemplateRole } | { variable: string } {
  const name = 'original' in mustache.path ? String(mustache.path.original) : '';
  // The declared type lacks `strip` on mustaches; the parser sets it.
  const { open, close } = (mustache as { strip?: hbs.AST.StripFlags }).strip ?? {};
  if (open || close) return { problem: `whitespace control is not for Bedrock: write {{${name}}} without ~` };
  if (!mustache.escaped) {
    return {
      problem: `{{{${name}}}} is not for Bedrock, which never escapes: write {{${name}}}, or { {{${name}}} } where the outer braces are text`,
    };
  }
  if (name === 'role') return readRole(mustache);
  if (mustache.params.length > 0 || mustache.hash) {
    return { problem: `helper ${name} is not for Bedrock: ${ONLY_VARIABLES}; compute the text before the call` };
  }
  if (name === 'history') {
    return { problem: '{{history}} is not for Bedrock: leave it out, the caller sends its messages with Converse' };
  }
  if (!isPath(mustache.path) || mustache.path.data || mustache.path.depth > 0 || mustache.path.parts.length !== 1) {
    return {
      problem: `{{${name}}} is not the name of a variable: ${ONLY_VARIABLES}; write {{name}}, without dots or paths`,
    };
  }
  const [variable = ''] = mustache.path.parts;
  if (!new RegExp(VARIABLE_NAME_PATTERN).test(variable)) {
    return {
      problem: `a variable's name must be 1 to 100 letters and digits, each followed by at most one _ or -, found ${JSON.stringify(variable)}`,
    };
  }
  return { variable };
}

function readRole({ params, hash }: hbs.AST.MustacheStatement): { problem: string } | { role: TemplateRole } {
  const [param] = params;
  const role = param && 'value' in param && params.length === 1 && !hash ? param.value : undefined;
  if (role === 'system' || role === 'user' || role === 'model') return { role };
  return { problem: `role must be {{role "system"}}, {{role "user"}} or {{role "model"}}` };
}

function checkContent(content: hbs.AST.ContentStatement, line: number, problems: PromptFileProblems): void {
  // Not `value`, from which the parser takes the rest of a comment's line. The declared type is wrong.
  const original = content.original as unknown as string;
  const escaped = original.indexOf('{{');
  if (escaped < 0) return;
  const above = original.slice(0, escaped).split('\n').length - 1;
  problems.add(
    line + above,
    'Bedrock cannot escape {{, and would take what follows for a variable: write it another way',
  );
}

function unsupportedStatement(statement: hbs.AST.Statement): string {
  const named = statement as { path?: { original?: unknown }; name?: { original?: unknown } };
  const name = String(named.path?.original ?? named.name?.original ?? '');
  switch (statement.type) {
    case 'BlockStatement':
      return `block {{#${name}}} is not for Bedrock: ${ONLY_VARIABLES}; make each case a prompt of its own, or compute the text before the call`;
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return `partial {{> ${name}}} is not for Bedrock: ${ONLY_VARIABLES}; write its text here`;
    default:
      return `${statement.type} is not for Bedrock: ${ONLY_VARIABLES}`;
  }
}

function isContent(statement: hbs.AST.Statement): statement is hbs.AST.ContentStatement {
  return statement.type === 'ContentStatement';
}

function isMustache(statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement {
  return statement.type === 'MustacheStatement';
}

function isPath(expression: hbs.AST.Expression): expression is hbs.AST.PathExpression {
  return expression.type === 'PathExpression';
}
