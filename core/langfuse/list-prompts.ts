import type { Contents, Pointers } from './ports';
import type { LabelledVersion, PromptRow } from './prompt-row';
import type { QueryReader } from './query';

interface ListQuery {
  readonly name?: string;
  readonly label?: string;
  readonly tag?: string;
  readonly version?: number;
  readonly page: number;
  readonly limit: number;
  readonly from?: number;
  readonly to?: number;
}

interface Listed extends LabelledVersion {
  readonly row: PromptRow;
}

/** @throws Refusal */
export function readListQuery(query: QueryReader): ListQuery {
  const read = {
    name: query.text('name'),
    version: query.integer('version'),
    label: query.text('label'),
    tag: query.text('tag'),
    page: query.integer('page', { min: 1 }) ?? 1,
    limit: query.integer('limit', { min: 1, max: 100 }) ?? 10,
    from: query.time('fromUpdatedAt'),
    to: query.time('toUpdatedAt'),
  };
  query.done();
  return read;
}

/** One page of prompts by name, each with the versions and labels that the query's filters leave. */
export async function listPrompts(query: ListQuery, pointers: Pointers, contents: Contents): Promise<object> {
  const names = query.name ? [query.name] : await pointers.names();
  const found: { name: string; standings: readonly LabelledVersion[] }[] = [];
  for (const name of names.toSorted()) {
    const label = query.label && (pointers.spelling?.(name, query.label) ?? query.label);
    const all = await pointers.standings(name, label ? 'labelled' : 'all');
    const standings = all.filter((standing) => isMeant(standing, { ...query, label }));
    // Only what the version itself says needs its content.
    const left = isAboutContent(query)
      ? (await rows(name, standings, contents)).filter(({ row }) => says(row, query))
      : standings;
    if (left.length > 0) found.push({ name, standings: left });
  }
  const { page, limit } = query;
  const shown = found.slice((page - 1) * limit, page * limit);
  const data = (await Promise.all(shown.map(({ name, standings }) => summary(name, standings, contents)))).flat();
  const meta = { page, limit, totalItems: found.length, totalPages: Math.ceil(found.length / limit) };
  // Clients of the first days read `pagination`: https://github.com/langfuse/langfuse/issues/2068
  return { data, meta, pagination: meta };
}

function isMeant({ version, labels }: LabelledVersion, query: ListQuery): boolean {
  return (!query.version || version === query.version) && (!query.label || labels.includes(query.label));
}

function isAboutContent({ tag, from, to }: ListQuery): boolean {
  return Boolean(tag) || from !== undefined || to !== undefined;
}

function says({ tags, updatedAt }: PromptRow, { tag, from = -Infinity, to = Infinity }: ListQuery): boolean {
  const time = Date.parse(updatedAt);
  return (!tag || tags.includes(tag)) && time >= from && time < to;
}

async function rows(name: string, standings: readonly LabelledVersion[], contents: Contents): Promise<Listed[]> {
  const read = await Promise.all(
    standings.map(async (standing) => ({ ...standing, row: await contents.read(name, standing.version) })),
  );
  return read.filter((listed): listed is Listed => listed.row !== undefined);
}

async function summary(name: string, standings: readonly LabelledVersion[], contents: Contents): Promise<object[]> {
  const listed = await rows(name, standings, contents);
  const newest = listed.at(-1)?.row;
  if (!newest) return [];
  return [
    {
      name,
      tags: newest.tags,
      lastUpdatedAt: listed.map(({ row }) => row.updatedAt).reduce((one, other) => (one > other ? one : other)),
      versions: listed.map(({ version }) => version),
      labels: [...new Set(listed.flatMap(({ labels }) => labels))].toSorted(),
      type: newest.type,
      lastConfig: newest.config,
    },
  ];
}
