import { aliasParameterId, pascalCase } from '../../core/contract/names';
import { grouped } from '../grouped';
import { newestOf, type PlannedPrompt } from './import-plan';
import { refused } from './source-version';
import { versionKey, type Written } from './write-import';

export interface ImportReport {
  readonly source: string;
  readonly folder: string;
  readonly prompts: readonly ReportedPrompt[];
  /** Lines of an app that have these prompts and aliases. */
  readonly app: readonly string[];
  /** Names at the source of prompts that are called otherwise here: `names` of a `LangfuseEndpoint`. */
  readonly names: Readonly<Record<string, string>>;
  /** Stack parameters that bring each alias where its label stands. */
  readonly parameters: readonly string[];
  /** What is to be deployed before them, since a file holds one version. */
  readonly first: readonly string[];
}

export interface ReportedPrompt {
  readonly name: string;
  readonly promptName: string;
  readonly path: string;
  readonly versions: readonly ReportedVersion[];
  readonly aliases: PlannedPrompt['aliases'];
}

interface ReportedVersion {
  readonly version: number;
  readonly status: 'imported' | 'unchanged' | 'refused' | 'checked';
  readonly digest: string | null;
  readonly commit: string | null;
  readonly losses: readonly { readonly what: string; readonly fix: string }[];
}

export function importReport(
  source: string,
  folder: string,
  planned: readonly PlannedPrompt[],
  written: Written,
): ImportReport {
  const prompts = planned.map((prompt) => reported(prompt, folder, written));
  const there = prompts.filter((_, index) => newestOf(planned[index] as PlannedPrompt) !== undefined);
  return {
    source,
    folder,
    prompts,
    // A prompt that exists is adopted: docs/migrating.md.
    app: source === 'bedrock' ? [] : there.flatMap(appLines),
    names: Object.fromEntries(
      there.flatMap(({ name, promptName }) => (name === promptName ? [] : [[name, promptName]])),
    ),
    parameters: there.flatMap(({ promptName, aliases }) =>
      aliases.map(({ aliasName, digest }) => `${aliasParameterId(promptName, aliasName)}=${digest}`),
    ),
    first: there.flatMap(earlier),
  };
}

export function hasLosses({ prompts }: ImportReport): boolean {
  return prompts.some(({ versions }) => versions.some(({ losses }) => losses.length > 0));
}

function reported(prompt: PlannedPrompt, folder: string, { commits, unchanged, tooLate }: Written): ReportedPrompt {
  const { name, promptName, path, aliases } = prompt;
  const newest = newestOf(prompt);
  const versions = prompt.versions.map((one): ReportedVersion => {
    const key = versionKey(prompt, one);
    const commit = (commits.get(key) ?? unchanged.get(key)) || null;
    const isWritten = commits.size > 0 ? commits.has(key) : one === newest;
    const late = tooLate.has(key)
      ? [refused('the history has a newer version already', 'import into a branch or a folder without it')]
      : [];
    const status = statusOf(one.text === null || tooLate.has(key), unchanged.has(key), isWritten);
    const losses = [...one.losses, ...late].map(({ what, fix }) => ({ what, fix }));
    return { version: one.version, status, digest: one.digest, commit, losses };
  });
  return { name, promptName, path: `${folder}/${path}`, versions, aliases };
}

function statusOf(isRefused: boolean, isUnchanged: boolean, isWritten: boolean): ReportedVersion['status'] {
  if (isRefused) return 'refused';
  if (isUnchanged) return 'unchanged';
  return isWritten ? 'imported' : 'checked';
}

function appLines({ promptName, path, aliases }: ReportedPrompt): string[] {
  const id = pascalCase(promptName);
  const constant = /^[A-Za-z]/.test(id) ? `${id.charAt(0).toLowerCase()}${id.slice(1)}Prompt` : `prompt${id}`;
  return [
    `const ${constant} = new Prompt(this, '${id}', { registry, variant: PromptVariant.fromFile('${path}') });`,
    ...aliases.map(({ aliasName }) => `${constant}.addAlias('${aliasName}', { target: AliasTarget.parameter() });`),
  ];
}

/** Versions that an alias stands on and the file does not hold any more. */
function earlier({ promptName, versions, aliases }: ReportedPrompt): string[] {
  const newest = versions.findLast(({ digest }) => digest !== null);
  return aliases
    .filter(({ digest }) => digest !== newest?.digest)
    .map(({ aliasName, version }) => {
      const { commit = null } = versions.find((one) => one.version === version) ?? {};
      const where = commit === null ? '' : ` (commit ${commit.slice(0, 10)})`;
      return `${aliasName} of ${promptName}: version ${version}${where}, the file holds version ${newest?.version}`;
    });
}

/** The report for people: each loss once, with its versions. */
export function reportLines({ prompts }: ImportReport): string[] {
  return prompts.flatMap(({ name, path, versions }) => {
    const counts = grouped(versions, ({ status }) => status);
    const said = [...counts].map(([status, of]) => `${of.length} ${status}`).join(', ');
    const losses = versions.flatMap(({ version, losses }) => losses.map((loss) => ({ version, ...loss })));
    const lines = [...grouped(losses, ({ what, fix }) => `${what}\0${fix}`).values()].flatMap((same) => {
      const [first] = same;
      const which = [...new Set(same.map(({ version }) => version))];
      return [`  version${which.length > 1 ? 's' : ''} ${which.join(', ')}: ${first?.what}`, `    do  ${first?.fix}`];
    });
    return [`${name} → ${path}: ${said}`, ...lines];
  });
}
