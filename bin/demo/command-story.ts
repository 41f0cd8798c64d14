import { type Demonstration, PROMPT } from './demonstration';
import { expectSame } from './expectation';
import { runCommand } from './run-command';
import type { Screen } from './screen';

/** The command in eight chapters: promote, a stale plan that is refused, rollback with withdrawal. */
export async function tellCommandStory(
  demo: Demonstration,
  screen: Screen,
  account: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const command = (...args: string[]) => runCommand(args, environment);

  await screen.chapter(1, 'cdk bootstrap, cdk deploy Prompts-prod Consumer-prod -c env=prod', async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note, { consumer: true });
    return [];
  });

  await screen.chapter(2, 'edit one word of the prompt file, cdk deploy', async (note) => {
    demo.edit('balanced', 'conservative');
    await demo.deploy(note);
    return [];
  });

  await screen.chapter(3, `prompt-registry promote ${PROMPT} PROD --to :1 --yes`, async () => {
    const { code, stdout, stderr } = await command('promote', PROMPT, 'PROD', '--to', ':1', '--yes');
    expectSame('exit code', code, 0, stderr);
    return [lastLine(stdout)];
  });

  let planId = '';
  await screen.chapter(4, `prompt-registry plan ${PROMPT} PROD --to @STAGING`, async () => {
    const { code, stdout, stderr } = await command('plan', PROMPT, 'PROD', '--to', '@STAGING');
    expectSame('exit code', code, 0, stderr);
    planId = /^plan id {2}(.+)$/m.exec(stdout)?.[1] ?? '';
    return stdout.trimEnd().split('\n');
  });

  await screen.chapter(5, `somebody else: prompt-registry promote ${PROMPT} PROD --to :2 --yes`, async () => {
    const { code, stdout, stderr } = await command('promote', PROMPT, 'PROD', '--to', ':2', '--yes');
    expectSame('exit code', code, 0, stderr);
    return [lastLine(stdout)];
  });

  await screen.chapter(6, 'the plan of chapter 4, now: prompt-registry promote … --plan ID --yes', async () => {
    const { code, stderr } = await command('promote', PROMPT, 'PROD', '--plan', planId, '--yes');
    expectSame('exit code of a stale plan', code, 5);
    return [...stderr.trimEnd().split('\n'), `exit code ${code}`];
  });

  await screen.chapter(7, `prompt-registry rollback ${PROMPT} PROD --withdraw --yes`, async () => {
    const { code, stdout, stderr } = await command('rollback', PROMPT, 'PROD', '--withdraw', '--yes');
    expectSame('exit code', code, 0, stderr);
    const status = await (await demo.application()).converse(await demo.versionArn(2));
    expectSame('Converse :2 after its withdrawal', status, 403);
    return [lastLine(stdout), `Converse :2 by the application's role  ${status}`];
  });

  await screen.chapter(8, `prompt-registry list; history ${PROMPT} PROD; status ${PROMPT}`, async () => {
    const runs = [await command('list'), await command('history', PROMPT, 'PROD'), await command('status', PROMPT)];
    expectSame(
      'exit codes',
      runs.map(({ code }) => code),
      [0, 0, 0],
    );
    return runs.flatMap(({ stdout }) => [...stdout.trimEnd().split('\n'), '']);
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
