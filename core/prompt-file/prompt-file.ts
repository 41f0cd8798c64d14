import type {
  PromptBlock,
  PromptMessage,
  PromptTemplateConfiguration,
  PromptVariantContent,
} from '../content/prompt-content';
import { portableText } from '../text/portable-text';
import { frontMatterMistake } from './front-matter-mistake';
import { Partials, type ReadPromptFile } from './partials';
import { PromptFileProblems } from './prompt-file-problems';
import { promptFileText } from './prompt-file-text';
import { type PromptFrontMatter, parsePromptFrontMatter } from './prompt-front-matter';
import { type PromptTemplate, parsePromptTemplate, type TemplateSection } from './prompt-template';
import { type PromptFileParts, splitPromptFile } from './split-prompt-file';

export interface PromptFile {
  readonly variant: PromptVariantContent;
  /** The file's name without folder and `.prompt`. */
  readonly name: string;
  readonly description?: string;
  /** Names the content: `v1.1-alpha`. */
  readonly tag?: string;
  /** Paths of the partials in it, each once. */
  readonly partials?: readonly string[];
}

/**
 * Reads a prompt from a Dotprompt file (`.prompt`): YAML front matter, a line `---`, and a template; or a template alone,
 * which declares the variables that it uses.
 *
 * Front matter: `model`, `description`, `tag`, `config` (`temperature`, `topP`, `maxOutputTokens`, `stopSequences`, `toolChoice`,
 * `additionalModelRequestFields`), `toolDefs`, `metadata`, and `input.schema`, which declares the variables. `name`, if
 * there, must be the file's. Cache points have no place in Dotprompt. A template with `{{role "system"}}`,
 * `{{role "user"}}` or `{{role "model"}}` becomes a CHAT prompt, any other a TEXT prompt. Line ends count as `\n`, and
 * white space around the template and around each message does not count, so that a checkout on Windows has the same
 * content digest. `{{>style}}` stands for what is in `_style.prompt`, and is written out: the content and its digest hold
 * the text (ADR 20).
 *
 * Bedrock's limits of length and count are not checked here but by `checkVariant`.
 *
 * @param file the file's bytes, which have to be UTF-8, or its text
 * @param fileName as it is to appear in errors; partials are searched from its folder upwards
 * @param read reads partials; without it a partial is a problem
 * @throws RegistryError `InvalidPromptFile`, one line per problem: `prompts/x.prompt:12: …`
 * @see https://google.github.io/dotprompt/reference/template/
 */
export function parsePromptFile(file: string | Uint8Array, fileName: string, read?: ReadPromptFile): PromptFile {
  const source = typeof file === 'string' ? file : promptFileText(file, fileName);
  const problems = new PromptFileProblems(fileName);
  const parts = splitPromptFile(source) ?? templateAlone(source, problems);
  const name = fileName.replace(/^.*[/\\]/, '').replace(/\.prompt$/, '');
  const declared = parsePromptFrontMatter(parts.yaml, parts.yamlLine, problems);
  if (declared.name !== undefined && declared.name !== name) {
    problems.add(parts.yamlLine, `field name must be the file's name ${name}, found ${declared.name}: remove it`);
  }
  problems.throwIfAny();

  const partials = read && new Partials(read);
  const unit = { template: parts.template, firstLine: parts.templateLine, problems, includedBy: [] };
  const template = parsePromptTemplate(unit, partials);
  // What stands inside a refused block was not read: its variables would look unused.
  problems.throwIfAny();
  // A file without front matter has no place to declare them.
  const frontMatter = parts.yaml === '' ? { ...declared, variables: linesOf(template.variables) } : declared;
  checkVariables(frontMatter, template, problems);
  const templateConfiguration = toTemplateConfiguration(frontMatter, template, parts.templateLine, problems);
  problems.throwIfAny();

  const { description, tag, model, inference, additionalModelRequestFields, metadata } = frontMatter;
  return {
    variant: {
      templateType: templateConfiguration.chat ? 'CHAT' : 'TEXT',
      templateConfiguration,
      ...(model !== undefined && { modelId: model }),
      ...(Object.keys(inference).length > 0 && { inferenceConfiguration: { text: inference } }),
      ...(additionalModelRequestFields && { additionalModelRequestFields }),
      ...(metadata && { metadata }),
    },
    name,
    ...(partials && partials.paths.length > 0 && { partials: partials.paths }),
    ...(description !== undefined && { description }),
    ...(tag !== undefined && { tag }),
  };
}

