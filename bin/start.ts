import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FOLDERS } from '../core/ledger/layout';
import { type LocalAws, startLocalAws } from '../packages/local-aws';
import { AwsError } from '../packages/local-aws/aws-error';
import { exportText } from '../packages/local-aws/command/shell-exports';
import { environmentFor } from '../packages/local-aws/environment';
import { type AbStoryProps, tellAbStory } from './demo/ab-story';
import { tellAuditStory } from './demo/audit-story';
import { tellChapters, tellEnd } from './demo/chapters';
import type { ClientConfiguration } from './demo/client-configuration';
import { tellClientStory } from './demo/client-story';
import { tellCommandStory } from './demo/command-story';
import { Demonstration, PROPAGATION_SECONDS } from './demo/demonstration';
import { tellEvaluateStory } from './demo/evaluate-story';
import { Unexpected } from './demo/expectation';
import { tellGatesStory } from './demo/gates-story';
import { tellLangfuseStory } from './demo/langfuse-story';
import { tellModelsStory } from './demo/models-story';
import { preloaded } from './demo/preloaded';
import { tellRolloutStory } from './demo/rollout-story';
import { Screen } from './demo/screen';
import { runOpenServer } from './langfuse/open-server';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';
/** The story of a bootstrapped endpoint: `--empty`. */
const EMPTY = '--empty';
/** Stories in which minutes and days are skipped. */
const SKIPPING = ['rollout', 'ab'];
/** How long a changed policy takes to be in force at the demo's endpoint. */
const IAM_DELAY_MS = 1_000;

const usage = `npm start              the main job in eight chapters, against an AWS endpoint on this machine
npm start -- command   the command: promote, a stale plan refused, rollback with withdrawal
npm start -- client    an application that uses PromptClient: a release, an outage, a withdrawal
npm start -- audit     who released what and why, and three unauthorised changes, all detected
npm start -- gates     a release that one person cannot make alone: asked, approved, changed, rolled back, bypassed
npm start -- evaluate  is it better than what is live: at the desk, in the account, and before a release
npm start -- models    a misspelt model, one that ends, its swap in all prompts at once, a call that nobody released
npm start -- rollout   1,000 users: a version for a few first, one that halts by itself, and no controller at all
npm start -- ab        1,000 users: two versions side by side for 14 days, read out, the better one released by its tag
npm start -- langfuse  unmodified clients of Langfuse read from the registry, and cannot release
npm start -- langfuse-open [--port 3000] [--public-key … --secret-key …]
                       Langfuse's prompt API in memory, until Ctrl-C; each pair of keys is a project, any pair where none is given
npm start -- --keep    leaves the endpoint up afterwards and prints the exports for your own commands
npm start -- --keep --empty  the same endpoint, bootstrapped, with nothing deployed`;

/** How far the demo's clock is ahead of this machine's. */
let aheadMs = 0;

type Story = (aws: LocalAws, screen: Screen, scratch: string) => Promise<void>;

