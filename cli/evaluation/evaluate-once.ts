import type { AnswerStore } from '../../core/evaluation/answer-store';
import { checkCaseVariables } from '../../core/evaluation/case-variables';
import { type EvaluationOutcome, evaluationOutcome } from '../../core/evaluation/evaluation-outcome';
import type { EvaluationRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { JudgeModel } from '../../core/evaluation/judge-model';
import { CannotRun, PatientModel } from '../../core/evaluation/patient-model';
import { SYSTEM_CLOCK } from '../../core/evaluation/run-clock';
import { runSuite } from '../../core/evaluation/run-suite';
import type { SuiteFile } from '../../core/evaluation/suite-file';
import { explained } from '../aws-failure';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import type { AskedSide } from './asked-side';
import type { EvaluateOptions } from './evaluate-options';
import { ownChecks } from './own-checks';
import { partOf } from './part-of-suite';
import { pricesHere, type RunCost, runCost } from './run-cost';

/** What is asked what. */
export interface Evaluated {
  readonly file: SuiteFile;
  readonly candidate: AskedSide;
  readonly live: AskedSide | undefined;
}

/** One run, with what it says. */
export interface Evaluation {
  readonly file: SuiteFile;
  /** What was asked of the file: all of it, but with `--only`. */
  readonly suite: EvaluationSuite;
  readonly run: EvaluationRun;
  readonly outcome: EvaluationOutcome;
  /** Answers that nobody had to be asked for. */
  readonly known: number;
  readonly questions: number;
  /** Left out where nobody knows prices: elsewhere than in Bedrock. */
  readonly cost?: RunCost;
}

export interface EvaluateWith {
  readonly options: EvaluateOptions;
  readonly answers: AnswerStore;
  /** Judges that were right about their controls since the command began. */
  readonly held: Set<string>;
  readonly signal: AbortSignal;
}

/** Runs the suite once. */
export async function evaluateOnce(
  { terminal, now, values }: CommandContext,
  { file, candidate, live }: Evaluated,
  { options, answers, held, signal }: EvaluateWith,
): Promise<Evaluation> {
  const suite = partOf(file.suite, options.only);
  const contents = [candidate.content, ...(live ? [live.content] : [])];
  checkCaseVariables({ ...file, suite }, contents);
  return terminal.progress('asking', async (say) => {
    const model = new PatientModel({
      converse: await options.converse(),
      clock: SYSTEM_CLOCK,
      signal,
      tokensPerMinute: options.tokensPerMinute,
      onBusy: (pause) => say(`throttled, waiting for ${(pause / 1000).toFixed(0)} s`),
    });
    try {
      const { run, known, questions } = await runSuite({
        prompt: options.promptName,
        suite,
        candidate: candidate.content,
        live: live?.content ?? null,
        advisory: advisoryOf({ file, candidate, live }, options),
        model,
        judge: new JudgeModel(model, answers, options.route, held),
        answers,
        route: options.route,
        ownCheck: ownChecks(file.path),
        atOnce: options.atOnce,
        signal,
        time: now(),
        onAnswer: (progress) => say(`asking: ${progress.answered} of ${progress.questions}, ${progress.known} known`),
      });
      const outcome = evaluationOutcome(suite, run, options.margin);
      const cost = options.route === '' ? { cost: runCost(run, await pricesHere(values)) } : {};
      return { file, suite, run, known, questions, outcome, ...cost };
    } catch (error) {
      throw error instanceof CannotRun ? cannotRun(error) : error;
    }
  });
}

function cannotRun(error: CannotRun): CliError {
  const { message, why, fix, exitCode } = explained(error.cause ?? error);
  const known = message === error.message ? why : message;
  return new CliError(
    { what: 'the suite could not be run', why: [error.message, known].filter(Boolean).join(': '), fix },
    exitCode,
    {
      cause: error,
    },
  );
}

/** Why nobody can be held to what comes out. */
function advisoryOf({ file, candidate, live }: Evaluated, { route, only }: EvaluateOptions): string[] {
  const own = file.suite.metrics.filter(({ check }) => check.check === 'function').map(({ name }) => name);
  return [
    ...[candidate, live].flatMap((side) => side?.advisory ?? []),
    ...(route === '' ? [] : [`asked at ${route}`]),
    ...(only === undefined ? [] : [`only cases with the tag ${only}`]),
    ...(own.length > 0 ? [`${own.join(', ')}: checks in code, of which the suite's digest knows one file`] : []),
  ];
}
