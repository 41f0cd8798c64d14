import Handlebars from 'handlebars';
import { VARIABLE_NAME_PATTERN } from '../content/template-variables';
import type { Partials, TemplateUnit } from './partials';
import type { PromptFilePlace, PromptFileProblems } from './prompt-file-problems';

export type TemplateRole = 'system' | 'user' | 'model';

/** A stretch of the template under one role; null before the first `{{role}}`. */
export interface TemplateSection {
  readonly role: TemplateRole | null;
  readonly text: string;
  /** Of its `{{role}}`. */
  readonly place: PromptFilePlace;
}

export interface PromptTemplate {
  readonly sections: TemplateSection[];
  /** Variables with the place of their first use, in order of appearance. */
  readonly variables: Map<string, PromptFilePlace>;
}

/**
 * Reads a Handlebars template down to what Bedrock can render: text, `{{variables}}`, and Dotprompt's `{{role "…"}}`.
 * Comments are left out, as Handlebars does, and partials are written out; anything else is a problem with its line.
 *
 * @param partials where `{{>partials}}` are found; without it they are problems
 */
export function parsePromptTemplate(unit: TemplateUnit, partials?: Partials): PromptTemplate {
  const variables: PromptTemplate['variables'] = new Map();
  const sections = readSections(unit, variables, partials);
  return { sections: sections.map((section) => ({ ...section, text: section.text.trim() })), variables };
}

interface OpenSection {
  readonly role: TemplateRole | null;
  text: string;
  readonly place: PromptFilePlace;
}

function readSections(
  unit: TemplateUnit,
  variables: PromptTemplate['variables'],
  partials: Partials | undefined,
): OpenSection[] {
  const { template, firstLine, problems } = unit;
  const opening: OpenSection = { role: null, text: '', place: { line: firstLine, problems } };
  const sections = [opening];
  const body = statements(template, firstLine, problems);
  for (const [index, statement] of body.entries()) {
    const place = { line: firstLine + statement.loc.start.line - 1, problems };
    const read = readStatement(statement, place, partials !== undefined);
    if ('variable' in read && !variables.has(read.variable)) variables.set(read.variable, place);
    const added = 'partial' in read ? sectionsOf(read.partial, place.line) : [sectionOf(read, place)];
    const written = 'partial' in read ? writtenOut(statement, body[index + 1], added) : added;
    append(sections, written);
  }
  return sections;

  function sectionsOf(name: string, line: number): OpenSection[] {
    const included = partials?.include(name, line, unit);
    return included ? readSections(included, variables, partials) : [];
  }
}

function sectionOf(read: ReadStatement, place: PromptFilePlace): OpenSection {
  if ('role' in read) return { role: read.role, text: '', place };
  if ('variable' in read) return { role: null, text: `{{${read.variable}}}`, place };
  return { role: null, text: 'text' in read ? read.text : '', place };
}

/** What has no role of its own goes on where the last one stopped. */
function append(sections: OpenSection[], added: readonly OpenSection[]): void {
  for (const section of added) {
    const last = sections.at(-1);
    if (section.role === null && last) last.text += section.text;
    else sections.push(section);
  }
}

/**
 * A partial's sections as they stand in the file that includes it: white space around a partial does not count, so that
 * an editor's last line end does not. On a line of its own, a partial is indented as that line is, as in Handlebars.
 */
function writtenOut(
  partial: hbs.AST.Statement,
  next: hbs.AST.Statement | undefined,
  sections: OpenSection[],
): OpenSection[] {
  const { indent = '' } = partial as hbs.AST.PartialStatement & { indent?: string };
  const [first, last] = [sections[0], sections.at(-1)];
  if (first) first.text = first.text.trimStart();
  if (last) last.text = last.text.trimEnd();
  if (indent !== '') for (const section of sections) section.text = section.text.replace(/^/gm, indent);
  // The parser took the line end behind a partial on a line of its own, where Handlebars expects the partial's.
  if (last && next && (next as { rightStripped?: boolean }).rightStripped) last.text += '\n';
  return sections;
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

type ReadStatement =
  | { problem: string }
  | { text: string }
  | { role: TemplateRole }
  | { variable: string }
  | { partial: string }
  | Record<string, never>;

/** What a statement stands for; nothing for a comment and for what is a problem. */
function readStatement(
  statement: hbs.AST.Statement,
  { line, problems }: PromptFilePlace,
  hasPartials: boolean,
): ReadStatement {
  if (isContent(statement)) {
    checkContent(statement, line, problems);
    return { text: statement.value };
  }
  if (statement.type === 'CommentStatement') return {};
  const read = readTag(statement, hasPartials);
  if ('problem' in read) problems.add(line, read.problem);
  return read;
}

function readTag(statement: hbs.AST.Statement, hasPartials: boolean): ReadStatement {
  if (isMustache(statement)) return readMustache(statement);
  if (isPartial(statement) && hasPartials) return readPartial(statement);
  return { problem: unsupportedStatement(statement) };
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

function readPartial(partial: hbs.AST.PartialStatement): { problem: string } | { partial: string } {
  const { name, params, hash } = partial;
  // The declared type lacks `strip` on partials; the parser sets it.
  const { open, close } = (partial as { strip?: hbs.AST.StripFlags }).strip ?? {};
  if (!('original' in name)) {
    return { problem: `a partial's name must be text, as it is put in at synth: write {{>name}}` };
  }
  const original = String(name.original);
  if (open || close) return { problem: `whitespace control is not for Bedrock: write {{>${original}}} without ~` };
  if (params.length > 0 || hash) {
    return {
      problem: `partial {{>${original}}} takes nothing: its variables are those of the file that includes it; write {{>${original}}}`,
    };
  }
  return { partial: original };
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

function isPartial(statement: hbs.AST.Statement): statement is hbs.AST.PartialStatement {
  return statement.type === 'PartialStatement';
}

function isPath(expression: hbs.AST.Expression): expression is hbs.AST.PathExpression {
  return expression.type === 'PathExpression';
}
