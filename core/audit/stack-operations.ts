import type { LedgerRecord } from '../ledger/record';
import { addToGroup } from './add-to-group';
import { CLOCKS_MS, DAY_MS } from './clocks';
import { type TrailEvent, text } from './trail-event';

/** Calls that begin an operation of a stack in which aliases can move. */
export const STACK_OPERATIONS = [
  'ExecuteChangeSet',
  'UpdateStack',
  'CreateStack',
  'DeleteStack',
  'RollbackStack',
  'ContinueUpdateRollback',
] as const;

/** All that is to be looked up: a change set may be executed by its ARN alone, which does not tell its stack. */
export const OPERATION_EVENTS = [...STACK_OPERATIONS, 'CreateChangeSet'] as const;

/** Where neither the event nor that of its change set tells the stack. */
const UNTOLD = '';
/** CloudTrail's times and those of objects are whole seconds. */
const SAME_MOMENT_MS = 2_000;

/** The stack operations of a set of events, to be found by token or by stack and time. */
export class StackOperations {
  private readonly byToken = new Map<string, TrailEvent>();
  private readonly byStack = new Map<string, TrailEvent[]>();
  /** Which stack a name stood for, and since when that is known. */
  private readonly told = new Map<string, { readonly time: string; readonly stackId: string }[]>();

  constructor(events: readonly TrailEvent[]) {
    const changeSets = stacksOfChangeSets(events);
    for (const event of [...events].sort((a, b) => a.time.localeCompare(b.time))) {
      const stackId = stackIdOf(event);
      if (stackId !== undefined) addToGroup(this.told, stackName(stackId), { time: event.time, stackId });
      if (!isStackOperation(event)) continue;
      const token = text(event.request.clientRequestToken);
      if (token !== null) this.byToken.set(token, event);
      const told = stackNames(event);
      const stacks = told.length > 0 ? told : [changeSets.get(text(event.request.changeSetName) ?? '') ?? UNTOLD];
      for (const stack of stacks) addToGroup(this.byStack, stack, event);
    }
  }

  withToken(token: string): TrailEvent | undefined {
    return this.byToken.get(token);
  }

  /** The operation of a stack that was under way at a time, as far as it can be told: the last one begun before. */
  before(stackId: string, time: string): TrailEvent | undefined {
    const [end, start] = [Date.parse(time) + CLOCKS_MS, Date.parse(time) - DAY_MS];
    const isThen = (event: TrailEvent) => {
      const begun = Date.parse(event.time);
      return begun <= end && begun >= start;
    };
    const named = this.named(stackId).findLast(isThen);
    return named ?? this.byStack.get(UNTOLD)?.findLast((event) => isThen(event) && !event.request.clientRequestToken);
  }

  /**
   * The operations of which one was under way at some moment from one time to another: the last one begun before, and
   * those begun meanwhile. A single one is no guess, unless its event does not tell its stack.
   */
  candidates(stackId: string, from: string, to: string): Candidates {
    const [start, end] = [Date.parse(from) - SAME_MOMENT_MS, Date.parse(to) + SAME_MOMENT_MS];
    const among = (events: readonly TrailEvent[]) => {
      const before = events.findLast((event) => {
        const begun = Date.parse(event.time);
        return begun <= start && begun >= start - DAY_MS;
      });
      const meanwhile = events.filter(({ time }) => Date.parse(time) > start && Date.parse(time) <= end);
      return before ? [before, ...meanwhile] : meanwhile;
    };
    const named = among(this.named(stackId));
    const untold = among(this.byStack.get(UNTOLD) ?? []);
    const first = named[0]?.time ?? '';
    return { events: [...named, ...untold.filter(({ time }) => time >= first)], isTold: untold.length === 0 };
  }

  /** Operations of a stack; not those of a deleted one that had its name. */
  private named(stackId: string): readonly TrailEvent[] {
    const name = stackName(stackId);
    const found = this.byStack.get(name) ?? [];
    if (name === stackId) return found;
    const told = this.told.get(name) ?? [];
    return found.filter((event) => {
      const id = stackIdOf(event) ?? told.findLast(({ time }) => time <= event.time)?.stackId;
      return id === undefined || id === stackId;
    });
  }

  /** The operation that a record belongs to. */
  of({ operation, stackId, time }: Pick<LedgerRecord, 'operation' | 'stackId' | 'time'>): TrailEvent | undefined {
    return operation === null ? this.before(stackId, time) : this.withToken(operation);
  }
}

/** Operations that may be the one that is looked for. */
export interface Candidates {
  readonly events: readonly TrailEvent[];
  /** Whether each of their events tells its stack. */
  readonly isTold: boolean;
}

/** The id of its stack, where an event tells it. */
function stackIdOf({ request, response }: TrailEvent): string | undefined {
  return [text(response.stackId), text(request.stackId), text(request.stackName)]
    .flatMap((id) => id ?? [])
    .find((id) => id.includes(':stack/'));
}

/** The stack of each change set that was created, by the change set's ARN. */
function stacksOfChangeSets(events: readonly TrailEvent[]): Map<string, string> {
  const stacks = new Map<string, string>();
  for (const { name, request, response } of events) {
    const [id, stack] = [text(response.id), text(response.stackId) ?? text(request.stackName)];
    if (name === 'CreateChangeSet' && id !== null && stack !== null) stacks.set(id, stackName(stack));
  }
  return stacks;
}

export function isStackOperation({ source, name, errorCode }: TrailEvent): boolean {
  return (
    source === 'cloudformation.amazonaws.com' && errorCode === null && STACK_OPERATIONS.some((one) => one === name)
  );
}

/** `arn:…:stack/NAME/ID` → `NAME`; a name stays one. */
export function stackName(idOrName: string): string {
  return /:stack\/([^/]+)\//.exec(idOrName)?.[1] ?? idOrName;
}

/** Names of the stacks that an operation's event tells, by its request or by its answer. */
export function stackNames({ request, response }: TrailEvent): string[] {
  const named = [text(request.stackName), text(request.stackId), text(response.stackId)];
  return [...new Set(named.flatMap((name) => (name === null ? [] : stackName(name))))];
}
