import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { runCommand } from './run-command';
import type { Screen } from './screen';

/** What a scripted model is asked: the whole prompt, with the case's value in it. */
type Answer = (turns: readonly { readonly text: string }[]) => string;

export interface EvaluateStoryProps {
  readonly account: string;
  readonly environment: NodeJS.ProcessEnv;
  setModel(answer: Answer): void;
  /** Resolves once the evaluator has nothing to do. */
  measured(): Promise<void>;
  passDay(): void;
  messages(topicArn: string): string[];
}

const CASES = 100;
/** Cases that the word in the prompt's text makes the model fail; `balanced` is what is there at first. */
const FAILING: Readonly<Record<string, (n: number) => boolean>> = {
  balanced: (n) => n % 12 === 0,
  thorough: () => false,
  daring: (n) => n <= 2 || n % 12 === 0,
  // 18 cases lost and 8 won: by the usual test of pairs chance alone does as much in 8 runs of 100.
  hasty: (n) => n >= 30 && n < 50 && n % 12 !== 0,
};

/** Is it better than what is live? Eight chapters. */
export async function tellEvaluateStory(demo: Demonstration, screen: Screen, props: EvaluateStoryProps): Promise<void> {
  const { account, environment, setModel, measured, passDay, messages } = props;
  const run = async (code: number, ...args: string[]) => {
    const done = await runCommand(args, environment, demo.scratch);
    if (done.code !== code) {
      throw new Unexpected(args.join(' '), `exit code ${code}`, done.code, done.stdout + done.stderr);
    }
    return (done.stdout + done.stderr).trimEnd().split('\n');
  };
  const evaluate = (code: number, ...args: string[]) => run(code, 'evaluate', PROMPT, '--against', '@PROD', ...args);
  writeSuite(demo.scratch);
  setModel(answerOf());

  await screen.chapter(1, 'cdk deploy Prompts-prod -c evaluate=on: the evaluator measures version 1', async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note);
    note('the evaluator asks the suite');
    await measured();
    const lines = await run(0, 'promote', PROMPT, 'PROD', '--to', ':1', '--yes');
    return lines.filter(isOutcome);
  });

  await screen.chapter(2, `an edit that helps: evaluate ${PROMPT} --against @PROD --html page.html`, async () => {
    demo.edit('balanced', 'thorough');
    return shown(await evaluate(0, '--html', 'page.html'));
  });

  await screen.chapter(3, 'an edit that breaks two critical cases', async () => {
    demo.edit('thorough', 'daring');
    return shown(await evaluate(2));
  });

  await screen.chapter(4, 'an edit that is 10 points worse, and “not significant” by the usual test', async () => {
    demo.edit('daring', 'hasty');
    return shown(await evaluate(8));
  });

  await screen.chapter(5, 'twelve cases are too few to tell', async () => shown(await evaluate(8, '--only', 'banks')));

  await screen.chapter(6, 'deployed all the same: STAGING has 2, it is measured, and PROD is refused', async (note) => {
    await demo.deploy(note);
    await measured();
    return run(1, 'promote', PROMPT, 'PROD', '--to', '@STAGING', '--yes');
  });

  await screen.chapter(
    7,
    'the edit that helps: STAGING has 3, signed for by the evaluator, and PROD goes',
    async (note) => {
      demo.edit('hasty', 'thorough');
      await demo.deploy(note);
      await measured();
      const lines = await run(0, 'promote', PROMPT, 'PROD', '--to', '@STAGING', '--yes');
      expectSame('pointers', await demo.pointers(), { PROD: 3, STAGING: 3 });
      return lines.filter(isOutcome);
    },
  );

  await screen.chapter(8, 'a model changes overnight: the next daily run notices, and moves nothing', async () => {
    const topic = await demo.alerts();
    const day = async () => {
      passDay();
      await measured();
    };
    await day();
    const before = messages(topic).length;
    setModel(answerOf((n) => n >= 60 && n < 85));
    await day();
    const told = messages(topic).slice(before);
    expectSame('messages', told.length, 1);
    expectSame('pointers', await demo.pointers(), { PROD: 3, STAGING: 3 });
    return told.flatMap((message) => message.split('\n')).map((line) => cut(line));
  });
}

/** A hundred cases of which two are critical, and twelve have a tag. */
function writeSuite(scratch: string): void {
  const cases = Array.from({ length: CASES }, (_, index) => {
    const n = index + 1;
    const ticker = `STOCK${n}`;
    const more = { ...(n <= 2 && { critical: true }), ...(n > CASES - 12 && { tags: ['banks'] }) };
    return JSON.stringify({ id: `case-${n}`, variables: { ticker }, expected: { mentions: [ticker] }, ...more });
  });
  const suite = [
    `cases: ${PROMPT}.cases.jsonl`,
    'metrics:',
    '  mentions: { check: contains-all, of: expected.mentions }',
  ];
  writeFileSync(join(scratch, 'prompts', `${PROMPT}.cases.jsonl`), `${cases.join('\n')}\n`);
  writeFileSync(join(scratch, 'prompts', `${PROMPT}.eval.yaml`), `${suite.join('\n')}\n`);
}

/** A model whose answers hang on one word of the prompt. */
function answerOf(alsoFails: (n: number) => boolean = () => false): Answer {
  return (turns) => {
    const text = turns.at(-1)?.text ?? '';
    const n = Number(/STOCK(\d+)/.exec(text)?.[1]);
    const word = Object.keys(FAILING).find((known) => text.includes(known)) ?? 'balanced';
    return FAILING[word]?.(n) || alsoFails(n) ? 'It rose, and then it fell.' : `STOCK${n} rose, and then it fell.`;
  };
}

/** The first cases that came out otherwise, the metric, and what it comes to. */
function shown(lines: readonly string[]): string[] {
  const filled = lines.filter((line) => line.trim() !== '');
  const outcome = filled.filter((line) => /^(mentions|wrote|[✔✖]|ok|error|. inconclusive)/.test(line));
  return [...filled.slice(0, 4), ...outcome].map((line) => cut(line));
}

function cut(line: string): string {
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}

function isOutcome(line: string): boolean {
  return line.startsWith('✔') || line.startsWith('ok');
}
