import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import type { AwsClients } from '../../cli/aws-clients';
import type { CommandContext } from '../../cli/command';
import { Registry } from '../../cli/registry';
import { reviewedMove } from '../../cli/reviews/reviewed-move';
import { say } from '../../cli/reviews/say';
import { findRegistryStack } from '../../cli/stack-finder';
import { session } from '../e2e/reviewers';
import { APPROVALS, ApprovalsWorld, TEXTS } from './approvals-world';
import { fakeTerminal } from './fake-terminal';

const on = ApprovalsWorld.forThisFile();
const RACES = 200;

it(`an approval is of the words that were shown, whatever moves meanwhile: ${RACES} races`, async () => {
  const { aws, operator } = on.bench;
  for (const version of [1, 2, 3]) {
    const { code, stderr } = await on.run(['request', 'advisor', 'PROD', '--to', `:${version}`], 'alice of Author');
    expect(code, stderr).toBe(0);
  }
  const bob = await session(aws, 'Risk', 'bob');
  const { endpoint, region } = aws;
  const cloudFormation = new CloudFormationClient({ endpoint, region, credentials: bob.credentials });
  const clients = { ...bob, cloudFormation } as unknown as AwsClients;
  const registry = new Registry(clients, await findRegistryStack(clients, { stackName: APPROVALS.stack }));
  const arn = await on.bench.promptArn();
  const digests = [await on.digest(1), await on.digest(2), await on.digest(3)];
  let isRacing = true;
  // Somebody releases to STAGING all the time.
  const moving = (async () => {
    for (let turn = 1; isRacing; turn++) {
      const Name = `${APPROVALS.parameterPrefix}/advisor/STAGING`;
      const Value = `${arn}:${(turn % 3) + 1}`;
      await operator.ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
    }
  })();
  const context = (to: string) =>
    ({
      terminal: fakeTerminal(undefined).terminal,
      positionals: ['advisor', 'PROD'],
      values: { to, json: true },
      now: () => new Date(),
      openRegistry: async () => registry,
    }) as unknown as CommandContext;
  const seen = new Set<string>();
  const unseen: string[] = [];
  let before = new Set((await on.reviews()).filter((key) => key.includes('/@risk/')));
  for (let race = 1; race <= RACES; race++) {
    const move = await reviewedMove(context('@STAGING'));
    const shown = move.diff.sections.flatMap(({ changes }) => changes.filter(({ kind }) => kind !== 'removed'));
    const words = shown.map(({ text }) => text).join('');
    const read = digests.filter((_, index) => words.includes(TEXTS[index] ?? ''));
    await say(context(move.digest), 'approve');
    const all = (await on.reviews()).filter((key) => key.includes('/@risk/'));
    const written = all.filter((key) => !before.has(key)).map((key) => key.split('/')[3] ?? '');
    before = new Set(all);
    if (written.length !== 1 || read.length !== 1 || written[0] !== read[0]) unseen.push(`${race}: ${read} ${written}`);
    seen.add(move.digest);
  }
  isRacing = false;
  await moving;
  expect(unseen).toEqual([]);
  expect(seen.size).toBe(3);
}, 300_000);
