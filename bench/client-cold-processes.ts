import type { PromptClient as ClientClass, SdkClient } from '../client';
import { FakeClock } from '../test/client/fake-clock';

const PROCESSES = 1_000;
const PER_SECOND = 40;

/**
 * SSM's default throughput as a token bucket that holds one second's worth, in simulated time: a real thousand
 * processes do not fit on one machine, and 40 a second is a limit of AWS that nothing here could reproduce.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
class ThrottledSsm implements SdkClient {
  asked = 0;
  throttled = 0;
  private tokens = PER_SECOND;
  private filledAt = 0;

  constructor(private readonly clock: FakeClock) {}

  async send(command: object): Promise<unknown> {
    const [Name] = (command as { input: { Names: string[] } }).input.Names;
    this.asked++;
    this.tokens = Math.min(PER_SECOND, this.tokens + ((this.clock.time - this.filledAt) / 1_000) * PER_SECOND);
    this.filledAt = this.clock.time;
    const isServed = this.tokens >= 1;
    if (isServed) this.tokens--;
    else this.throttled++;
    await new Promise<void>((resolve) => this.clock.setTimeout(resolve, 20));
    const Value = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:3';
    if (isServed) return { Parameters: [{ Name, Value }] };
    throw Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 400 },
    });
  }
}

const SNAPSHOT = {
  schema: 1,
  parameterPrefix: '/p',
  time: '2026-11-21T00:00:00Z',
  aliases: { 'p/PROD': 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:3' },
  versions: {},
};

/** Starts 1,000 processes in the same instant; each asks for its prompt, and on an error again after a second. */
async function start(PromptClient: typeof ClientClass, snapshot: object | undefined) {
  const clock = new FakeClock();
  let state = 1;
  clock.chance = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const ssm = new ThrottledSsm(clock);
  const answered: number[] = [];
  const fromRegistry: number[] = [];
  const live = async () => {
    const prompts = new PromptClient({
      parameterPrefix: '/p',
      alias: 'PROD',
      ssm,
      clock,
      snapshot,
      logger: false,
      metrics: false,
    });
    for (let isAnswered = false; ; ) {
      const prompt = await prompts.get('p').catch(() => undefined);
      if (prompt && !isAnswered) answered.push(clock.time);
      isAnswered ||= prompt !== undefined;
      if (prompt?.source === 'registry') break;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000));
    }
    fromRegistry.push(clock.time);
  };
  let left = PROCESSES;
  for (let process = 0; process < PROCESSES; process++) void live().then(() => left--);
  while (left > 0) {
    // Until nothing but time can go on: a thousand imports of a loaded module take several turns.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    const due = clock.nextDue;
    while (due !== undefined && clock.nextDue === due) clock.fireNext();
  }
  return { ssm, answered, fromRegistry };
}

export async function coldProcesses(PromptClient: typeof ClientClass): Promise<void> {
  // Loading it takes real time, in which simulated time would run on, by another amount in each run.
  await import('@aws-sdk/client-ssm');
  console.log(
    `${PROCESSES} processes start in one instant, SSM serves ${PER_SECOND} a second (simulated time; 24 s is the least possible)\n`,
  );
  for (const [name, snapshot] of [
    ['without a snapshot', undefined],
    ['with a snapshot', SNAPSHOT],
  ] as const) {
    const { ssm, answered, fromRegistry } = await start(PromptClient, snapshot);
    const at = (list: number[], share: number) =>
      ((list[Math.ceil(list.length * share) - 1] as number) / 1_000).toFixed(2);
    console.log(
      `${name}: first answer p50 ${at(answered, 0.5)} s, p99 ${at(answered, 0.99)} s, last ${at(answered, 1)} s; ` +
        `from SSM p50 ${at(fromRegistry, 0.5)} s, last ${at(fromRegistry, 1)} s; ${ssm.asked} requests, ${ssm.throttled} throttled`,
    );
  }
}
