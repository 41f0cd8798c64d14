import { AwsError } from '../../packages/local-aws/aws-error';
import { Adversary, type Step } from '../../packages/local-aws/cloudformation/adversary';
import type { Interceptor } from '../../packages/local-aws/server';
import { LAST, SIBLING } from './example-stack';

/** What goes wrong in one operation of the stack. */
export type Trouble =
  /** Nothing but what the seed brings: order, repeated events, late ones. */
  | { readonly kind: 'none' }
  /** CloudFormation fails at a resource before it does anything. */
  | { readonly kind: 'fails'; readonly logicalId: string }
  /** All goes well until the last resource; then the resource fails to be put back as well. */
  | { readonly kind: 'rollback-fails'; readonly logicalId: string }
  /** Somebody cancels the update when the resource's turn comes. */
  | { readonly kind: 'cancelled'; readonly logicalId: string }
  /** The nth call that the operation makes to a service, by a handler or by CloudFormation, is refused. */
  | { readonly kind: 'refused'; readonly nth: number }
  /** The nth call that one of the handlers makes goes wrong; or each of its kind from then on, where AWS is away. */
  | { readonly kind: 'call'; readonly by: Caller; readonly nth: number; readonly how: CallFault }
  /** Reviews cannot be read, or only slowly. */
  | { readonly kind: 'reviews'; readonly how: 'denied' | 'broken' | 'slow' }
  /** A handler's call hangs, CloudFormation gives up and goes back; the call goes through later. */
  | { readonly kind: 'late'; readonly call: HeldCall; readonly until: Until };

/** Who invokes the controller. */
export const ON_CALL = 'on-call';

export const CALLERS = { plan: 'PlanHandler', record: 'AliasHandler', controller: 'Controller' } as const;
export type Caller = keyof typeof CALLERS;

/** The process dies before or after AWS has done it; AWS refuses once; nobody hears that it was done; AWS is away. */
export const CALL_FAULTS = ['crash before', 'crash after', 'throttled', 'denied', 'lost answer', 'away'] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** What `broken-calls.cjs` in a function's process takes for the end of the process, and of the connection. */
const CRASH = new AwsError('Crash', 597, 'made to fail');
const LOST = new AwsError('LostAnswer', 598, 'made to fail');

export interface HeldCall {
  readonly operation: string;
  /** In the input's key or prefix; `` for any. */
  readonly about: string;
}

/** When a call that hangs goes through: the rollback has just written, it is over, or the next operation is under way. */
export type Until = 'the rollback writes' | 'the rollback is over' | 'the next operation';

export interface Heart {
  /** Cancels the update that runs; does nothing while a stack is created. */
  cancel(): Promise<void>;
  /** True while the stack goes back. */
  isGoingBack(): boolean;
}

/** A call that never comes must not keep the resource that fails waiting. */
const PATIENCE_MS = 1_000;

/** Brings one trouble at a time upon the stack; its own choices and CloudFormation's are drawn from the run's seed. */
export class Troublemaker {
  readonly adversary: Adversary;
  /** What came of the trouble, for the story of a run. */
  readonly story: string[] = [];
  private trouble: Trouble = { kind: 'none' };
  private calls = 0;
  private done = false;
  private isPaused = false;
  /** A kind of call of one handler that AWS does not serve any more. */
  private away = '';
  private reached: () => void = () => {};
  private isReached: Promise<void> = Promise.resolve();
  private letGo: () => void = () => {};
  private isLetGo: Promise<void> = Promise.resolve();

  /** @param pageSize entries of a page of any list. @default as small as can be */
  constructor(
    private readonly stack: Heart,
    pageSize?: number,
  ) {
    this.adversary = new Adversary({ seed: 0, pageSize, failAt: (logicalId, step) => this.failAt(logicalId, step) });
  }

