import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { FewAtOnce } from '../../cli/few-at-once';
import { type ConverseRequest, type ManagedPrompt, PromptClient } from '../../client';
import type { ClientConfiguration } from './client-configuration';
import { PREFIX, PROMPT } from './demonstration';

export interface CrowdOptions {
  readonly own: ClientConfiguration;
  /** Milliseconds since 1970, by the clock of the endpoint. */
  now(): number;
  /** Takes what the processes log; they are numbered from 0 on. */
  logged(line: string, process: number): void;
}

/** What a user saw of one `run`. */
export interface UserCall {
  readonly user: string;
  /** Versions with which the model was called; the last one's answer is what the user saw. */
  readonly tried: readonly (number | undefined)[];
  /** Of the last one: by it the user's opinion is counted. */
  readonly exposure?: string | undefined;
  /** Name of the error that came instead. */
  readonly error?: string;
}

/** Who comes, and for what. */
export interface Visit {
  /** @default the story's own */
  readonly prompt?: string | undefined;
  /** Are given a version. @default all */
  readonly users?: readonly string[] | undefined;
  /** Of these users, who call the model with it. @default every fourth of all */
  readonly callers?: readonly string[] | undefined;
}

export interface Round {
  /** The version that each user is given. */
  readonly given: ReadonlyMap<string, number | undefined>;
  readonly calls: readonly UserCall[];
}

const USERS = 1_000;
const PROCESSES = 50;
/** One of so many users calls in a round: a call costs more than all else. */
const CALLING = 4;
/** Calls at the same time, of all users together. */
const AT_ONCE = 16;

/** Users of an application that runs in many processes, each with a `PromptClient` of its own. */
export class UserCrowd {
  readonly users = Array.from({ length: USERS }, (_, index) => `user-${String(index + 1).padStart(4, '0')}`);
  readonly callers = this.users.filter((_, index) => index % CALLING === 0);
  private readonly processes: readonly PromptClient[];
  private readonly runtime: BedrockRuntimeClient;

  constructor({ own, now, logged }: CrowdOptions) {
    const sdk = { ...own, maxAttempts: 1 };
    const [ssm, bedrockAgent] = [new SSMClient(sdk), new BedrockAgentClient(sdk)];
    this.runtime = new BedrockRuntimeClient(own);
    const clock = { wall: now, monotonic: now, random: Math.random, setTimeout, clearTimeout };
    const options = {
      parameterPrefix: PREFIX,
      alias: 'PROD',
      ssm,
      bedrockAgent,
      logger: false as const,
      clock,
      // A busy machine is no outage.
      timeout: 30_000,
    };
    this.processes = Array.from(
      { length: PROCESSES },
      (_, process) => new PromptClient({ ...options, metrics: (line) => logged(line, process) }),
    );
  }

  /** Each user is given a version, by way of another process than its neighbour; the callers call the model with it. */
  async round({ prompt = PROMPT, users = this.users, callers = this.callers }: Visit = {}): Promise<Round> {
    await this.read(prompt, new Set(users.map((user) => this.process(user))));
    const given = new Map<string, number | undefined>();
    await atOnce(users, async (user) => {
      given.set(user, (await this.process(user).get(prompt, { targetingKey: user })).version);
    });
    return { given, calls: await atOnce(callers, (user) => this.call(user, prompt)) };
  }

  /** What a user says of an answer arrives at another process than the one that gave it. Answers whether it was counted. */
  score({ user, exposure }: UserCall, name: string, value: boolean): Promise<boolean> {
    return this.process(user, 1).score(exposure, name, value);
  }

  /** Users call, ten times a second, until told to stop. */
  loop(): { stop(): Promise<readonly UserCall[]> } {
    let isRunning = true;
    const calls: UserCall[] = [];
    const finished = (async () => {
      for (let n = 0; isRunning; n++) {
        const pause = new Promise((resolve) => setTimeout(resolve, 100));
        calls.push(await this.call(this.users[n % USERS] as string));
        await pause;
      }
    })();
    const stop = async () => {
      isRunning = false;
      await finished;
      return calls;
    };
    return { stop };
  }

  /** One `run` of the application. */
  private async call(user: string, name = PROMPT): Promise<UserCall> {
    const tried: (number | undefined)[] = [];
    let exposure: string | undefined;
    const send = (request: ConverseRequest, prompt: Pick<ManagedPrompt, 'version' | 'exposure'>) => {
      tried.push(prompt.version);
      exposure = prompt.exposure;
      return this.runtime.send(new ConverseCommand(request));
    };
    try {
      await this.process(user).run(name, { ticker: 'AMZN' }, send, { targetingKey: user });
      return { user, tried, exposure };
    } catch (error) {
      return { user, tried, error: (error as Error).name };
    }
  }

  /** The versions that one user gets in all processes, each once. */
  async everywhere(targetingKey: string): Promise<(number | undefined)[]> {
    const found = await atOnce(this.processes, (one) => one.get(PROMPT, { targetingKey }));
    return [...new Set(found.map(({ version }) => version))];
  }

  /** These processes ask SSM as often as they do where it answers: on a busy machine one may be served what it remembers. */
  private async read(prompt: string, processes: ReadonlySet<PromptClient>): Promise<void> {
    await atOnce([...processes], async (one) => {
      while ((await one.get(prompt)).source !== 'registry') await new Promise((resolve) => setTimeout(resolve, 100));
    });
  }

  /** @param further so many processes after the user's own */
  private process(user: string, further = 0): PromptClient {
    return this.processes[(this.users.indexOf(user) + further) % PROCESSES] as PromptClient;
  }
}

function atOnce<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const few = new FewAtOnce(AT_ONCE);
  return Promise.all(all.map((one) => few.run(() => work(one))));
}
