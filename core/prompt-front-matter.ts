import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { PromptInference } from './prompt-content';
import type { PromptFileProblems } from './prompt-file-problems';

export interface PromptFrontMatter {
  readonly name?: string;
  readonly description?: string;
  readonly model?: string;
  readonly inference: PromptInference;
  /** Declared variables with the line of their declaration. */
  readonly variables: Map<string, number>;
}

/**
 * Reads the YAML at the top of a prompt file: Dotprompt's fields as far as Bedrock has a place for them. A field that
 * would have to be dropped is a problem with its line, and so is broken YAML.
 *
 * @param firstLine line of the file on which the YAML begins
 * @see https://google.github.io/dotprompt/reference/frontmatter/
 */
export function parsePromptFrontMatter(
  yaml: string,
  firstLine: number,
  problems: PromptFileProblems,
): PromptFrontMatter {
  const fields = new FrontMatterFields(yaml, firstLine, problems);
  const inference: PromptInference = {};
  for (const name of fields.names()) {
    if (name === 'config') readConfig(fields, inference);
    else if (name === 'input') readInput(fields);
    else if (name === 'output') readOutput(fields);
    else if (!['name', 'description', 'model'].includes(name)) {
      fields.problem([name], REFUSED.get(name) ?? `front matter field ${name} is unknown; known are ${KNOWN_FIELDS}`);
    }
  }
  return {
    name: fields.text('name'),
    description: fields.text('description'),
    model: fields.text('model'),
    inference,
    variables: readVariables(fields),
  };
}

const KNOWN_FIELDS = 'model, description, name, config, input and output';

/** Dotprompt's own fields for which Bedrock has no place. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['version', 'field version is not for Bedrock, which numbers versions itself: remove it'],
  [
    'variant',
    'field variant is not for Bedrock, whose prompts have one: give the other text a file and a prompt of its own',
  ],
  ['tools', 'field tools is not read from a file: define the prompt in code to give it tools'],
  ['toolDefs', 'field toolDefs is not read from a file: define the prompt in code to give it tools'],
  ['metadata', 'field metadata is not read from a file: remove it'],
]);

function readConfig(fields: FrontMatterFields, inference: PromptInference): void {
  const isNumber = (value: unknown) => typeof value === 'number';
  const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');
  for (const name of fields.names('config')) {
    const path = ['config', name];
    if (name === 'temperature' || name === 'topP') inference[name] = fields.value(path, 'a number', isNumber);
    else if (name === 'maxOutputTokens') inference.maxTokens = fields.value(path, 'a whole number', Number.isInteger);
    else if (name === 'stopSequences') inference.stopSequences = fields.value(path, 'a list of texts', isTexts);
    else {
      const known = 'temperature, topP, maxOutputTokens and stopSequences';
      fields.problem(path, `config field ${name} has no place in a Bedrock prompt; known are ${known}`);
    }
  }
}

function readInput(fields: FrontMatterFields): void {
  for (const name of fields.names('input')) {
    if (name === 'schema') continue;
    const message =
      name === 'default'
        ? 'Bedrock has no default values for variables: remove input.default, and let the caller send them'
        : `front matter field input.${name} is unknown; known is input.schema`;
    fields.problem(['input', name], message);
  }
}

function readOutput(fields: FrontMatterFields): void {
  for (const name of fields.names('output')) {
    if (name === 'format' && fields.raw(['output', 'format']) === 'text') continue;
    fields.problem(['output', name], `Bedrock prompts carry no output ${name}: ask for it in the text`);
  }
}

function readVariables(fields: FrontMatterFields): Map<string, number> {
  const schema = fields.raw(['input', 'schema']);
  if (schema === undefined) return new Map();
  const path = ['input', 'schema'];
  // As Dotprompt does: `properties` makes it a JSON Schema, anything else is its shorthand, Picoschema.
  const isJsonSchema = isRecord(schema) && isRecord(schema.properties);
  const declarations = isJsonSchema ? [...path, 'properties'] : path;
  const variables = new Map<string, number>();
  for (const key of fields.names(...declarations)) {
    const [, name = '', optional, hint] = /^([^?(]*)(\??)(\(.*\))?$/.exec(key) ?? [];
    const declared = [...declarations, key];
    if (optional) {
      fields.problem(declared, `Bedrock has no optional variables: declare ${name} without the question mark`);
    } else if (!isScalarType(fields.raw(declared), hint)) {
      fields.problem(
        declared,
        `Bedrock fills variables with text: declare ${name} as string, not as an object or array`,
      );
    }
    variables.set(name, fields.line(declared));
  }
  return variables;
}

/** `string`, `number, with a description`, `{type: string}`, `name(enum): [a, b]`. */
function isScalarType(type: unknown, hint: string | undefined): boolean {
  if (hint) return hint.startsWith('(enum');
  const name = isRecord(type) ? (type.enum ? 'string' : type.type) : type;
  return typeof name === 'string' && /^(string|number|integer|boolean|any)\s*(,|$)/.test(name.trim());
}

/** The front matter's fields with their lines. */
class FrontMatterFields {
  private readonly lines = new LineCounter();
  private readonly document;
  private readonly root: unknown;

  constructor(
    yaml: string,
    private readonly firstLine: number,
    private readonly problems: PromptFileProblems,
  ) {
    this.document = parseDocument(yaml, { lineCounter: this.lines, prettyErrors: false });
    for (const { message, pos } of [...this.document.errors, ...this.document.warnings]) {
      problems.add(this.lineAt(pos[0]), `the front matter is not valid YAML: ${message}`);
    }
    try {
      this.root = this.document.errors.length === 0 ? this.document.toJS() : {};
    } catch (error) {
      problems.add(firstLine, `the front matter is not valid YAML: ${error instanceof Error ? error.message : error}`);
      this.root = {};
    }
  }

  /** Names of the fields of a field; none, and a problem, if it is not an object. */
  names(...path: string[]): string[] {
    const value = this.raw(path);
    if (isRecord(value)) return Object.keys(value);
    this.problem(path, `${path.length > 0 ? path.join('.') : 'the front matter'} must be fields with values`);
    return [];
  }

  raw(path: readonly string[]): unknown {
    return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), this.root);
  }

  value<T>(path: readonly string[], expected: string, isValid: (value: unknown) => boolean): T | undefined {
    const value = this.raw(path);
    if (value === undefined || isValid(value)) return value as T | undefined;
    this.problem(path, `${path.join('.')} must be ${expected}, found ${JSON.stringify(value)}`);
    return undefined;
  }

  text(name: string): string | undefined {
    return this.value([name], 'a text', (value) => typeof value === 'string' && value !== '');
  }

  problem(path: readonly string[], message: string): void {
    this.problems.add(this.line(path), message);
  }

  /** Line of a field's name in the file. */
  line(path: readonly string[]): number {
    const parent = path.length > 1 ? this.document.getIn(path.slice(0, -1), true) : this.document.contents;
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    const offset = isScalar(pair?.key) ? pair.key.range?.[0] : this.document.contents?.range?.[0];
    return this.lineAt(offset ?? 0);
  }

  private lineAt(offset: number): number {
    return this.firstLine + this.lines.linePos(offset).line - 1;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
