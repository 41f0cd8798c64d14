import { LATEST, PRODUCTION } from '../../core/langfuse/prompt-row';
import { CliError } from '../cli-error';
import type { LangfuseApi, ListedPrompt } from './langfuse-api';
import { isComposed, type LangfuseRow, langfuseVersion } from './langfuse-version';
import { nameGlob } from './name-glob';
import { changed, type Loss, refused, type SourceVersion } from './source-version';

export interface LangfuseWanted {
  /** Names, with `*` and `?`. */
  readonly glob: string;
  readonly isEveryVersion: boolean;
  /** Which version, where it is not every one. */
  readonly label: string | undefined;
  readonly flatten: boolean;
  readonly model: string | undefined;
}

/** Requests at once; Langfuse does not limit reads of prompts. */
const AT_ONCE = 4;

/** The versions that are wanted of a Langfuse server. @throws CliError */
export async function readLangfuse(
  api: LangfuseApi,
  wanted: LangfuseWanted,
  say: (doing: string) => void,
): Promise<SourceVersion[]> {
  const isMeant = nameGlob(wanted.glob);
  const listed = await api.prompts();
  const prompts = listed.filter(({ name }) => isMeant(name));
  if (prompts.length === 0) {
    const names = listed.map(({ name }) => name).join(', ');
    throw new CliError({
      what: `no prompt is called ${wanted.glob}`,
      fix: names ? `there are ${names}` : 'there is none',
    });
  }
  const chosen = (await inParallel(prompts, (prompt) => chosenVersions(api, prompt, wanted))).flat();
  let count = 0;
  return inParallel(chosen, async ({ prompt, version }) => {
    const read = await readVersion(api, prompt, version, wanted);
    count += 1;
    say(`read ${count} of ${chosen.length} versions`);
    return read;
  });
}

async function chosenVersions(api: LangfuseApi, prompt: ListedPrompt, { isEveryVersion, label }: LangfuseWanted) {
  const { name, versions } = prompt;
  if (isEveryVersion) return versions.map((version) => ({ prompt, version }));
  const labelled = await api.labelled(name, label ?? PRODUCTION);
  const version = labelled ?? (label === undefined ? Math.max(...versions) : undefined);
  return version === undefined ? [] : [{ prompt, version }];
}

async function readVersion(
  api: LangfuseApi,
  { name, labels = [] }: ListedPrompt,
  version: number,
  { flatten, model, isEveryVersion }: LangfuseWanted,
): Promise<SourceVersion> {
  const raw = await api.version(name, version, false);
  if (!raw || typeof raw === 'string') return unreadable(name, version, raw);
  const isFlat = flatten && isComposed(raw);
  const row = isFlat ? await api.version(name, version, true) : raw;
  const read =
    !row || typeof row === 'string'
      ? unreadable(name, version, row, raw)
      : langfuseVersion(row, { isFlat, ...(model !== undefined && { model }) });
  const elsewhere = isEveryVersion ? [] : labels.filter((label) => label !== LATEST && !read.labels.includes(label));
  return { ...read, losses: [...read.losses, ...elsewhere.map(elsewhereLoss)] };
}

function elsewhereLoss(label: string): Loss {
  return changed(`label ${label} stands on a version that is not imported`, `add --all-versions, or --label ${label}`);
}

function unreadable(name: string, version: number, why: string | undefined, raw?: LangfuseRow): SourceVersion {
  const loss = why
    ? refused(`it cannot be put together: ${why}`, 'correct what it is composed of')
    : refused('it is gone: it was deleted meanwhile', 'run the import again');
  const labels = Array.isArray(raw?.labels) ? raw.labels.map(String) : [];
  return { name, version, time: '', note: '', labels, variant: undefined, losses: [loss], trailers: [] };
}

/** Results in the order of the items. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const open = items.entries();
  const worker = async () => {
    for (const [index, item] of open) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
