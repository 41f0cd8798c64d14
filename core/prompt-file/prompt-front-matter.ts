import type { PromptInference, PromptMetadataEntry, PromptToolConfiguration } from '../content/prompt-content';
import { checkTag } from '../contract/tag';
import { FrontMatterFields, isRecord } from './front-matter-fields';
import type { PromptFileProblems } from './prompt-file-problems';
import { readToolConfiguration } from './prompt-file-tools';

export interface PromptFrontMatter {
  readonly name?: string;
  readonly description?: string;
  readonly tag?: string;
  readonly model?: string;
  readonly inference: PromptInference;
  /** Free JSON that the model's own API understands. */
  readonly additionalModelRequestFields?: Record<string, unknown>;
  readonly toolConfiguration?: PromptToolConfiguration;
  readonly metadata?: PromptMetadataEntry[];
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
    else if (!['name', 'description', 'tag', 'model', 'metadata', 'toolDefs'].includes(name)) {
      fields.problem([name], REFUSED.get(name) ?? `front matter field ${name} is unknown; known are ${KNOWN_FIELDS}`);
    }
  }
  return {
    name: fields.text('name'),
    description: fields.text('description'),
    tag: readTag(fields),
    model: fields.text('model'),
    inference,
    additionalModelRequestFields: fields.value(
      ['config', 'additionalModelRequestFields'],
      'fields with values',
      isRecord,
    ),
    toolConfiguration: readToolConfiguration(fields),
    metadata: readMetadata(fields),
    variables: readVariables(fields),
  };
}

const KNOWN_FIELDS = 'model, description, tag, name, config, input, output, toolDefs and metadata';

/** Dotprompt's own fields for which Bedrock has no place. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['version', 'field version is not for Bedrock, which numbers versions itself: remove it'],
  [
    'variant',
    'field variant is not for Bedrock, whose prompts have one: give the other text a file and a prompt of its own',
  ],
  ['tools', 'field tools names tools that Bedrock does not know: describe them under toolDefs'],
]);

function readTag(fields: FrontMatterFields): string | undefined {
  const tag = fields.text('tag');
  if (tag === undefined) return undefined;
  try {
    checkTag(tag);
  } catch (error) {
    fields.problem(['tag'], (error as Error).message);
  }
  return tag;
}

function readConfig(fields: FrontMatterFields, inference: PromptInference): void {
  const isNumber = (value: unknown) => typeof value === 'number';
  const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');
  for (const name of fields.names('config')) {
    const path = ['config', name];
    if (name === 'temperature' || name === 'topP') inference[name] = fields.value(path, 'a number', isNumber);
    else if (name === 'maxOutputTokens') inference.maxTokens = fields.value(path, 'a whole number', Number.isInteger);
    else if (name === 'stopSequences') inference.stopSequences = fields.value(path, 'a list of texts', isTexts);
    else if (!['additionalModelRequestFields', 'toolChoice'].includes(name)) {
      const known =
        'temperature, topP, maxOutputTokens, stopSequences, toolChoice, and additionalModelRequestFields for what one model alone understands';
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

function readMetadata(fields: FrontMatterFields): PromptMetadataEntry[] | undefined {
  if (fields.raw(['metadata']) === undefined) return undefined;
  return fields.names('metadata').flatMap((key) => {
    const value = fields.value(['metadata', key], 'a text', (found) => typeof found === 'string');
    return value === undefined ? [] : [{ key, value: String(value) }];
  });
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
