import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForeignCases } from '../../core/evaluation/foreign-cases';
import { CliError, usageError } from '../cli-error';
import type { Command, CommandContext } from '../command';
import { lostText } from '../evaluation/lost-text';
import { ExitCode } from '../exit-code';

export const evaluateImport: Command = {
  name: 'evaluate import',
  summary: 'writes a suite from the tests of promptfoo or the items of a Langfuse dataset',
  positionals: ['PROMPT', '[FILE]'],
  options: {
    from: { type: 'string', value: 'TOOL', description: 'promptfoo or langfuse' },
    dataset: { type: 'string', value: 'NAME', description: 'of Langfuse: read this dataset from its server, no file' },
    url: { type: 'string', value: 'URL', description: 'the Langfuse server. Default: LANGFUSE_BASE_URL' },
    out: { type: 'string', value: 'DIR', description: 'the folder; prompts without it' },
    force: { type: 'boolean', description: 'write over a suite that is there' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  details: [
    'Of promptfoo a configuration or a list of tests, YAML or JSON; of Langfuse a dataset on its server, with the keys in ' +
      'LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, or a file of what GET /api/public/dataset-items answers.',
    'Says what is not the same here, and exits with 2 where something is lost.',
  ],
  examples: [
    'evaluate import financial-analysis promptfooconfig.yaml --from promptfoo',
    'evaluate import financial-analysis --from langfuse --dataset analysis-questions',
    'evaluate import financial-analysis items.json --from langfuse --force',
  ],
  run: async (context) => {
    const { positionals, values, terminal } = context;
    const [promptName = ''] = positionals;
    const folder = (values.out as string | undefined) ?? 'prompts';
    const found = await foreign(context, folder);
    if (found.cases.length === 0)
      throw new CliError({
        what: `no case in ${positionals[1] ?? `dataset ${values.dataset}`}`,
        fix: 'check --from, and what is in it',
      });
    const suite = await write(folder, promptName, found, values.force === true);
    const { readSuite } = await import('../../core/evaluation/suite-file');
    const { fileIfThere } = await import('../file-if-there');
    const { lost, cases } = found;
    if (values.json) terminal.json({ suite, cases: cases.length, lost });
    else
      terminal.line(
        [`${terminal.glyphs.ok} wrote ${suite}: ${cases.length} cases`, ...lostText(lost, terminal)].join('\n'),
      );
    // What was written is whole, or says where it is not.
    readSuite(suite, fileIfThere);
    return lost.length > 0 ? ExitCode.Differs : ExitCode.Done;
  },
};

async function foreign(context: CommandContext, folder: string): Promise<ForeignCases> {
  const { positionals, values } = context;
  const [promptName = '', path] = positionals;
  if (values.from !== 'promptfoo' && values.from !== 'langfuse') {
    throw usageError('which tool is it from?', '--from promptfoo, or --from langfuse');
  }
  const isRead = values.dataset !== undefined || values.url !== undefined;
  if (values.from === 'promptfoo') {
    if (isRead)
      throw usageError('promptfoo has no server to read from', 'leave --dataset and --url out, and name a file');
    return (await import('../../core/evaluation/from-promptfoo')).fromPromptfoo(await fileText(path));
  }
  if (path !== undefined && isRead) throw usageError('a file, or a dataset on a server', 'leave one of them out');
  const source = path === undefined ? await datasetText(context) : await fileText(path);
  const { fromLangfuse } = await import('../../core/evaluation/from-langfuse');
  return fromLangfuse(source, await variablesOf(join(folder, `${promptName}.prompt`)));
}

async function fileText(path: string | undefined): Promise<string> {
  if (path === undefined) throw usageError('missing FILE', 'name the file, or with --from langfuse a --dataset');
  const { fileIfThere } = await import('../file-if-there');
  const bytes = fileIfThere(path);
  if (!bytes) throw new CliError({ what: `cannot read ${path}`, why: 'there is no such file' });
  return Buffer.from(bytes).toString('utf8');
}

async function datasetText({ values, terminal }: CommandContext): Promise<string> {
  const { dataset, url } = values;
  if (typeof dataset !== 'string' || dataset === '') {
    throw usageError('missing FILE', 'name the file, or the dataset on the server with --dataset');
  }
  const { LangfuseApi } = await import('../import/langfuse-api');
  const api = LangfuseApi.from(typeof url === 'string' ? url : undefined, process.env);
  return JSON.stringify(await terminal.progress('reading items', (say) => api.datasetItems(dataset, say)));
}

/** Names of the variables of a prompt's file; none where it is not there. */
async function variablesOf(path: string): Promise<string[]> {
  const { fileIfThere } = await import('../file-if-there');
  const prompt = fileIfThere(path);
  if (!prompt) return [];
  const { template } = await import('../../core/content/template');
  const { parsePromptFile } = await import('../../core/prompt-file/prompt-file');
  return template(parsePromptFile(prompt, path, fileIfThere).variant).variables.map(({ name }) => name);
}

async function write(
  folder: string,
  promptName: string,
  { cases, metrics }: ForeignCases,
  force: boolean,
): Promise<string> {
  const { stringify } = await import('yaml');
  const names = { suite: `${promptName}.eval.yaml`, cases: `${promptName}.cases.jsonl` };
  const suite = join(folder, names.suite);
  const there = [suite, join(folder, names.cases)].find((path) => existsSync(path));
  if (there && !force) throw new CliError({ what: `${there} is there already`, fix: 'remove it, or say --force' });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, names.cases), cases.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await writeFile(suite, stringify({ cases: names.cases, metrics }));
  return suite;
}
