import { PROMPT_NAME } from '../../core/contract/names';
import { grouped } from '../grouped';
import { changed, type Loss } from './source-version';

export interface PromptPath {
  readonly promptName: string;
  /** `support/triage.prompt`, of letters, digits, `_`, `-` and slashes alone. */
  readonly path: string;
  readonly losses: readonly Loss[];
}

/**
 * A file for each name: folders stay folders, the rest is the prompt's name. Names that would be one, compared without
 * regard to case as a registry does, take their folders into the name.
 */
export function promptPaths(names: readonly string[]): ReadonlyMap<string, PromptPath> {
  const short = new Map(names.map((name) => [name, partsOf(name).at(-1) ?? 'prompt']));
  const long = new Map(names.map((name) => [name, partsOf(name).join('-').slice(0, 100) || 'prompt']));
  const chosen = distinct(names, (name, isTaken) => (isTaken ? long.get(name) : short.get(name)) ?? name);
  return new Map(
    names.map((name) => {
      const promptName = chosen.get(name) ?? name;
      const path = [...partsOf(name).slice(0, -1), `${promptName}.prompt`].join('/');
      const isKept = name.split('/').at(-1) === promptName;
      const fix = `clients of Langfuse still find it by names: { ${JSON.stringify(name)}: '${promptName}' } of LangfuseEndpoint`;
      return [
        name,
        { promptName, path, losses: isKept ? [] : [changed(`the name ${name}: it is ${promptName} here`, fix)] },
      ];
    }),
  );
}

/** `a b/c.d` as `a-b` and `c-d`: what a prompt may be called, and no way out of the folder. */
function partsOf(name: string): string[] {
  return name.split('/').flatMap((part) => {
    const plain = part
      .normalize('NFKD')
      .replace(/[^0-9A-Za-z_-]+/g, '-')
      .replace(/([_-])[_-]+/g, '$1')
      .replace(/^[_-]+|[_-]+$/g, '')
      .slice(0, 100);
    return PROMPT_NAME.test(plain) ? [plain] : [];
  });
}

function distinct(
  names: readonly string[],
  nameOf: (name: string, isTaken: boolean) => string,
): ReadonlyMap<string, string> {
  const groups = grouped(names, (name) => nameOf(name, false).toLowerCase());
  const taken = new Set<string>();
  const chosen = new Map<string, string>();
  for (const name of names) {
    const isTaken = (groups.get(nameOf(name, false).toLowerCase()) ?? []).length > 1;
    const wanted = nameOf(name, isTaken);
    let free = wanted;
    for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${wanted}-${count}`;
    taken.add(free.toLowerCase());
    chosen.set(name, free);
  }
  return chosen;
}