const stories: Record<string, Story> = {
  '': async (aws, screen, scratch) => {
    const demo = demonstration(aws, scratch);
    await tellChapters(demo, screen, ACCOUNT);
    await tellEnd(demo, screen);
  },
  command: (aws, screen, scratch) => tellCommandStory(demonstration(aws, scratch), screen, ACCOUNT, aws.environment()),
  [EMPTY]: (aws, screen, scratch) =>
    screen.chapter(1, 'cdk bootstrap', async (note) => {
      await demonstration(aws, scratch).bootstrap(ACCOUNT, note);
      return [];
    }),
  client: (aws, screen, scratch) =>
    tellClientStory(demonstration(aws, scratch), screen, {
      account: ACCOUNT,
      environment: aws.environment(),
      ...applicationsSsm(aws),
    }),
  langfuse: (aws, screen, scratch) =>
    tellLangfuseStory(demonstration(aws, scratch, aws.operator, { langfuse: 'true' }), screen, {
      account: ACCOUNT,
      environment: aws.environment(),
    }),
  evaluate: (aws, screen, scratch) =>
    tellEvaluateStory(demonstration(aws, scratch, aws.operator, { evaluate: 'on' }), screen, {
      account: ACCOUNT,
      environment: aws.environment(),
      setModel: (answer) => aws.setModel('amazon.nova-pro-v1:0', answer),
      measured: () => aws.idle(),
      passDay: () => aws.passTime(24 * 60 * 60 * 1000),
      messages: (topic) => aws.topicMessages(topic).map(({ message }) => message),
    }),
  models: (aws, screen, scratch) =>
    tellModelsStory(
      demonstration(aws, scratch, aws.operator, { audit: 'true', models: join(scratch, 'models.lock.json') }),
      screen,
      {
        account: ACCOUNT,
        environment: aws.environment(),
        endModel: (modelId, endOfLifeTime) => {
          const model = aws.modelCatalog.get(modelId);
          if (model) aws.modelCatalog.set({ ...model, legacyTime: endOfLifeTime, endOfLifeTime });
        },
        passDay: async () => {
          aws.passTime(24 * 60 * 60 * 1000);
          await aws.idle();
        },
        messages: (topic) => aws.topicMessages(topic).map(({ message }) => message),
        later: async () => void (await aws.deliverTrails()),
      },
    ),
  rollout: (aws, screen, scratch) =>
    tellRolloutStory(demonstration(aws, scratch, aws.operator, { rollout: 'on', propagation: '0' }), screen, {
      ...stageOf(aws),
      operator: clientsOf(aws, aws.operator),
      failOn: (word) =>
        aws.setModel('amazon.nova-pro-v1:0', (turns) => {
          const text = turns.map((turn) => turn.text).join();
          if (text.includes(word)) throw new AwsError('ModelErrorException', 424, `The model failed on ${word}.`);
          return 'It went up.';
        }),
    }),
  ab: (aws, screen, scratch) =>
    tellAbStory(
      demonstration(aws, scratch, aws.operator, { rollout: 'split', propagation: '0' }),
      screen,
      stageOf(aws),
    ),
  gates: (aws, screen, scratch) =>
    tellGatesStory(demonstration(aws, scratch, aws.operator, { gates: 'on' }), screen, {
      account: ACCOUNT,
      environment: (credentials) => aws.environment(credentials),
      breakReviews: () => {
        aws.interceptors.push(({ service, input }) => {
          const path = String(input.Key ?? input.Prefix ?? '');
          if (service === 's3' && path.startsWith(FOLDERS.reviews)) throw new AwsError('InternalError', 500, 'broken');
        });
        return () => void aws.interceptors.pop();
      },
    }),
  audit: (aws, screen, scratch) =>
    tellAuditStory(demonstration(aws, scratch, aws.user('jane'), { audit: 'true' }), screen, {
      account: ACCOUNT,
      user: (name) => clientsOf(aws, aws.user(name)),
      environment: ({ credentials }) => aws.environment(credentials),
      later: async () => {
        aheadMs += 20 * 60_000;
        await aws.deliverTrails();
        await aws.deliverDigests();
      },
    }),
};

async function main(): Promise<number> {
  const screen = new Screen(process.stdout);
  const { values, positionals } = readArguments(screen);
  const [name = values.empty ? EMPTY : ''] = positionals;
  if (name === 'langfuse-open' && !values.help) return runOpenServer(values, screen);
  const story = stories[name];
  // A story is not empty, and an empty endpoint is of no use unless it stays.
  const isMixed = values.empty && (!values.keep || positionals.length > 0);
  if (values.help || !story || isMixed) {
    screen.line(usage);
    return values.help ? 0 : 64;
  }
  const next = values.empty
    ? 'deploy Prompts-prod Consumer-prod'
    : `diff Prompts-prod --method=template -c propagation=${PROPAGATION_SECONDS}`;
  return tell(story, screen, values.keep ? next : undefined, SKIPPING.includes(name));
}

