import type { CommandContext, CommandOption } from '../command';
import { ExitCode } from '../exit-code';
import { writeOutput } from '../written-output';
import type { Evaluation } from './evaluate-once';

/** Files that a run can be written to. */
export const EVALUATION_OUTPUTS = {
  html: { type: 'string', value: 'FILE', description: 'write a page that needs no network and no script' },
  junit: { type: 'string', value: 'FILE', description: 'write the cases as test results' },
} as const satisfies Record<string, CommandOption>;

/** Writes a run to the files that were asked for. */
export async function writeEvaluation({ terminal, values }: CommandContext, evaluation: Evaluation): Promise<void> {
  const write = async (option: string, text: () => Promise<string>) => {
    const path = values[option];
    if (typeof path === 'string') await writeOutput(path, await text(), terminal);
  };
  await write('rows', async () => (await import('../../core/evaluation/evaluation-row')).serializeRun(evaluation.run));
  await write('junit', async () => (await import('./junit')).junit(evaluation));
  await write('html', async () =>
    (await import('../../studio/evaluation-page/evaluation-page')).evaluationPage(evaluation),
  );
}

/** What a run means for a pipeline. */
export function evaluationExit({ outcome }: Evaluation): ExitCode {
  if (outcome.verdict === 'worse') return ExitCode.Differs;
  return outcome.verdict === 'inconclusive' ? ExitCode.Inconclusive : ExitCode.Done;
}
