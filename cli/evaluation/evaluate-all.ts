import { explained } from '../aws-failure';
import { usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { AnswerFiles } from './answer-files';
import { type AskedSide, askedSide, promptFileOf } from './asked-side';
import { callersGuardrail } from './callers-guardrail';
import { type Evaluated, type Evaluation, evaluateOnce } from './evaluate-once';
import { type EvaluateOptions, evaluateOptions } from './evaluate-options';
import { SavedFiles } from './saved-files';
import { suiteOf, suitePath } from './suite-of';

/** Runs the suite; with `--watch` again whenever one of its files, or the prompt's, is saved, until Ctrl-C. */
export async function* evaluateAll(context: CommandContext): AsyncGenerator<Evaluation> {
  const options = evaluateOptions(context);
  const answers = new AnswerFiles(options.promptName, context.values.sign !== undefined);
  const run = suiteRun(context, options, answers);
  if (!context.values.watch) {
    yield await interruptible(context, answers, run);
    return;
  }
  if (context.values.json) throw usageError('--watch shows a table again and again', 'leave --json out, or --watch');
  yield* watched(context, options, answers, run);
}

type SuiteRun = (control: AbortController) => Promise<Evaluation>;

/** Reads what is asked, and asks. What is live is read once: only what is edited changes under an editor. */
function suiteRun(context: CommandContext, options: EvaluateOptions, answers: AnswerFiles): SuiteRun {
  const { terminal, values } = context;
  const { promptName, candidate, against, route } = options;
  let live: Promise<AskedSide> | undefined;
  const held = new Set<string>();
  const liveSide = (side: (reference: string) => Promise<AskedSide>) => {
    if (against === undefined || /^file/.test(against)) return against === undefined ? undefined : side(against);
    live ??= side(against).catch((error) => {
      live = undefined;
      throw error;
    });
    return live;
  };
  return async ({ signal }) => {
    const evaluated = await terminal.progress('reading', async (): Promise<Evaluated> => {
      const file = suiteOf(promptName, values);
      const guardrail = route === '' ? await callersGuardrail(context) : undefined;
      const side = (reference: string) => askedSide(context, reference, file.path, route !== '', guardrail);
      const one = await side(candidate);
      return { file, candidate: one, live: await liveSide(side) };
    });
    return evaluateOnce(context, evaluated, { options, answers, held, signal });
  };
}

async function* watched(
  context: CommandContext,
  options: EvaluateOptions,
  answers: AnswerFiles,
  run: SuiteRun,
): AsyncGenerator<Evaluation> {
  const { terminal, values, interruption, now } = context;
  const { glyphs, colors } = terminal;
  const suite = suitePath(options.promptName, values.suite as string | undefined);
  const named = [options.candidate, options.against].flatMap((one) => /^file:(.+)$/.exec(one ?? '')?.[1] ?? []);
  const files = new SavedFiles();
  files.watch([suite, promptFileOf(options.promptName, suite), ...named]);
  try {
    for (;;) {
      const control = new AbortController();
      let isOutdated = false;
      files.onSaved = () => {
        isOutdated = true;
        control.abort();
      };
      try {
        const evaluation = await interruptible(context, answers, run, control);
        files.watch([...evaluation.file.files, promptFileOf(options.promptName, suite), ...named]);
        yield evaluation;
      } catch (error) {
        // Somebody is in the middle of an edit: what is wrong is said, and the next save is waited for.
        if (!isOutdated) terminal.notice(`${colors.red(glyphs.bad)} ${explained(error).message}`);
      }
      const saved = await interruption.during(
        async () => ['stopped watching'],
        () => files.saved(),
      );
      terminal.line(`\n${colors.dim(`${glyphs.line.repeat(3)} ${now().toTimeString().slice(0, 8)}  ${saved}`)}`);
    }
  } finally {
    files.close();
  }
}

/** Ctrl-C asks nothing more, and waits for the answers that are on their way: they are paid for. */
async function interruptible<T>(
  { interruption }: CommandContext,
  answers: AnswerFiles,
  work: (control: AbortController) => Promise<T>,
  control = new AbortController(),
): Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  const leave = async () => {
    control.abort();
    await running.catch(() => {});
    const kept = answers.count === 1 ? '1 answer is' : `${answers.count} answers are`;
    return [
      answers.asksAnew
        ? `interrupted; nothing is signed, and a run that is signed asks all anew: ${kept} kept for one that is not`
        : `interrupted; ${kept} kept: the same command goes on from there`,
    ];
  };
  return interruption.during(leave, () => {
    const result = work(control);
    running = result;
    return result;
  });
}
