import { writeFile } from 'node:fs/promises';
import { CliError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { readVersion } from '../version-content';
import { parseVersionReference } from '../version-reference';

export const restore: Command = {
  name: 'restore',
  summary: 'writes a version back as a .prompt file, ready to commit',
  positionals: ['PROMPT', 'VERSION'],
  asks: ['prompt', 'version'],
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      description: 'where to; - for standard output. Default: prompts/PROMPT.prompt',
    },
    force: { type: 'boolean', description: 'overwrite a file that is there' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'From Bedrock or, where Bedrock no longer holds the version, from the archive. Deploying the file publishes the same ' +
      'content: the same digest, and where a version still has it, the same version.',
  ],
  examples: [
    'restore financial-analysis :3',
    'restore financial-analysis :3 --out - | diff - prompts/financial-analysis.prompt',
  ],
  run: async (context) => {
    const { terminal, values, positionals } = context;
    const { source, version } = await terminal.progress('reading', () => read(context));
    const path = typeof values.out === 'string' ? values.out : `prompts/${positionals[0]}.prompt`;
    if (values.json) terminal.json({ prompt: positionals[0], version, source });
    else if (path === '-') terminal.file(source);
    else {
      await write(path, source, values.force === true);
      terminal.line(`wrote ${path}: ${positionals[0]}:${version}`);
    }
    return ExitCode.Done;
  },
};

async function read({ positionals: [promptName = '', text = ''], openRegistry }: CommandContext) {
  const { promptFileSource } = await import('../prompt-file-source');
  const reference = parseVersionReference(text);
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const { version, content } = await readVersion(registry, prompt, reference);
  return { version, source: promptFileSource({ name: promptName, variant: content.variant, label: `:${version}` }) };
}

async function write(path: string, source: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, source, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new CliError({ what: `${path} is there already`, fix: 'add --force to overwrite it, or --out FILE' });
    const fix =
      code === 'ENOENT'
        ? 'there is no such folder: make it, or give another path with --out'
        : 'give another path with --out';
    throw new CliError({ what: `cannot write ${path}`, why: message, fix }, undefined, { cause });
  }
}
