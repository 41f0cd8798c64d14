import { versionOfArn } from '../../core/contract/version-arn';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { type ExportedVersion, langfuseExport } from '../export/langfuse-export';
import { pushLangfuse, type TargetNumbers } from '../export/push-langfuse';
import { writeGenerated } from '../generated-file';
import { LangfuseApi } from '../import/langfuse-api';
import { textValue } from '../import/run-import';
import { readVersion } from '../version-content';

export const exportLangfuse: Command = {
  name: 'export langfuse',
  summary: 'writes the versions of a registry as Langfuse takes them, or makes them there',
  positionals: ['[PROMPT]'],
  options: {
    push: { type: 'boolean', description: 'make the versions and labels in the project at --url' },
    url: { type: 'string', value: 'URL', description: 'with --push: the server. Default: LANGFUSE_BASE_URL' },
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      description: 'where to; - for standard output. Default: langfuse-prompts.json',
    },
    ...REGISTRY_OPTIONS,
    json: { type: 'boolean', description: 'print JSON: the versions, what they lose, their numbers there' },
  },
  details: [
    'All versions that Bedrock or the archive holds, oldest first; aliases become labels, PROD production. The keys are ' +
      'LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY. A second --push adds what is new; it refuses a prompt with other versions.',
    'Exit code 2 where anything is lost. import langfuse reads the same contents back, with the same digests.',
  ],
  examples: [
    'export langfuse --out langfuse-prompts.json',
    'export langfuse financial-analysis --push --url https://langfuse.example.com',
  ],
  run: async (context) => {
    const { terminal, values } = context;
    const api = values.push ? LangfuseApi.from(textValue(values, 'url'), process.env) : undefined;
    const versions = await terminal.progress('reading versions', () => read(context));
    const numbers = api && (await terminal.progress('writing', (say) => pushLangfuse(api, versions, say)));
    if (values.json) terminal.json({ prompts: versions.map((one) => shown(one, numbers)) });
    else await print(versions, numbers, context);
    return versions.some(({ losses }) => losses.length > 0) ? ExitCode.Differs : ExitCode.Done;
  },
};

function shown({ name, version, body, losses }: ExportedVersion, numbers: TargetNumbers | undefined) {
  const number = numbers?.get(`${name} ${version}`) ?? null;
  return { name, version, number, body, losses: losses.map(({ what, fix }) => ({ what, fix })) };
}

async function print(
  versions: readonly ExportedVersion[],
  numbers: TargetNumbers | undefined,
  { terminal, values }: CommandContext,
): Promise<void> {
  const bodies = versions.flatMap(({ body }) => body ?? []);
  const summary = `${bodies.length} version${bodies.length === 1 ? '' : 's'}`;
  const out = textValue(values, 'out') ?? 'langfuse-prompts.json';
  if (numbers) terminal.line(`wrote ${summary}`);
  else await writeGenerated(out, `${JSON.stringify(bodies, null, 2)}\n`, summary, terminal);
  for (const line of lossLines(versions)) terminal.notice(line);
  for (const { name, version, number } of versions.map((one) => shown(one, numbers))) {
    if (number !== null && number !== version) terminal.notice(`${name} version ${version} is version ${number} there`);
  }
}

function lossLines(versions: readonly ExportedVersion[]): string[] {
  return versions.flatMap(({ name, version, losses }) =>
    losses.flatMap(({ what, fix }) => [`${name} version ${version}: ${what}`, `    do  ${fix}`]),
  );
}

async function read({ openRegistry, positionals: [only] }: CommandContext): Promise<ExportedVersion[]> {
  const registry = await openRegistry();
  const names = only === undefined ? [...new Set(registry.stack.aliases.map(({ promptName }) => promptName))] : [only];
  const pointers = await registry.reader.aliases();
  const found: ExportedVersion[] = [];
  for (const name of names.sort()) {
    const prompt = await registry.prompt(name);
    const { promptId, withdrawn } = prompt;
    const [held, archived] = await Promise.all([registry.reader.versions(promptId), registry.reader.archive(promptId)]);
    const numbers = [...new Set([...held, ...archived].map(({ version }) => version))].sort((a, b) => a - b);
    for (const version of numbers) {
      const { content } = await readVersion(registry, prompt, { kind: 'version', version });
      const aliases = pointers
        .filter(({ promptName, versionArn }) => promptName === name && versionOfArn(versionArn) === version)
        .map(({ aliasName }) => aliasName);
      const { variant, description } = content;
      const digest = archived.find((one) => one.version === version)?.digest ?? '';
      const isWithdrawn = withdrawn.includes(version);
      found.push(langfuseExport({ name, version, digest, description, variant, aliases, isWithdrawn }));
    }
  }
  return found;
}
