import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import type { Evaluation } from '../evaluation/evaluate-once';
import type { Signing } from '../evaluation/sign-evaluation';
import { EVALUATION_OUTPUTS, evaluationExit, writeEvaluation } from '../evaluation/written-evaluation';
import { ExitCode } from '../exit-code';
import { evaluateCheck } from './evaluate-check';
import { evaluateCompare } from './evaluate-compare';
import { evaluateExport } from './evaluate-export';
import { evaluateImport } from './evaluate-import';
import { evaluateShow } from './evaluate-show';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'whether a content answers the cases of its suite as well as what is live',
  positionals: ['PROMPT'],
  options: {
    candidate: {
      type: 'string',
      value: 'VERSION',
      description: 'file (the default), :4, @STAGING, draft, file:PATH, rev:…',
    },
    against: { type: 'string', value: 'VERSION', description: 'what it is compared with: @PROD, :3, file:PATH' },
    suite: { type: 'string', value: 'FILE', description: 'the suite; without it prompts/PROMPT.eval.yaml' },
    margin: {
      type: 'string',
      value: 'POINTS',
      description: 'how much worse is still not worse, of 100; 10 by default',
    },
    only: { type: 'string', value: 'TAG', description: 'the cases with this tag' },
    watch: { type: 'boolean', description: 'run again whenever a file is saved; asks only for what changed' },
    ...EVALUATION_OUTPUTS,
    rows: { type: 'string', value: 'FILE', description: 'write each answer with its verdicts, for evaluate compare' },
    sign: { type: 'string', value: 'GROUP', description: 'sign how it came out, as a member of this group' },
    for: { type: 'string', value: 'ALIAS', description: 'the alias it is signed for; without it that of --against' },
    'tokens-per-minute': { type: 'string', value: 'N', description: 'leave the rest of a quota to others' },
    'at-once': { type: 'string', value: 'N', description: 'questions at a time; 8 by default' },
    endpoint: { type: 'string', value: 'URL', description: 'ask a server that speaks OpenAI’s chat API; not Bedrock' },
    model: { type: 'string', value: 'NAME', description: 'the model at --endpoint' },
    ...REGISTRY_OPTIONS,
  },
  subcommands: [evaluateCheck, evaluateCompare, evaluateImport, evaluateExport, evaluateShow],
  details: [
    'A version is asked by its ARN, as its callers ask it. A file is rendered here, and the same request is sent.',
    'Exits with 0 where the candidate is not worse, 2 where it is or a critical case fails, 8 where the suite is too small to tell, 1 where it could not be run.',
    'Answers are kept in .prompt-registry/answers and paid for once; --sign asks all anew. Ctrl-C keeps those that are there.',
  ],
  examples: [
    'evaluate financial-analysis --against @PROD --watch',
    'evaluate financial-analysis --candidate @STAGING --against @PROD --junit results.xml',
    'evaluate financial-analysis --endpoint http://localhost:8000/v1 --model llama',
    'evaluate financial-analysis --candidate @STAGING --against @PROD --sign measured --rows rows.jsonl',
    'evaluate check financial-analysis',
  ],
  run: async (context) => {
    const { evaluateAll } = await import('../evaluation/evaluate-all');
    const { signing } = await import('../evaluation/sign-evaluation');
    const asked = await signing(context);
    let last: Evaluation | undefined;
    for await (const evaluation of evaluateAll(context)) {
      await report(context, evaluation, asked);
      last = evaluation;
    }
    return last ? evaluationExit(last) : ExitCode.Failed;
  },
};

/** What is signed is shown first: signing may be refused, and the run was paid for. */
async function report(context: CommandContext, evaluation: Evaluation, asked: Signing | undefined): Promise<void> {
  const { terminal, values } = context;
  await writeEvaluation(context, evaluation);
  if (!values.json) terminal.line((await import('../evaluation/evaluation-text')).evaluationText(evaluation, terminal));
  const { signEvaluation, signedText } = await import('../evaluation/sign-evaluation');
  const signed = asked && (await signEvaluation(context, evaluation, asked));
  if (values.json) {
    const found = (await import('../evaluation/evaluation-json')).evaluationJson(evaluation);
    terminal.json(signed ? { ...found, signed } : found);
  } else if (signed) terminal.line(signedText(signed, evaluation.run.prompt, context));
}
