import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { reviewKey } from '../../core/ledger/layout';
import type { ClientConfiguration } from './client-configuration';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { runCommand } from './run-command';
import type { Screen } from './screen';

export interface GatesStoryProps {
  readonly account: string;
  environment(credentials?: ClientConfiguration['credentials']): NodeJS.ProcessEnv;
  /** S3 answers nothing under `reviews/` any more; answers how to end that. */
  breakReviews(): () => void;
}

/** A release that one person cannot make alone, in nine chapters. */
export async function tellGatesStory(demo: Demonstration, screen: Screen, props: GatesStoryProps): Promise<void> {
  const { account, environment, breakReviews } = props;
  const run = async (who: ClientConfiguration | undefined, code: number, ...args: string[]) => {
    const done = await runCommand(args, environment(who?.credentials));
    if (done.code !== code) throw new Unexpected(args.join(' '), `exit code ${code}`, done.code, done.stderr);
    return (done.stdout + done.stderr).trimEnd().split('\n');
  };
  const digestOf = async (version: number) =>
    (await demo.versions()).find((one) => one.version === version)?.digest ?? '';

  await screen.chapter(1, 'cdk deploy Prompts-prod -c gates=on, edit, deploy', async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note);
    demo.edit('balanced', 'conservative');
    await demo.deploy(note);
    return ['STAGING has no gate and follows the file'];
  });
  const alice = await demo.reviewer('Author', 'alice');
  const bob = await demo.reviewer('Risk', 'bob');

  await screen.chapter(2, `prompt-registry promote ${PROMPT} PROD --to :1: nobody asked`, () =>
    run(undefined, 1, 'promote', PROMPT, 'PROD', '--to', ':1', '--yes'),
  );

  await screen.chapter(3, 'alice asks, and cannot approve it herself in another role', async () => {
    const asked = await run(alice, 0, 'request', PROMPT, 'PROD', '--to', ':1', '--reason', 'CHG-1042');
    const asRisk = await demo.reviewer('Risk', 'alice');
    return [...asked, ...(await run(asRisk, 1, 'approve', PROMPT, 'PROD', '--to', await digestOf(1)))];
  });

  await screen.chapter(4, 'alice signs in bob’s name: IAM refuses the key', async () => {
    const asRisk = await demo.reviewer('Risk', 'alice');
    const { UserId = '' } = await new STSClient(bob).send(new GetCallerIdentityCommand({}));
    const address = { promptId: await demo.promptId(), alias: 'PROD', digest: await digestOf(1) };
    const Key = reviewKey({ ...address, group: 'risk', signer: UserId, number: 1 });
    const put = new PutObjectCommand({ Bucket: await demo.ledgerBucket(), Key, Body: '{}', IfNoneMatch: '*' });
    const answer = await new S3Client(asRisk).send(put).then(
      () => 'written',
      (error: Error) => error.name,
    );
    expectSame('PutObject in another name', answer, 'AccessDenied');
    return [`PutObject …/@risk/${UserId}/99999998.json  ${answer}`];
  });

  await screen.chapter(5, `bob: review, approve; then promote ${PROMPT} PROD --to :1`, async () => {
    await run(bob, 0, 'review', PROMPT, 'PROD');
    const approved = await run(bob, 0, 'approve', PROMPT, 'PROD', '--to', await digestOf(1), '--comment', 'policy 7');
    const promoted = await run(undefined, 0, 'promote', PROMPT, 'PROD', '--to', ':1', '--yes');
    return [...approved, ...promoted.filter(isOutcome)];
  });

  await screen.chapter(6, 'version 2 is approved, then the text changes: STAGING has 3', async (note) => {
    await run(alice, 0, 'request', PROMPT, 'PROD', '--to', '@STAGING');
    await run(bob, 0, 'approve', PROMPT, 'PROD', '--to', await digestOf(2));
    demo.edit('conservative', 'daring');
    await demo.deploy(note);
    return run(undefined, 1, 'promote', PROMPT, 'PROD', '--to', '@STAGING', '--yes');
  });

  await screen.chapter(7, 'what was approved may go: promote … --to :2', async () => {
    const lines = await run(undefined, 0, 'promote', PROMPT, 'PROD', '--to', ':2', '--yes');
    return lines.filter(isOutcome);
  });

  await screen.chapter(8, 'an incident while S3 answers nothing under reviews/: rollback', async () => {
    const mend = breakReviews();
    const lines = await run(undefined, 0, 'rollback', PROMPT, 'PROD', '--yes');
    mend();
    expectSame('pointers', await demo.pointers(), { PROD: 1, STAGING: 3 });
    return lines.filter(isOutcome);
  });

  await screen.chapter(9, 'somebody deploys without the gate and moves PROD to 3: the audit finds it', async (note) => {
    await demo.deploy(note, { gates: 'off', parameters: { FinancialAnalysisProdVersion: '3' } });
    const lines = await run(undefined, 2, 'audit', 'verify');
    const found = lines.findIndex((line) => line.includes('GateGone'));
    if (found < 0) throw new Unexpected('audit verify', 'GateGone', lines.join('\n'));
    return lines.slice(found, found + 3);
  });
}

function isOutcome(line: string): boolean {
  return line.startsWith('✔') || line.startsWith('ok');
}
