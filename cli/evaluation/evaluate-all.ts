import type { CommandContext } from '../command';
import { AnswerFiles } from './answer-files';
import { askedSide } from './asked-side';
import { type Evaluated, type Evaluation, evaluateOnce } from './evaluate-once';
import { type EvaluateOptions, evaluateOptions } from './evaluate-options';
import { suiteOf } from './suite-of';

/** Runs the suite; with `--watch` again whenever one of its files is saved. */
export async function* evaluateAll(context: CommandContext): AsyncGenerator<Evaluation> {
  const options = evaluateOptions(context);
  const answers = new AnswerFiles(options.promptName);
  const control = new AbortController();
  const evaluated = await whatIsAsked(context, options);
  const run = () => evaluateOnce(context, evaluated, options, answers, control.signal);
  yield await interruptible(context, control, answers, run);
}

async function whatIsAsked(context: CommandContext, options: EvaluateOptions): Promise<Evaluated> {
  const { terminal, values } = context;
  const { promptName, candidate, against, route } = options;
  return terminal.progress('reading', async () => {
    const file = suiteOf(promptName, values);
    const side = (reference: string) => askedSide(context, reference, file.path, route !== '');
    const [one, other] = await Promise.all([side(candidate), against === undefined ? undefined : side(against)]);
    return { file, candidate: one, live: other };
  });
}

/** Ctrl-C asks nothing more, and waits for the answers that are on their way: they are paid for. */
async function interruptible<T>(
  { interruption }: CommandContext,
  control: AbortController,
  answers: AnswerFiles,
  work: () => Promise<T>,
): Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  const leave = async () => {
    control.abort();
    await running.catch(() => {});
    const kept = answers.count === 1 ? '1 answer is' : `${answers.count} answers are`;
    return [`interrupted; ${kept} kept: the same command goes on from there`];
  };
  return interruption.during(leave, () => {
    const result = work();
    running = result;
    return result;
  });
}
