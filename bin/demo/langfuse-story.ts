import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openKeys } from '../../core/langfuse/open-keys';
import { serveLangfuse } from '../langfuse/http-server';
import { type Demonstration, type LangfuseAccess, PROMPT } from './demonstration';
import { expectSame } from './expectation';
import { LangfuseClients } from './langfuse-clients';
import { runCommand } from './run-command';
import type { Screen } from './screen';

const VERSION_PARAMETER = 'FinancialAnalysisProdVersion';
const VARIABLES = { ticker: 'AMZN <b> $&' };
const PROMPTS = 30;
const VERSIONS = 200;

export interface LangfuseStoryProps {
  readonly account: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Unmodified clients of Langfuse, in seven chapters: against a server in memory, whose prompts are imported, then against the registry. */
export async function tellLangfuseStory(
  demo: Demonstration,
  screen: Screen,
  { account, environment }: LangfuseStoryProps,
): Promise<void> {
  const keys = { publicKey: 'pk-lf-demo', secretKey: 'sk-lf-demo' };
  const server = await serveLangfuse(openKeys([keys]), 0);
  const source: LangfuseAccess = { ...keys, baseUrl: `http://localhost:${server.port}` };
  try {
    await screen.chapter(1, `@langfuse/client fills npm start -- langfuse-open: ${VERSIONS} versions`, async () => {
      const { totalItems, versions } = await fill(source);
      const filled = { totalItems: PROMPTS, versions: VERSIONS };
      expectSame('prompts and versions that it lists', { totalItems, versions }, filled);
      return [`${totalItems} prompts with ${versions} versions, listed by the same client`];
    });

    await screen.chapter(2, 'prompt-registry import langfuse --all-versions --git', async () => {
      const folder = join(demo.scratch, 'imported');
      execFileSync('git', ['init', '--quiet', folder]);
      // Where git runs for the first time, as in a pipeline, it does not know whose commits these are.
      for (const [name, value] of Object.entries({ 'user.name': 'Demo', 'user.email': 'demo@example.com' }))
        execFileSync('git', ['-C', folder, 'config', name, value]);
      const own = { LANGFUSE_PUBLIC_KEY: keys.publicKey, LANGFUSE_SECRET_KEY: keys.secretKey };
      const args = ['import', 'langfuse', '--url', source.baseUrl, '--all-versions', '--git', '--out', folder];
      const { code, stderr } = await runCommand(args, own);
      expectSame('exit code: nothing was lost', code, 0, stderr);
      const commits = execFileSync('git', ['-C', folder, 'rev-list', '--count', 'HEAD'], { encoding: 'utf8' }).trim();
      expectSame('commits', Number(commits), VERSIONS);
      return [`${commits} commits, one for each version, with its date and message; nothing lost`];
    });
  } finally {
    await server.stop();
  }

  await screen.chapter(3, `cdk deploy Prompts-prod Langfuse-prod; ${VERSION_PARAMETER}=1`, async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note, { alongside: ['Langfuse-prod'] });
    demo.edit('balanced', 'conservative');
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: '1' } });
    return [`PROD is on version 1, STAGING on 2`];
  });

  const access = await demo.langfuse();
  const clients = new LangfuseClients(access);
  const read = async () => {
    const [five, three] = [await clients.five(PROMPT, VARIABLES), await clients.three(PROMPT, VARIABLES)];
    // After a release instances of the endpoint ask anew one by one: two clients may be answered by two of them.
    if (five.version === three.version) expectSame('the text of both clients', five.text, three.text);
    return {
      '@langfuse/client 5': five.version,
      'langfuse 3': three.version,
      'langfuse-cli': await clients.cli(PROMPT),
    };
  };
  const all = (version: number) => ({ '@langfuse/client 5': version, 'langfuse 3': version, 'langfuse-cli': version });

  await screen.chapter(4, `three unmodified clients: get ${PROMPT}`, async () => {
    const seen = await read();
    expectSame('versions', seen, all(1));
    return [`LANGFUSE_BASE_URL=${access.baseUrl}`, ...lines(seen), 'no AWS credentials; the same text in each'];
  });

  await screen.chapter(5, 'a script sets the label production on version 2: prompt.update(…)', async () => {
    const said = await clients.release(PROMPT, 2);
    const told = `prompt-registry promote ${PROMPT} PROD --to 2`;
    expectSame('the answer to the script', said.includes(told), true, said);
    expectSame('PROD and STAGING', await demo.pointers(), { PROD: 1, STAGING: 2 });
    return [said];
  });

  await screen.chapter(6, `prompt-registry promote ${PROMPT} PROD --to :2 --yes`, async () => {
    const { code, stderr } = await runCommand(['promote', PROMPT, 'PROD', '--to', ':2', '--yes'], environment);
    expectSame('exit code', code, 0, stderr);
    const began = performance.now();
    let seen = await read();
    const areOn = (version: number) => Object.values(seen).every((other) => other === version);
    while (!areOn(2) && performance.now() - began < 30_000) seen = await read();
    expectSame('versions', seen, all(2));
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    return [...lines(seen), `${seconds} s after the release; a client that holds 1 asks again within its own 60 s`];
  });

  await screen.chapter(7, 'the same script again', async () => {
    const said = await clients.release(PROMPT, 2);
    expectSame('the answer to the script', said, 'released');
    return ['production stands there already: 200, so that scripts can run twice'];
  });
}

async function fill(access: LangfuseAccess) {
  const client = new LangfuseClients(access).client();
  for (let index = 0; index < VERSIONS; index++) {
    const [name, prompt] = [`folder/prompt-${index % PROMPTS}`, `Text ${index} for {{who}}`];
    await client.prompt.create({ name, prompt, labels: ['production'], commitMessage: `change ${index}` });
  }
  const { data, meta } = await client.api.prompts.list({ limit: 100 });
  return { totalItems: meta.totalItems, versions: data.flatMap(({ versions }) => versions).length };
}

function lines(seen: Record<string, number>): string[] {
  return Object.entries(seen).map(([client, version]) => `${client.padEnd(20)}version ${version}`);
}
