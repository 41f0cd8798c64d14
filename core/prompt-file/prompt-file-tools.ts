import type { PromptTool, PromptToolChoice, PromptToolConfiguration } from '../content/prompt-content';
import { type FrontMatterFields, isRecord } from './front-matter-fields';

/**
 * The tools of a prompt file: `toolDefs`, as Dotprompt has them, and `config.toolChoice`: `auto`, `any`, or a map
 * `tool: name`. Schemas must be JSON Schema, which is what the model gets; Picoschema, Dotprompt's shorthand, is refused.
 *
 * @see https://google.github.io/dotprompt/reference/frontmatter/
 */
export function readToolConfiguration(fields: FrontMatterFields): PromptToolConfiguration | undefined {
  const definitions = fields.raw(['toolDefs']);
  const toolChoice = readToolChoice(fields);
  if (definitions === undefined) {
    if (toolChoice)
      fields.problem(['config', 'toolChoice'], 'config.toolChoice needs tools: describe them under toolDefs');
    return undefined;
  }
  if (!Array.isArray(definitions) || definitions.length === 0) {
    fields.problem(['toolDefs'], 'toolDefs must be a list of tools, each with name and inputSchema');
    return undefined;
  }
  const tools = definitions.flatMap((definition, index) => readTool(fields, definition, ['toolDefs', String(index)]));
  const names = definitions.map((definition) => (isRecord(definition) ? definition.name : undefined));
  for (const [index, name] of names.entries()) {
    if (name === undefined || names.indexOf(name) === index) continue;
    fields.problem(
      ['toolDefs', String(index), 'name'],
      `two tools are named ${name}: models refuse that, so rename one`,
    );
  }
  return { tools, ...(toolChoice && { toolChoice }) };
}

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['outputSchema', 'Bedrock prompts carry no output schema of a tool: remove outputSchema'],
  [
    'strict',
    "CloudFormation has no place for strict in a Bedrock tool: remove it, and check the tool's input yourself",
  ],
]);

function readTool(fields: FrontMatterFields, definition: unknown, path: string[]): PromptTool[] {
  if (!isRecord(definition)) {
    fields.problem(['toolDefs'], 'toolDefs must be a list of tools, each with name and inputSchema');
    return [];
  }
  for (const name of Object.keys(definition).filter((name) => !['name', 'description', 'inputSchema'].includes(name))) {
    fields.problem([...path, name], REFUSED.get(name) ?? `tool field ${name} has no place in a Bedrock prompt`);
  }
  const { name, description, inputSchema } = definition;
  if (typeof name !== 'string') {
    fields.problem(
      [...path, 'name' in definition ? 'name' : (Object.keys(definition)[0] ?? '')],
      `a tool's name must be a text, found ${JSON.stringify(name)}`,
    );
    return [];
  }
  if (description !== undefined && typeof description !== 'string') {
    fields.problem([...path, 'description'], `the description of tool ${name} must be a text`);
    return [];
  }
  if (!isRecord(inputSchema) || !['type', 'properties', '$ref'].some((keyword) => keyword in inputSchema)) {
    fields.problem(
      [...path, 'inputSchema' in definition ? 'inputSchema' : 'name'],
      `the inputSchema of tool ${name} must be a JSON Schema with a type, which is what Bedrock hands to the model: write type: object and properties`,
    );
    return [];
  }
  return [
    { toolSpec: { name, ...(description !== undefined && { description }), inputSchema: { json: inputSchema } } },
  ];
}

function readToolChoice(fields: FrontMatterFields): PromptToolChoice | undefined {
  const path = ['config', 'toolChoice'];
  const choice = fields.raw(path);
  if (choice === undefined) return undefined;
  if (choice === 'auto') return { auto: {} };
  if (choice === 'any') return { any: {} };
  if (isRecord(choice) && typeof choice.tool === 'string' && Object.keys(choice).length === 1) {
    return { tool: { name: choice.tool } };
  }
  fields.problem(path, `config.toolChoice must be auto, any, or tool: and a name, found ${JSON.stringify(choice)}`);
  return undefined;
}