  arm(trouble: Trouble, seed: number): void {
    this.adversary.reseed(seed);
    this.trouble = trouble;
    this.calls = 0;
    this.done = false;
    this.away = '';
    this.isReached = new Promise((resolve) => {
      this.reached = resolve;
    });
    this.isLetGo = new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  /** No more failures; a call that hangs goes on hanging. */
  disarm(): void {
    this.trouble = { kind: 'none' };
  }

  /** No call of a handler goes wrong meanwhile, and none is counted. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
  }

  /** Lets a call that hangs go through. */
  release(): void {
    this.letGo();
  }

  private tell(what: string): true {
    this.story.push(what);
    return true;
  }

  private async failAt(logicalId: string, step: Step): Promise<boolean> {
    const { trouble } = this;
    switch (trouble.kind) {
      case 'fails':
        return logicalId === trouble.logicalId && step !== 'Rollback' && this.tell(`${logicalId} fails to ${step}`);
      case 'rollback-fails':
        if (logicalId === LAST && step !== 'Rollback' && step !== 'Delete')
          return this.tell(`${LAST} fails to ${step}`);
        return (
          logicalId === trouble.logicalId &&
          (step === 'Rollback' || step === 'Delete') &&
          this.tell(`${logicalId} fails to ${step}`)
        );
      case 'cancelled':
        if (logicalId === trouble.logicalId && step === 'Update' && !this.done) {
          this.done = this.tell(`cancelled at ${logicalId}`);
          await this.stack.cancel();
        }
        return false;
      case 'late': {
        // An update is cancelled instead, which nothing has to wait for.
        if (logicalId !== SIBLING || step !== 'Create') return false;
        let timer: NodeJS.Timeout | undefined;
        const tooLong = new Promise((resolve) => {
          timer = setTimeout(resolve, PATIENCE_MS);
        });
        await Promise.race([this.isReached, tooLong]);
        clearTimeout(timer);
        return this.tell(`${SIBLING} fails to ${step}`);
      }
      default:
        return false;
    }
  }

  /** Reading of reviews, until the operation is over. */
  private async disturb(how: 'denied' | 'broken' | 'slow'): Promise<void> {
    this.tell(`reviews are ${how}`);
    if (how === 'denied') throw new AwsError('AccessDenied', 403, 'made to fail');
    if (how === 'broken') throw new AwsError('InvalidRequest', 400, 'made to fail');
    await new Promise((resolve) => setTimeout(resolve, 700));
  }

  /** What goes wrong with a handler's call, and whether before it is done or afterwards. */
  private breakCall(call: Parameters<Interceptor>[0]): (() => never) | undefined {
    const { trouble } = this;
    if (trouble.kind !== 'call' || this.isPaused || !isBy(call.principalArn, trouble.by)) return undefined;
    const kind = `${call.service} ${call.operation}`;
    if (kind === this.away) throw new AwsError('ServiceUnavailable', 503, 'made to fail');
    this.calls += 1;
    if (this.calls !== trouble.nth) return undefined;
    this.tell(`${trouble.by}: ${trouble.how} at ${kind}`);
    const fail = (error: AwsError) => () => {
      throw error;
    };
    switch (trouble.how) {
      case 'crash before':
        throw CRASH;
      case 'throttled':
        throw new AwsError('ThrottlingException', 400, 'made to fail');
      case 'denied':
        throw new AwsError('AccessDeniedException', 403, 'made to fail');
      case 'away':
        this.away = kind;
        throw new AwsError('ServiceUnavailable', 503, 'made to fail');
      case 'crash after':
        return fail(CRASH);
      case 'lost answer':
        return fail(LOST);
    }
  }

  readonly interceptor: Interceptor = async (call) => {
    const broken = this.breakCall(call);
    if (broken) return broken;
    await this.disturbCall(call);
  };

  private async disturbCall({ service, operation, principalArn, input }: Parameters<Interceptor>[0]): Promise<void> {
    const { trouble } = this;
    const isHandler = principalArn.includes(':assumed-role/') && principalArn.includes('Handler');
    const isOfCloudFormation =
      service !== 'cloudformation' &&
      !principalArn.endsWith(`user/${ON_CALL}`) &&
      !isBy(principalArn, 'controller') &&
      operation !== 'PutObject' &&
      /^(Create|Put|Update|Delete|Invoke|Tag|Add)/.test(operation);
    if (trouble.kind === 'refused' && (isHandler || isOfCloudFormation)) {
      this.calls += 1;
      if (this.calls === trouble.nth) {
        this.tell(`${isHandler ? 'a handler' : 'CloudFormation'} is refused ${service} ${operation}`);
        throw new AwsError('ValidationException', 400, 'made to fail');
      }
    }
    const place = String(input.Key ?? input.Prefix ?? input.Name ?? '');
    if (trouble.kind === 'reviews' && isHandler && place.startsWith('reviews/')) await this.disturb(trouble.how);
    if (trouble.kind !== 'late' || !isHandler) return;
    const isIt = operation === trouble.call.operation && place.includes(trouble.call.about);
    if (isIt && !this.done) {
      this.done = this.tell(`${operation} ${place} hangs until ${trouble.until}`);
      const { isLetGo } = this;
      this.reached();
      await this.stack.cancel();
      await isLetGo;
    } else if (
      isIt &&
      operation === 'PutObject' &&
      trouble.until === 'the rollback writes' &&
      this.stack.isGoingBack()
    ) {
      // As this call is served, the one that hangs comes right behind it.
      setImmediate(this.letGo);
    }
  }
}

/** A function's session is named by the function, whose name holds its logical id. */
export function isBy(principalArn: string, caller: Caller): boolean {
  return principalArn.includes(':assumed-role/') && (principalArn.split('/').pop() ?? '').includes(CALLERS[caller]);
}