/** Dotprompt takes a file without front matter for a template: it has no model and no settings. */
function templateAlone(source: string, problems: PromptFileProblems): PromptFileParts {
  const mistake = frontMatterMistake(source);
  if (mistake) {
    problems.add(mistake.line, mistake.message);
    throw problems.error();
  }
  const text = portableText(source);
  const before = text.slice(0, text.length - text.trimStart().length);
  return { yaml: '', yamlLine: 1, template: text.trim(), templateLine: before.split('\n').length };
}

function linesOf(places: PromptTemplate['variables']): Map<string, number> {
  return new Map([...places].map(([name, { line }]) => [name, line]));
}

function checkVariables(frontMatter: PromptFrontMatter, template: PromptTemplate, problems: PromptFileProblems): void {
  for (const [name, place] of template.variables) {
    if (!frontMatter.variables.has(name)) {
      const where = place.problems === problems ? '' : ` of ${problems.fileName}`;
      const fix = `add ${name}: string under input.schema in the front matter${where}`;
      place.problems.add(place.line, `{{${name}}} is not declared: ${fix}`);
    }
  }
  for (const [name, line] of frontMatter.variables) {
    if (!template.variables.has(name)) {
      problems.add(line, `variable ${name} is declared, but the template never uses {{${name}}}: use it or remove it`);
    }
  }
}

function toTemplateConfiguration(
  frontMatter: PromptFrontMatter,
  { sections }: PromptTemplate,
  templateLine: number,
  problems: PromptFileProblems,
): PromptTemplateConfiguration {
  const names = [...frontMatter.variables.keys()].map((name) => ({ name }));
  const inputVariables = names.length > 0 ? { inputVariables: names } : {};
  const [opening, ...spoken] = sections;
  const text = opening?.text ?? '';
  if (spoken.length === 0) {
    if (text === '') problems.add(templateLine, 'the template is empty: write the prompt below the front matter');
    if (frontMatter.toolConfiguration) {
      problems.add(templateLine, 'only a chat prompt has tools: put {{role "user"}} before the text');
    }
    return { text: { text, ...inputVariables } };
  }
  // As in Dotprompt, what stands before the first role is the user's.
  const all =
    text === '' ? spoken : [{ role: 'user' as const, text, place: { line: templateLine, problems } }, ...spoken];
  const { toolConfiguration } = frontMatter;
  return { chat: { ...toChat(all), ...inputVariables, ...(toolConfiguration && { toolConfiguration }) } };
}

function toChat(sections: readonly TemplateSection[]) {
  const system: PromptBlock[] = [];
  const messages: PromptMessage[] = [];
  for (const { role, text, place } of sections) {
    const { problems, line } = place;
    if (text === '') problems.add(line, `{{role "${role}"}} has no text: write some below it, or remove it`);
    const misplaced = orderMistake(role, messages);
    if (misplaced !== undefined) problems.add(line, misplaced);
    if (role === 'system') system.push({ text });
    else messages.push({ role: role === 'model' ? 'assistant' : 'user', content: [{ text }] });
  }
  return { messages, ...(system.length > 0 && { system }) };
}

/** As `conversationProblems` has it, with the words of a file. */
function orderMistake(role: TemplateSection['role'], before: readonly PromptMessage[]): string | undefined {
  const last = before.at(-1)?.role;
  if (role === 'system') {
    return (
      last && '{{role "system"}} must come before the first message: Bedrock keeps system text apart from messages'
    );
  }
  if (role === 'model' && last === undefined) {
    return 'a conversation must begin with {{role "user"}}, found {{role "model"}}: Converse refuses it; put a user\'s text first';
  }
  if (last !== (role === 'model' ? 'assistant' : 'user')) return undefined;
  return `{{role "${role}"}} follows {{role "${role}"}}: Converse refuses two turns of one role; remove the second, which joins their texts`;
}
