import type { Exported } from '../../core/evaluation/to-foreign';
import { usageError } from '../cli-error';
import type { Command, CommandContext } from '../command';
import { lostText } from '../evaluation/lost-text';
import { ExitCode } from '../exit-code';
import { writeGenerated } from '../generated-file';

export const evaluateExport: Command = {
  name: 'evaluate export',
  summary: 'writes the cases of a suite for promptfoo or Langfuse',
  positionals: ['PROMPT'],
  options: {
    to: { type: 'string', value: 'TOOL', description: 'promptfoo or langfuse' },
    suite: { type: 'string', value: 'FILE', description: 'the suite; without it prompts/PROMPT.eval.yaml' },
    out: {
      type: 'string',
      value: 'FILE',
      description: 'where it goes; PROMPT.TOOL.json without it, - for standard output',
    },
  },
  details: [
    'For promptfoo a list of tests (tests: file://x.promptfoo.json in its configuration), for Langfuse items of a dataset.',
    'Says what is not the same there, and exits with 2 where something is lost.',
  ],
  examples: [
    'evaluate export financial-analysis --to promptfoo',
    'evaluate export financial-analysis --to langfuse --out -',
  ],
  run: async (context) => {
    const { positionals, values, terminal } = context;
    const [promptName = ''] = positionals;
    const { content, lost } = await exported(context);
    const path = (values.out as string | undefined) ?? `${promptName}.${values.to}.json`;
    await writeGenerated(
      path,
      `${JSON.stringify(content, null, 2)}\n`,
      `${(content as unknown[]).length} cases`,
      terminal,
    );
    for (const line of lostText(lost, terminal)) terminal.notice(line);
    return lost.length > 0 ? ExitCode.Differs : ExitCode.Done;
  },
};

async function exported({ positionals, values }: CommandContext): Promise<Exported> {
  const [promptName = ''] = positionals;
  if (values.to !== 'promptfoo' && values.to !== 'langfuse')
    throw usageError('which tool is it for?', '--to promptfoo, or --to langfuse');
  const { suiteOf } = await import('../evaluation/suite-of');
  const { toPromptfoo, toLangfuse } = await import('../../core/evaluation/to-foreign');
  const { suite } = suiteOf(promptName, values);
  return values.to === 'promptfoo' ? toPromptfoo(suite) : toLangfuse(suite, promptName);
}
