import { placeOf } from '../../core/rollout/share';
import type { ClientConfiguration } from './client-configuration';
import { type Demonstration, PROMPT } from './demonstration';
import { expectSame, Unexpected } from './expectation';
import { runCommand } from './run-command';
import type { Round, UserCall, UserCrowd, Visit } from './user-crowd';

export interface StageProps {
  /** The command's, with the endpoint's clock. */
  environment(credentials?: ClientConfiguration['credentials']): NodeJS.ProcessEnv;
  /** The endpoint's clock. */
  now(): Date;
  /** That clock goes on from so much later; the controller comes once. */
  skip(ms: number): void;
  /** Resolves once the controller has nothing under way. */
  idle(): Promise<void>;
}

/** What a visit must come to. */
export interface Expected extends Visit {
  readonly stable: number;
  /** Left out where nobody gets one. */
  readonly candidate?: number;
  /** Percent of the users. */
  readonly share?: number;
  /** Each call with the candidate fails. */
  readonly fails?: boolean;
}

const MINUTE = 60_000;
/** A process serves what it read for a minute; and a second of grace. */
const NOTICED_MS = MINUTE + 1_000;
/** Minutes until what is waited for must be so. */
const PATIENCE = 60;

/** A rollout of PROD on a clock that skips: the users who call, the command, and what must be so at each step. */
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
    await this.skipTo(this.props.now().getTime() + NOTICED_MS);
  }

  /** It is this time at once, and the controller was there. Whatever nobody looks at needs not go by. */
  async skipTo(time: number): Promise<void> {
    this.props.skip(Math.max(0, time - this.props.now().getTime()));
    await this.props.idle();
  }

  /** One minute after the other is over, and the controller was there, until it holds. */
  async pass(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let minutes = 0; !(await holds()); minutes++) {
      if (minutes === PATIENCE) {
        throw new Unexpected('rollout of PROD', `${what} within ${PATIENCE} minutes`, await this.progress());
      }
      await this.skipTo(this.props.now().getTime() + MINUTE);
    }
  }

  /** Everybody must be given the version that the share gives, callers must get its answer, and see no error. */
  async round(expected: Expected): Promise<Round> {
    const { stable, candidate = stable, share = 0, fails = false, prompt } = expected;
    const { users = this.crowd.users, callers = this.crowd.callers } = expected;
    const place = share === 0 ? () => 1 : await this.places(candidate, prompt);
    const versionOf = (user: string) => (place(user) < share / 100 ? candidate : stable);
    const round = await this.crowd.round(expected);
    const wrong = users.filter((user) => round.given.get(user) !== versionOf(user));
    expectSame(`users without the version that ${share} % gives them`, wrong.slice(0, 3), []);
    const isAsStated = ({ user, tried, error }: UserCall) => {
      const version = versionOf(user);
      const versions = version === candidate && fails ? [candidate, stable] : [version];
      return error === undefined && tried.join() === versions.join();
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
  async places(candidate: number, prompt?: string): Promise<(user: string) => number> {
    const salt = (await this.demo.versions(prompt)).find(({ version }) => version === candidate)?.digest ?? '';
    return (user) => placeOf(salt, user);
  }
}
