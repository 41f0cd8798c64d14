import { isDeepStrictEqual } from 'node:util';
import { CliError } from '../cli-error';
import type { LangfuseApi } from '../import/langfuse-api';
import type { CreateBody, ExportedVersion } from './langfuse-export';

/** Numbers that versions have at the target, by `name version`. */
export type TargetNumbers = ReadonlyMap<string, number>;

/**
 * Makes the versions in order, after those that are there already, and sets the labels.
 *
 * @throws CliError, before anything is written, where the target has other versions than these
 */
export async function pushLangfuse(
  api: LangfuseApi,
  versions: readonly ExportedVersion[],
  say: (doing: string) => void,
): Promise<TargetNumbers> {
  const bodies = versions.flatMap(({ name, version, body }) => (body ? [{ key: `${name} ${version}`, body }] : []));
  const there = new Map(
    (await api.prompts()).map(({ name, versions: numbers }) => [name, numbers.toSorted((a, b) => a - b)]),
  );
  const numbers = new Map<string, number>();
  for (const [name, known] of there) {
    const own = bodies.filter(({ body }) => body.name === name);
    if (own.length === 0) continue;
    for (const [index, number] of known.entries()) await match(api, name, number, own[index], numbers);
  }
  let count = 0;
  for (const { key, body } of bodies) {
    const known = numbers.get(key);
    if (known === undefined) numbers.set(key, await api.create(body));
    else if (body.labels.length > 0) await api.label(body.name, known, body.labels);
    count += 1;
    say(`wrote ${count} of ${bodies.length} versions`);
  }
  return numbers;
}

async function match(
  api: LangfuseApi,
  name: string,
  number: number,
  expected: { readonly key: string; readonly body: CreateBody } | undefined,
  numbers: Map<string, number>,
): Promise<void> {
  const row = await api.version(name, number, false);
  const found = typeof row === 'object' ? { prompt: plainPrompt(row.prompt), config: row.config } : undefined;
  if (!expected || !isDeepStrictEqual(found, { prompt: expected.body.prompt, config: expected.body.config })) {
    throw new CliError({
      what: `${name} is there already, and its version ${number} is none of these in this order`,
      fix: 'push into a project without it: versions there cannot be put in order afterwards',
    });
  }
  numbers.set(expected.key, number);
}

/** The server keeps the kind of a message besides. */
function plainPrompt(prompt: unknown): unknown {
  if (!Array.isArray(prompt)) return prompt;
  return prompt.map(({ role, content }: { role: string; content: string }) => ({ role, content }));
}
