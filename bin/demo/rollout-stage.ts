import { placeOf } from '../../core/rollout/share';
import type { ClientConfiguration } from './client-configuration';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { runCommand } from './run-command';
import type { Round, UserCall, UserCrowd } from './user-crowd';

export interface StageProps {
  /** The command's, with the endpoint's clock. */
  environment(credentials?: ClientConfiguration['credentials']): NodeJS.ProcessEnv;
  /** The endpoint's clock. */
  now(): Date;
  /** How much faster than the machine's that clock goes from now on. */
  setSpeed(speed: number): void;
  /** Resolves once the controller has nothing under way. */
  idle(): Promise<void>;
}

/** What a round of all users must come to. */
export interface Expected {
  readonly stable: number;
  /** Left out where nobody gets one. */
  readonly candidate?: number;
  /** Percent of the users. */
  readonly share?: number;
  /** Each call with the candidate fails. */
  readonly fails?: boolean;
}

/** Seconds that a second lasts while a rollout is waited for; above it a tick of the controller takes minutes. */
const SPEED = 90;
/** What goes by without a tick may go by faster. */
const LONG_SPEED = 600;
/** A process serves what it read for a minute; and a second of grace. */
const NOTICED_MS = 61_000;
const PATIENCE_MS = 120_000;

/** A rollout of PROD on a fast clock: the users who call, the command, and what must be so at each step. */
export class RolloutStage {
  constructor(
    private readonly demo: Demonstration,
    readonly crowd: UserCrowd,
    private readonly props: StageProps,
  ) {}

  /** Lines that the command says, which must end with this code. */
  async command(who: ClientConfiguration | undefined, code: number, ...args: string[]): Promise<string[]> {
    const done = await runCommand(args, this.props.environment(who?.credentials));
    const said = done.stdout + done.stderr;
    if (done.code !== code) throw new Unexpected(args.join(' '), `exit code ${code}`, done.code, said);
    return said.trimEnd().split('\n');
  }

  status(): Promise<string[]> {
    return this.command(undefined, 0, 'rollout', 'status', PROMPT, 'PROD');
  }

  progress() {
    return this.demo.rollout(this.props.now());
  }

  /** Time goes by until readers of the parameters give the candidate this share. */
  reach(share: number): Promise<void> {
    return this.pass(`${share} %`, async () => (await this.progress()).share === share);
  }

  /** As long as it may take until every process has read what stands in the parameters. */
  async noticed(): Promise<void> {
    await this.passUntil(this.props.now().getTime() + NOTICED_MS, SPEED);
  }

  /** @param time milliseconds since 1970 */
  passUntil(time: number, speed = LONG_SPEED): Promise<void> {
    return this.pass(new Date(time).toISOString(), () => this.props.now().getTime() >= time, speed);
  }

  /** Time goes by until it holds. */
  async pass(what: string, holds: () => boolean | Promise<boolean>, speed = SPEED): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    const { setSpeed, idle } = this.props;
    do {
      setSpeed(speed);
      while (!(await holds())) {
        if (performance.now() > end) throw new Unexpected('rollout of PROD', what, await this.progress());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      setSpeed(1);
      // On a busy machine minutes of less than a second overtake the controller, which may still have something to write.
      await idle();
    } while (!(await holds()));
  }

  /** Everybody must be given the version that the share gives, callers must get its answer, and see no error. */
  async round({ stable, candidate = stable, share = 0, fails = false }: Expected): Promise<Round> {
    const { users, callers } = this.crowd;
    const place = share === 0 ? () => 1 : await this.places(candidate);
    const versionOf = (user: string) => (place(user) < share / 100 ? candidate : stable);
    const round = await this.crowd.round();
    const wrong = users.filter((user) => round.given.get(user) !== versionOf(user));
    expectSame(`users without the version that ${share} % gives them`, wrong.slice(0, 3), []);
    const isAsStated = ({ user, tried, error }: UserCall) => {
      const version = versionOf(user);
      const expected = version === candidate && fails ? [candidate, stable] : [version];
      return error === undefined && tried.join() === expected.join();
    };
    expectSame('calls', round.calls.length, callers.length);
    expectSame(
      'calls with an error or another version',
      round.calls.filter((call) => !isAsStated(call)).slice(0, 3),
      [],
    );
    return round;
  }

  /** Where each user stands in the draw of a candidate, from 0 to 1. */
  async places(candidate: number): Promise<(user: string) => number> {
    const salt = (await this.demo.versions()).find(({ version }) => version === candidate)?.digest ?? '';
    return (user) => placeOf(salt, user);
  }
}
