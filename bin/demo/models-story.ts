import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import type { Demonstration } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { runCommand } from './run-command';
import type { Screen } from './screen';

export interface ModelsStoryProps {
  readonly account: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Bedrock announces the day, `YYYY-MM-DD`, on which a model ends. */
  endModel(modelId: string, day: string): void;
  /** Resolves once everything that a day brings is done. */
  passDay(): Promise<void>;
  messages(topicArn: string): string[];
  /** Until the trail has written its files. */
  later(): Promise<void>;
}

const [OLD, NEW] = ['amazon.nova-pro-v1:0', 'us.amazon.nova-lite-v1:0'];
const MISSPELT = 'amazon.nova-prp-v1:0';
/** Beside the example's own prompt, each on the same model. */
const FURTHER = ['earnings-summary', 'risk-note', 'trade-explainer'];
/** Lines of a message that the screen shows of the one for each alias. */
const SHOWN = 2;
const DAYS_LEFT = 33;
const DAY_MS = 86_400_000;

/** A model, from its name to its end, in eight chapters. */
export async function tellModelsStory(demo: Demonstration, screen: Screen, props: ModelsStoryProps): Promise<void> {
  const { account, environment, endModel, passDay, messages, later } = props;
  const run = async (code: number, ...args: string[]) => {
    const done = await runCommand(args, environment, demo.scratch);
    if (done.code !== code) {
      throw new Unexpected(args.join(' '), `exit code ${code}`, done.code, done.stdout + done.stderr);
    }
    return (done.stdout + done.stderr).trimEnd().split('\n');
  };
  for (const name of FURTHER) writeFileSync(join(demo.scratch, 'prompts', `${name}.prompt`), prompt(name));

  await screen.chapter(
    1,
    'models refresh; cdk deploy -c models=models.lock.json; four prompts go to PROD',
    async (note) => {
      await demo.bootstrap(account, note);
      await run(0, 'models', 'refresh');
      await demo.deploy(note, { consumer: true, alongside: ['Audit-prod'] });
      const lines = await run(0, 'models', 'promote', OLD, 'PROD', '--yes');
      return lines.filter(isOutcome);
    },
  );

  await screen.chapter(2, `somebody writes ${MISSPELT}: synthesis refuses it`, async (note) => {
    demo.edit(OLD, MISSPELT);
    const output = await demo.refused(note);
    const said = /expected .*nova-prp.*/.exec(output)?.[0];
    if (said === undefined) throw new Unexpected('cdk deploy', 'the model, and the one that was meant', output);
    demo.edit(MISSPELT, OLD);
    return [said];
  });

  await screen.chapter(3, `Bedrock ends ${OLD} in ${DAYS_LEFT} days: models refresh; models check`, async () => {
    endModel(OLD, new Date(Date.now() + DAYS_LEFT * DAY_MS).toISOString().slice(0, 10));
    await run(0, 'models', 'refresh');
    return run(2, 'models', 'check', '--within', '60d');
  });

  const topic = await demo.alerts();
  await screen.chapter(4, 'nobody acts; the watch looks every day, and speaks below 30 days', async () => {
    const quiet: number[] = [];
    for (let day = 1; day <= DAYS_LEFT; day++) {
      await passDay();
      const [message] = messages(topic);
      if (message && day === 1) throw new Unexpected('the first day', 'no message', message);
      if (message) return [`day ${quiet.join(', ')}: nothing`, `day ${day}:`, ...shortened(message)];
      quiet.push(day);
    }
    throw new Unexpected('messages', 'one below 30 days', 'none');
  });

  await screen.chapter(5, `models swap ${OLD} ${NEW}; cdk deploy`, async (note) => {
    const lines = await run(0, 'models', 'swap', OLD, NEW);
    await demo.deploy(note);
    expectSame('pointers', await demo.pointers(), { PROD: 1, STAGING: 2 });
    return [...lines, 'STAGING of all four is on the new model, PROD on the old one'];
  });

  await screen.chapter(6, `models promote ${NEW} PROD: one change set, while it is called`, async () => {
    const loop = (await demo.application()).loop();
    const lines = await run(0, 'models', 'promote', NEW, 'PROD', '--yes');
    const { calls, errors } = await loop.stop();
    expectSame('errors', errors, []);
    expectSame('pointers', await demo.pointers(), { PROD: 2, STAGING: 2 });
    const moves = lines.filter((line) => line.includes('→') || isOutcome(line));
    return [...moves, `${calls} calls meanwhile, 0 errors`];
  });

  await screen.chapter(7, 'the next day: only what a rollback would bring back still ends', async () => {
    const before = messages(topic).length;
    await passDay();
    const told = messages(topic).slice(before);
    expectSame('messages', told.length, 1);
    expectSame('what is live in it', / of [a-z-]+ \(version/.exec(told.join())?.[0], undefined);
    return told.flatMap(shortened);
  });

  await screen.chapter(8, 'the application calls a model past its prompt: audit usage --unmanaged', async () => {
    const runtime = new BedrockRuntimeClient(await demo.asApplication());
    const messages = [{ role: 'user' as const, content: [{ text: 'Just tell me what to buy.' }] }];
    await runtime.send(new ConverseCommand({ modelId: NEW, messages }));
    await later();
    const lines = await run(0, 'audit', 'usage', '--unmanaged', '--trail-bucket', `s3://${await demo.trailBucket()}/`);
    if (!lines[0]?.startsWith('1 call past')) throw new Unexpected('audit usage', '1 call past the registry', lines);
    return lines;
  });
}

function prompt(name: string): string {
  return `---\nmodel: ${OLD}\ninput:\n  schema:\n    ticker: string\n---\nWrite the ${name} of {{ticker}}.\n`;
}

/** It says the same of each alias. */
function shortened(message: string): string[] {
  const lines = message.split('\n');
  const all = lines.pop() ?? '';
  return [...lines.slice(0, SHOWN), `… and ${lines.length - SHOWN} more aliases`, all];
}

function isOutcome(line: string): boolean {
  return line.startsWith('✔') || line.startsWith('ok');
}
