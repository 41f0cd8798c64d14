import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { ClientConfiguration } from './client-configuration';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { RolloutStage, type StageProps } from './rollout-stage';
import type { Screen } from './screen';
import { userBar } from './user-bar';
import { UserCrowd } from './user-crowd';

export interface RolloutStoryProps extends StageProps {
  readonly account: string;
  readonly operator: ClientConfiguration;
  /** Takes what an application logs to CloudWatch. */
  logged(line: string): void;
  /** The model fails from now on where this word is in a prompt. */
  failOn(word: string): void;
  messages(topicArn: string): string[];
}

const VERSION_PARAMETER = 'FinancialAnalysisProdVersion';
/** Versions: one that is live, one that is as good, one that fails, and one that others take back. */
const [LIVE, GOOD, BAD, THIRD] = [1, 2, 3, 4];
const [FIRST, ...LATER] = [5, 25, 50];

/** Four rollouts among 1,000 users, in six chapters: one is settled, one halts by itself, two are taken back. */
export async function tellRolloutStory(demo: Demonstration, screen: Screen, props: RolloutStoryProps): Promise<void> {
  const { account, operator, now, logged, failOn, messages } = props;

  await screen.chapter(1, `cdk bootstrap; cdk deploy -c rollout=on, ${VERSION_PARAMETER}=${LIVE}`, async (note) => {
    await demo.bootstrap(account, note);
    await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: `${LIVE}` } });
    return [
      'PROD gives a new version to 5, 25, 50 % of its users, each for a minute at least; minutes are skipped here',
    ];
  });
  const crowd = new UserCrowd({ own: await demo.rolloutRole('Application'), now: () => now().getTime(), logged });
  const stage = new RolloutStage(demo, crowd, props);
  const run = (...args: string[]) => stage.command(undefined, 0, ...args);
  const topic = await demo.alerts();

  await screen.chapter(
    2,
    `edit, cdk deploy, ${VERSION_PARAMETER}=${LIVE}..${GOOD}; later: promote … --to :${GOOD}`,
    async (note) => {
      demo.edit('balanced', 'conservative');
      await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: `${LIVE}..${GOOD}` } });
      const place = await stage.places(GOOD);
      const byPlace = [...crowd.users].sort((one, other) => place(one) - place(other));
      const [pinned = ''] = crowd.users.filter((user) => place(user) >= 0.05 && place(user) < 0.25);
      const rows: string[] = [];
      const seen: (number | undefined)[][] = [];
      const look = async (title: string, ...expected: Parameters<RolloutStage['round']>) => {
        note(title);
        rows.push(userBar(title, byPlace, (await stage.round(...expected)).given, GOOD));
        seen.push(await crowd.everywhere(pinned));
      };
      await look('begun', { stable: LIVE });
      for (const share of [FIRST, ...LATER]) {
        await stage.reach(share);
        await look(`${share} %`, { stable: LIVE, candidate: GOOD, share });
      }
      // What CloudWatch has of a minute is read once that is over.
      await stage.noticed();
      const status = await stage.status();
      const [, uses = ''] = status;
      if (!/errors 0\.0 % \/ 0\.0 % {3}not worse/.test(uses))
        throw new Unexpected('rollout status', 'not worse', status);
      const outcome = await run('promote', PROMPT, 'PROD', '--to', `:${GOOD}`, '--yes');
      await stage.noticed();
      await look('settled', { stable: GOOD });
      expectSame(`versions of ${pinned} in all processes`, seen, [[LIVE], [LIVE], [GOOD], [GOOD], [GOOD]]);
      return [
        ...rows,
        `${pinned}, in each of 50 processes: ${seen.flat().join(', ')}; nobody of 1,000 went back`,
        ...status,
        ...outcome.filter(isOutcome),
      ];
    },
  );

  await screen.chapter(
    3,
    `edit, cdk deploy, … =${GOOD}..${BAD}: the model fails on ${BAD}, and nobody looks`,
    async (note) => {
      failOn('reckless');
      demo.edit('conservative', 'reckless');
      await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: `${GOOD}..${BAD}` } });
      await stage.reach(FIRST);
      const { calls } = await stage.round({ stable: GOOD, candidate: BAD, share: FIRST, fails: true });
      const repeated = calls.filter(({ tried }) => tried.length > 1).length;
      await stage.pass('a halt', async () => (await stage.progress()).progress?.state === 'halt');
      // A message may come twice.
      const halts = () => [...new Set(messages(topic).filter((message) => message.includes('is halted')))];
      await stage.pass('a message', () => halts().length > 0);
      await stage.noticed();
      await stage.round({ stable: GOOD });
      const status = await stage.status();
      const json = (await run('rollout', 'status', PROMPT, 'PROD', '--json')).join('');
      const { kind, by, evidence } = JSON.parse(json).records.at(-1);
      const halt = { kind, by, evidence };
      expectSame('who halted', [kind, by], ['halt', 'controller']);
      const why = `it fails more often: ${repeated} of ${repeated} first uses, stable 0 of ${calls.length - repeated}`;
      if (!status.join(' ').includes(why)) throw new Unexpected('rollout status', why, status);
      expectSame('messages that say why', halts().filter((message) => message.includes(why)).length, 1);
      return [
        `${repeated} of ${calls.length} calls failed with ${BAD} and were answered by ${GOOD} in the same run(): users saw 0 errors`,
        ...status,
        `rollout status … --json: ${JSON.stringify(halt)}`,
        'to the topic:',
        ...halts().join('\n').split('\n'),
      ];
    },
  );

  const everyMinute = { Name: await demo.rolloutRule() };
  const events = new EventBridgeClient(operator);

  await screen.chapter(
    4,
    `edit, cdk deploy, … =${GOOD}..${THIRD}; at ${FIRST} % somebody disables the controller’s rule`,
    async (note) => {
      demo.edit('reckless', 'careful');
      await demo.deploy(note, { parameters: { [VERSION_PARAMETER]: `${GOOD}..${THIRD}` } });
      await stage.reach(FIRST);
      const place = await stage.places(THIRD);
      const byPlace = [...crowd.users].sort((one, other) => place(one) - place(other));
      const before = await stage.round({ stable: GOOD, candidate: THIRD, share: FIRST });
      await events.send(new DisableRuleCommand(everyMinute));
      // One that is at work ends.
      await stage.skipTo(0);
      const until = (await stage.progress()).progress?.until ?? '';
      await stage.skipTo(Date.parse(until));
      expectSame('until in the parameter', (await stage.progress()).progress?.until, until);
      const after = await stage.round({ stable: GOOD });
      const status = await stage.status();
      if (!status.join().includes('the controller is not there')) {
        throw new Unexpected('rollout status', 'the controller is not there', status);
      }
      return [
        userBar(`${FIRST} %`, byPlace, before.given, THIRD),
        userBar(until.slice(11, 16), byPlace, after.given, THIRD),
        ...status,
      ];
    },
  );

  await screen.chapter(5, `the controller is back; at 25 % an incident: rollback ${PROMPT} PROD`, async () => {
    await events.send(new EnableRuleCommand(everyMinute));
    await stage.reach(25);
    await stage.round({ stable: GOOD, candidate: THIRD, share: 25 });
    const calls = crowd.loop();
    const outcome = await run('rollback', PROMPT, 'PROD', '--yes');
    const meanwhile = await calls.stop();
    expectSame(
      'errors that users saw',
      meanwhile.filter(({ error }) => error !== undefined),
      [],
    );
    await stage.noticed();
    await stage.round({ stable: GOOD });
    return [
      ...outcome.filter(isOutcome),
      `${meanwhile.length} calls meanwhile, 0 errors; a minute later all 1,000 get ${GOOD}`,
    ];
  });

  await screen.chapter(
    6,
    `promote … --to :${THIRD} again; on call, and not allowed to deploy: rollout halt`,
    async () => {
      const onCall = await demo.rolloutRole('OnCall', 'kim');
      await run('promote', PROMPT, 'PROD', '--to', `:${THIRD}`, '--yes');
      await stage.reach(FIRST);
      await stage.round({ stable: GOOD, candidate: THIRD, share: FIRST });
      const refused = await stage.command(onCall, 6, 'promote', PROMPT, 'PROD', '--to', `:${THIRD}`, '--yes');
      const halted = await stage.command(onCall, 0, 'rollout', 'halt', PROMPT, 'PROD', '--reason', 'complaints');
      await stage.noticed();
      await stage.round({ stable: GOOD });
      const missing = /perform: (\S+)/.exec(refused.join())?.[1];
      expectSame('what the person on call may not do', missing, 'cloudformation:CreateChangeSet');
      return [`promote: exit code 6, ${missing} is not allowed`, ...halted, ...(await stage.status())];
    },
  );
}

function isOutcome(line: string): boolean {
  return line.startsWith('✔') || line.startsWith('ok');
}
