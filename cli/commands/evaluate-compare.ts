import type { EvaluationRun } from '../../core/evaluation/evaluation-row';
import { CliError, usageError } from '../cli-error';
import type { Command, CommandContext } from '../command';
import type { Evaluation } from '../evaluation/evaluate-once';
import { EVALUATION_OUTPUTS, evaluationExit, writeEvaluation } from '../evaluation/written-evaluation';

export const evaluateCompare: Command = {
  name: 'evaluate compare',
  summary: 'what two runs that were written with --rows say of each other: asks no model',
  positionals: ['PROMPT', 'BEFORE', 'AFTER'],
  options: {
    suite: { type: 'string', value: 'FILE', description: 'the suite of both; without it prompts/PROMPT.eval.yaml' },
    margin: {
      type: 'string',
      value: 'POINTS',
      description: 'how much worse is still not worse, of 100; 10 by default',
    },
    only: { type: 'string', value: 'TAG', description: 'as the runs were asked' },
    ...EVALUATION_OUTPUTS,
    json: { type: 'boolean', description: 'print JSON' },
  },
  details: [
    'Compares what was measured in BEFORE with what was measured in AFTER, as if BEFORE were live: two models, two edits, yesterday and today.',
    'Exit codes are those of evaluate.',
  ],
  examples: ['evaluate compare financial-analysis nova.jsonl haiku.jsonl --html compare.html'],
  run: async (context) => {
    const evaluation = await comparison(context);
    const { terminal, values } = context;
    await writeEvaluation(context, evaluation);
    if (values.json) terminal.json((await import('../evaluation/evaluation-json')).evaluationJson(evaluation));
    else terminal.line((await import('../evaluation/evaluation-text')).evaluationText(evaluation, terminal));
    return evaluationExit(evaluation);
  },
};

async function comparison({ positionals, values }: CommandContext): Promise<Evaluation> {
  const [promptName = '', before = '', after = ''] = positionals;
  const { suiteOf } = await import('../evaluation/suite-of');
  const { partOf } = await import('../evaluation/part-of-suite');
  const { marginOf } = await import('../evaluation/evaluate-options');
  const { suiteDigest } = await import('../../core/evaluation/evaluation-suite');
  const { evaluationOutcome } = await import('../../core/evaluation/evaluation-outcome');
  const file = suiteOf(promptName, values);
  const suite = partOf(file.suite, values.only as string | undefined);
  const digest = suiteDigest(suite);
  const [one, other] = await Promise.all([before, after].map(readRunFile));
  if (!one || !other) throw usageError('two runs are compared', 'evaluate compare PROMPT BEFORE AFTER');
  for (const [path, run] of [
    [before, one],
    [after, other],
  ] as const) {
    if (run.suite === digest && run.prompt === promptName) continue;
    throw new CliError({
      what: `${path} is a run of another suite`,
      why: `it is of ${run.prompt} with ${run.suite}, and ${file.path} is ${digest}`,
      fix: 'run it again with --rows, or name the suite it was: --suite FILE, --only TAG',
    });
  }
  const rows = [
    ...other.rows.filter(({ side }) => side === 'candidate'),
    ...one.rows
      .filter(({ side, repeat }) => side === 'candidate' && repeat === 1)
      .map((row) => ({ ...row, side: 'live' as const })),
  ];
  const advisory = [...new Set([...one.advisory, ...other.advisory])];
  const run: EvaluationRun = { ...other, live: one.candidate, advisory, rows };
  const margin = marginOf(values.margin as string | undefined);
  const outcome = evaluationOutcome(suite, run, margin);
  return { file, suite, run, outcome, known: rows.length, questions: rows.length };
}

async function readRunFile(path: string): Promise<EvaluationRun> {
  const { readRun } = await import('../../core/evaluation/read-run');
  const { fileIfThere } = await import('../file-if-there');
  const bytes = fileIfThere(path);
  if (bytes) return readRun(Buffer.from(bytes).toString('utf8'), path);
  throw new CliError({
    what: `cannot read ${path}`,
    why: 'there is no such file',
    fix: 'write it with evaluate --rows FILE',
  });
}