/** @param next what to try with `cdk` while the endpoint stays up; undefined: it does not */
async function tell(story: Story, screen: Screen, next: string | undefined, isSkipping: boolean): Promise<number> {
  // The SDK's word on Node's version is for those who deploy; here it would stand in the middle of the story.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const started = performance.now();
  const now = () => new Date(Date.now() + aheadMs);
  // Clients sign by this machine's clock.
  const clockSkewMs = 24 * 60 * 60 * 1000;
  const clock = isSkipping ? {} : { iamDelayMs: IAM_DELAY_MS, now, clockSkewMs };
  const aws = await startLocalAws({ account: ACCOUNT, region: REGION, ...clock });
  const scratch = mkdtempSync(join(tmpdir(), 'prompt-registry-'));
  try {
    screen.line(`AWS endpoint for this demo  ${aws.endpoint}   IAM enforced · not AWS, see docs/TESTING.md\n`);
    await story(aws, screen, scratch);
    const seconds = Math.round((performance.now() - started) / 1000);
    screen.line(
      `\n${screen.told} chapters as stated, ${seconds} s.${next ? '' : '   npm start -- --keep leaves the endpoint up'}`,
    );
    if (next) await keepUntilInterrupted(screen, aws, next);
    return 0;
  } catch (error) {
    if (!(error instanceof Unexpected)) {
      throw error;
    }
    screen.line(`\n${error.message}`);
    return 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    await aws.stop();
  }
}

function readArguments(screen: Screen) {
  try {
    return parseArgs({
      options: {
        keep: { type: 'boolean' },
        empty: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        'public-key': { type: 'string', multiple: true },
        'secret-key': { type: 'string', multiple: true },
      },
      allowPositionals: true,
    });
  } catch (error) {
    screen.line(`${(error as Error).message}\n`);
    return { values: {}, positionals: ['?'] };
  }
}

/** @param deployer runs `cdk` */
function demonstration(aws: LocalAws, scratch: string, deployer = aws.operator, context = {}): Demonstration {
  return new Demonstration(clientsOf(aws, aws.operator), () => onItsClock(aws, deployer), scratch, context);
}

/** For a process that goes by the endpoint's clock. The SDK takes each error of one that is minutes ahead for its skew, and repeats. */
function onItsClock(aws: LocalAws, credentials: ClientConfiguration['credentials'] = aws.operator): NodeJS.ProcessEnv {
  const aheadMs = aws.now().getTime() - Date.now();
  const environment = aws.environment(credentials);
  if (Math.abs(aheadMs) < 1_000) return environment;
  return { ...preloaded(environment, 'cli/shifted-clock.cjs'), CLOCK_SHIFT_MS: String(aheadMs) };
}

function clientsOf({ endpoint }: LocalAws, credentials: ClientConfiguration['credentials']): ClientConfiguration {
  return { endpoint, region: REGION, credentials, forcePathStyle: true };
}

/** An endpoint whose clock skips what nobody waits for, as stories of rollouts have it. */
function stageOf(aws: LocalAws): AbStoryProps {
  return {
    account: ACCOUNT,
    environment: (credentials) => onItsClock(aws, credentials),
    now: () => aws.now(),
    skip: (ms) => aws.skip(ms),
    idle: () => aws.idle(),
    logged: (line) => aws.logged(line),
    messages: (topic) => aws.topicMessages(topic).map(({ message }) => message),
  };
}

/** SSM as the application has it: how often it was asked, and a way to take it away. */
function applicationsSsm({ calls, interceptors }: LocalAws) {
  const isAsked = ({ service, principalArn }: { service: string; principalArn: string }) =>
    service === 'ssm' && principalArn.endsWith('/application');
  return {
    ssmRequests: () => calls.filter(isAsked).length,
    stopSsm: () => {
      interceptors.push((call) => {
        if (isAsked(call)) throw new AwsError('ServiceUnavailable', 503, 'stopped for the demonstration');
      });
      return () => void interceptors.pop();
    },
  };
}

async function keepUntilInterrupted(screen: Screen, aws: LocalAws, next: string): Promise<void> {
  screen.line('\nThe endpoint stays up until Ctrl-C. For your own commands:\n');
  screen.line(exportText(environmentFor(aws.endpoint, aws.region, aws.operator)));
  screen.line(`npx cdk ${next} -c env=prod --no-notices`);
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
