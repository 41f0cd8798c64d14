import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { FewAtOnce } from '../../cli/few-at-once';
import { type ConverseRequest, PromptClient } from '../../client';
import type { ClientConfiguration } from './client-configuration';
import { PREFIX, PROMPT } from './demonstration';

export interface CrowdOptions {
  readonly own: ClientConfiguration;
  /** Milliseconds since 1970, by the clock of the endpoint. */
  now(): number;
  /** Takes what the processes log. */
  logged(line: string): void;
}

/** What a user saw of one `run`. */
export interface UserCall {
  readonly user: string;
  /** Versions with which the model was called; the last one's answer is what the user saw. */
  readonly tried: readonly (number | undefined)[];
  /** Name of the error that came instead. */
  readonly error?: string;
}

export interface Round {
  /** The version that each user is given. */
  readonly given: ReadonlyMap<string, number | undefined>;
  /** Of every fourth user. */
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
      metrics: logged,
      clock,
    };
    // A busy machine is no outage.
    this.processes = Array.from({ length: PROCESSES }, () => new PromptClient({ ...options, timeout: 30_000 }));
  }

  /** Each user is given a version, by way of another process than its neighbour; every fourth one calls the model with it. */
  async round(): Promise<Round> {
    await this.read();
    const given = new Map<string, number | undefined>();
    await atOnce(this.users, async (user) => {
      given.set(user, (await this.process(user).get(PROMPT, { targetingKey: user })).version);
    });
    return { given, calls: await atOnce(this.callers, (user) => this.call(user)) };
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
  private async call(user: string): Promise<UserCall> {
    const tried: (number | undefined)[] = [];
    const send = (request: ConverseRequest, { version }: { version: number | undefined }) => {
      tried.push(version);
      return this.runtime.send(new ConverseCommand(request));
    };
    try {
      await this.process(user).run(PROMPT, { ticker: 'AMZN' }, send, { targetingKey: user });
      return { user, tried };
    } catch (error) {
      return { user, tried, error: (error as Error).name };
    }
  }

  /** The versions that one user gets in all processes, each once. */
  async everywhere(targetingKey: string): Promise<(number | undefined)[]> {
    const found = await atOnce(this.processes, (one) => one.get(PROMPT, { targetingKey }));
    return [...new Set(found.map(({ version }) => version))];
  }

  /** All processes ask SSM as often as they do where it answers: on a busy machine one may be served what it remembers. */
  private async read(): Promise<void> {
    await atOnce(this.processes, async (one) => {
      while ((await one.get(PROMPT)).source !== 'registry') await new Promise((resolve) => setTimeout(resolve, 100));
    });
  }

  private process(user: string): PromptClient {
    return this.processes[this.users.indexOf(user) % PROCESSES] as PromptClient;
  }
}

function atOnce<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const few = new FewAtOnce(AT_ONCE);
  return Promise.all(all.map((one) => few.run(() => work(one))));
}
