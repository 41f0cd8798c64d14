import { type DependencyTag, dependencyTags } from './dependency-tag';
import type { Contents, Pointers } from './ports';
import type { LabelledVersion, LangfusePrompt, PromptRow } from './prompt-row';

/** Langfuse's own limit. */
const MAX_DEPTH = 5;

interface Node {
  readonly name: string;
  readonly version: number;
  readonly id: string;
}

/** Which prompts a prompt was put together from; null where it stands alone. */
export type ResolutionGraph = { readonly root: Node; readonly dependencies: Record<string, Node[]> } | null;

export type Composed = Pick<PromptRow, 'id' | 'name' | 'version' | 'prompt'>;

/** Why a prompt cannot be put together; a request decides what status that has. */
export class CannotResolve extends Error {}

/** The prompt with the texts of those it names, and which these are. @throws CannotResolve */
export async function resolvePrompt(
  root: Composed,
  source: { readonly pointers: Pointers; readonly contents: Contents },
): Promise<{ readonly prompt: LangfusePrompt; readonly graph: ResolutionGraph }> {
  const dependencies: Record<string, Node[]> = {};
  const open = new Set<string>();

  const resolve = async (current: Composed, depth: number): Promise<LangfusePrompt> => {
    if (depth >= MAX_DEPTH) throw new CannotResolve(`Maximum nesting depth exceeded (${MAX_DEPTH})`);
    const isAnotherVersionOfRoot = current.name === root.name && current.id !== root.id;
    if (open.has(current.id) || isAnotherVersionOfRoot)
      throw new CannotResolve(
        `Circular dependency detected involving prompt '${current.name}' version ${current.version}`,
      );
    open.add(current.id);
    let text = JSON.stringify(current.prompt);
    for (const tag of dependencyTags(current.prompt)) {
      const { row, labels } = await find(tag, source);
      dependencies[current.id] = [...(dependencies[current.id] ?? []), nodeOf(row)];
      const inner = JSON.stringify(await resolve(row, depth + 1)).slice(1, -1);
      for (const spelling of spellings(row, labels)) text = text.replaceAll(spelling, () => inner);
    }
    open.delete(current.id);
    return JSON.parse(text);
  };

  const prompt = await resolve(root, 0);
  const graph = Object.keys(dependencies).length > 0 ? { root: nodeOf(root), dependencies } : null;
  return { prompt, graph };
}

async function find(tag: DependencyTag, { pointers, contents }: { pointers: Pointers; contents: Contents }) {
  const said = `${tag.name} - ${tag.type} ${tag.type === 'version' ? tag.version : tag.label}`;
  const isMeant = ({ version, labels }: LabelledVersion) =>
    tag.type === 'version' ? version === tag.version : labels.includes(tag.label);
  const standing = (await pointers.standings(tag.name, 'all')).find(isMeant);
  const row = standing && (await contents.read(tag.name, standing.version));
  if (!row) throw new CannotResolve(`Prompt dependency not found: ${said}`);
  if (row.type !== 'text') throw new CannotResolve(`Prompt dependency is not a text prompt: ${said}`);
  return { row, labels: standing.labels };
}

/** Every tag that means this version, as it stands in JSON. */
function spellings({ name, version }: Composed, labels: readonly string[]): string[] {
  return [`version=${version}`, ...labels.map((label) => `label=${label}`)].map(
    (which) => `@@@langfusePrompt:name=${name}|${which}@@@`,
  );
}

function nodeOf({ name, version, id }: Composed): Node {
  return { name, version, id };
}
