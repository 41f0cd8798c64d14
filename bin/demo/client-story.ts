import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PromptUse } from '../../client';
import { ClientApplication } from './client-application';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame } from './expectation';
import { runCommand } from './run-command';
import type { Screen } from './screen';

const VERSION_PARAMETER = 'FinancialAnalysisProdVersion';
const WITHDRAWN_PARAMETER = 'FinancialAnalysisWithdrawnVersions';
/** Short, so that a release is seen while somebody watches; the default is a minute. */
const TTL = 1_000;

export interface ClientStoryProps {
  readonly account: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Requests of the application to SSM so far. */
  ssmRequests(): number;
  /** SSM answers 503 to the application until what this returns is called. */
  stopSsm(): () => void;
}

/** An application that uses `PromptClient`, in eight chapters: a deployed function, a release, an outage, a withdrawal. */
export async function tellClientStory(
  demo: Demonstration,
  screen: Screen,
  { account, environment, ssmRequests, stopSsm }: ClientStoryProps,
): Promise<void> {
  await screen.chapter(1, `cdk bootstrap, cdk deploy; ${VERSION_PARAMETER}=1`, async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note, { consumer: true });
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1' } });
    return [];
  });
  await screen.chapter(2, `aws lambda invoke: the example's function`, async () => {
    const answer = await demo.invoke({ prompt: PROMPT, variables: { ticker: 'AMZN' } });
    const said = JSON.stringify(answer);
    const seen = { version: /version: (\w+)/.exec(said)?.[1], hasVariable: said.includes('AMZN') };
    expectSame('what the function answers', seen, { version: '1', hasVariable: true });
    return [`version 1 answered; the function names ${PROMPT}, alias.grants.invoke(fn) set the rest`];
  });
  const own = await demo.asApplication();
  const application = new ClientApplication(own, { ttl: TTL });
  const snapshot = join(demo.scratch, 'prompt-snapshot.json');

  await screen.chapter(3, `a new process: prompts.get('${PROMPT}'), 1,000 at once`, async () => {
    const before = ssmRequests();
    const found = await Promise.all(Array.from({ length: 1_000 }, () => application.prompts.get(PROMPT)));
    const seen = { requests: ssmRequests() - before, versions: distinct(found.map(({ version }) => version)) };
    expectSame('requests and versions', seen, { requests: 1, versions: [1] });
    return [`${seen.requests} request to SSM, version 1; no version number in the application`];
  });

  await screen.chapter(4, 'edit a word, release 2; prompts.run(…) ten times a second meanwhile', async (note) => {
    demo.edit('balanced', 'conservative');
    const loop = application.loop();
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '2' } });
    await until(() => application.log.at(-1)?.version === 2);
    const outcomes = await loop.stop();
    expectSame('outcomes', distinct(outcomes), ['200']);
    expectSame('versions that answered, in order', inOrder(application.log), [1, 2]);
    return [`${outcomes.length} calls, 0 errors: ${application.story()}`];
  });

  await screen.chapter(5, 'SSM answers 503 to everything', async () => {
    const { code, stderr } = await runCommand(['snapshot', '--out', snapshot], environment);
    expectSame('exit code of prompt-registry snapshot', code, 0, stderr);
    await application.run();
    application.log.length = 0;
    const letSsmGo = stopSsm();
    const loop = application.loop();
    await until(() => application.log.filter(({ source }) => source === 'stale').length >= 20);
    const outcomes = await loop.stop();
    const [withSnapshot, withNothing] = [new ClientApplication(own, { snapshot }), new ClientApplication(own)];
    const cold = [await withSnapshot.run(), await withNothing.run()];
    letSsmGo();
    expectSame('outcomes', distinct(outcomes), ['200']);
    expectSame('versions that answered', inOrder(application.log), [2]);
    expectSame('new processes, with a snapshot and without', cold, ['200', 'RegistryUnavailable']);
    return [
      `the process that runs        ${outcomes.length} calls, 0 errors: ${application.story(true)}`,
      `a new one with a snapshot    ${cold[0]}: ${withSnapshot.story(true)}`,
      `a new one with nothing       ${cold[1]}`,
    ];
  });

  await screen.chapter(6, 'SSM is back', async () => {
    const loop = application.loop();
    await until(() => application.log.at(-1)?.source === 'registry');
    const outcomes = await loop.stop();
    expectSame('outcomes', distinct(outcomes), ['200']);
    return [`${outcomes.length} calls, 0 errors: ${application.story(true)}`];
  });

  await screen.chapter(7, 'roll back to 1 and withdraw 2, while a process holds 2 for an hour', async (note) => {
    const holder = new ClientApplication(own, { ttl: 3_600_000, maxStale: 3_600_000 });
    const held = await holder.prompts.get(PROMPT);
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1', [WITHDRAWN_PARAMETER]: '2' } });
    const used: (number | undefined)[] = [];
    const outcome = await holder.prompts.run(PROMPT, { ticker: 'AMZN' }, async (request, prompt) => {
      used.push(prompt.version);
      return holder.send(request);
    });
    expectSame('held', held.version, 2);
    expectSame('versions that one run() tried', used, [2, 1]);
    expectSame('its outcome', outcome.$metadata.httpStatusCode, 200);
    return ['one run(): version 2 refused, alias asked again, version 1 answered; the caller saw no error'];
  });

  await screen.chapter(8, 'an outage again: the snapshot of chapter 5 still says 2', async () => {
    const { aliases } = JSON.parse(readFileSync(snapshot, 'utf8'));
    expectSame('PROD in the snapshot', aliases[`${PROMPT}/PROD`], await demo.versionArn(2));
    const letSsmGo = stopSsm();
    const late = new ClientApplication(own, { snapshot });
    const outcomes = [await late.run(), await late.run()];
    letSsmGo();
    expectSame('outcomes of a new process', outcomes, ['VersionRefused', 'VersionRefused']);
    return [`a new process: ${outcomes[0]}; what Bedrock refuses, no snapshot brings back`];
  });
}

function inOrder(log: readonly PromptUse[]): (number | undefined)[] {
  return log.map(({ version }) => version).filter((version, index, all) => version !== all[index - 1]);
}

function distinct<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}

/** Waits half a minute at most; what did not come shows in what is compared then. */
async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !isSo() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
