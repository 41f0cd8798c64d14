import { randomUUID } from 'node:crypto';
import { DescribeStackEventsCommand, ExecuteChangeSetCommand, type StackEvent } from '@aws-sdk/client-cloudformation';
import { explained, isContactLost } from '../aws-failure';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import { describeStack } from '../stack-finder';
import type { Terminal } from '../terminal';
import { type ChangeSet, stalePlan } from './change-set';
import { checkChangeSet } from './check-change-set';
import type { ReleaseRequest } from './release-request';
import { stackCommand } from './stack-command';
import { checkReady } from './stack-readiness';
import { waitingText } from './waiting-text';

const POLL_MS = 1_000;
/** Failed looks at the stack in a row before contact counts as lost; each is several tries of the SDK. */
const PATIENCE = 2;

export interface Execution {
  /** `UPDATE_COMPLETE`, `UPDATE_ROLLBACK_COMPLETE` or `UPDATE_ROLLBACK_FAILED`. */
  readonly status: string;
  /** `ClientRequestToken` of the stack operation, as the ledger has it. */
  readonly operation: string;
  /** What failed first, where something did. */
  readonly failure: StackEvent | undefined;
  /** Why CloudFormation turned back, in its own words. */
  readonly turned: string | undefined;
}

/**
 * Starts a change set after it was checked once more, with rollback on; answers the token that its events carry.
 *
 * @param begin called when the request goes out: from then on nobody can say that nothing was moved
 * @throws CliError as `checkChangeSet`; with exit code 5 or 3 where another was first, 7 where no answer came
 */
export async function execute(
  registry: Registry,
  changeSet: ChangeSet,
  requests: readonly ReleaseRequest[],
  begin: () => void,
): Promise<string> {
  const { clients, stack } = registry;
  await checkChangeSet(registry, changeSet, requests);
  const operation = `prompt-registry-${randomUUID()}`;
  const id = changeSet.ChangeSetId ?? '';
  begin();
  try {
    await clients.cloudFormation.send(
      new ExecuteChangeSetCommand({ ChangeSetName: id, ClientRequestToken: operation, DisableRollback: false }),
    );
    return operation;
  } catch (error) {
    const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    // The answer is missing, not necessarily the deed: CloudFormation may have heard us.
    const isOpen = isContactLost(error) || ($metadata?.httpStatusCode ?? 0) >= 500;
    if (isOpen) throw unwatched({ stack }, explained(error).why ?? explained(error).message, error);
    if (/InvalidChangeSetStatus|ChangeSetNotFound/.test(name)) {
      // Of several tries of the SDK an earlier one may have been heard.
      if ((await newEvents(registry, operation, new Set())).length > 0) return operation;
      const { StackStatus } = await describeStack(clients.cloudFormation, stack.stackId);
      // Somebody else's release may be under way: then that is what to say.
      checkReady({ ...stack, status: StackStatus ?? stack.status });
      throw stalePlan(id);
    }
    throw error;
  }
}

/**
 * Follows a stack operation to its end, showing its events as they come.
 *
 * @param remark what else there is to say of an event
 */
export async function follow(
  registry: Registry,
  operation: string,
  terminal: Terminal,
  remark: (event: StackEvent) => string | undefined = () => undefined,
): Promise<Execution> {
  const seen = new Set<string>();
  let failure: StackEvent | undefined;
  let turned: string | undefined;
  let failures = 0;
  const waiting = waitingText(registry.stack);
  const look = async (say: (doing: string) => void): Promise<StackEvent[]> => {
    try {
      const found = await newEvents(registry, operation, seen);
      failures = 0;
      return found;
    } catch (error) {
      failures += 1;
      if (!isContactLost(error)) throw unwatched(registry, explained(error).message, error);
      if (failures >= PATIENCE) throw unwatched(registry, explained(error).why ?? '', error);
      say('CloudFormation: no answer, trying again');
      return [];
    }
  };
  const show = (event: StackEvent, say: (doing: string) => void) => {
    const { ResourceStatus, LogicalResourceId = '' } = event;
    if (ResourceStatus?.endsWith('_FAILED')) failure ??= event;
    if (ResourceStatus === 'UPDATE_ROLLBACK_IN_PROGRESS') turned ??= event.ResourceStatusReason?.trim();
    terminal.notice(eventLine(event, terminal));
    const waits = waiting(event) ?? remark(event);
    if (waits) terminal.notice(`${' '.repeat(10)}${waits}`);
    say(waits ?? `CloudFormation: ${LogicalResourceId} ${ResourceStatus}`);
  };
  return terminal.progress('CloudFormation: started', async (say) => {
    for (;;) {
      for (const event of await look(say)) {
        show(event, say);
        const status = endStatus(event);
        if (status !== undefined) return { status, operation, failure, turned };
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
}

/** How the operation ended; undefined for every event but its last. */
function endStatus({ ResourceStatus, PhysicalResourceId, StackId }: StackEvent): string | undefined {
  const isEnd = PhysicalResourceId === StackId && /^UPDATE_(ROLLBACK_)?(COMPLETE|FAILED)$/.test(ResourceStatus ?? '');
  return isEnd ? ResourceStatus : undefined;
}

/** Events of the operation that were not seen yet, oldest first. */
async function newEvents({ clients, stack }: Registry, operation: string, seen: Set<string>): Promise<StackEvent[]> {
  const found: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await clients.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: stack.stackId, NextToken }),
    );
    const events = page.StackEvents ?? [];
    const isKnown = events.some(({ EventId = '' }) => seen.has(EventId));
    const isOurs = ({ ClientRequestToken }: StackEvent) => ClientRequestToken === operation;
    found.push(...events.filter((event) => isOurs(event) && !seen.has(event.EventId ?? '')));
    // Newest first: behind a known event, or one from before our operation, nothing new comes. Whole pages of a later
    // operation's events may lie before ours.
    const last = events.at(-1);
    const isPast =
      last !== undefined && !isOurs(last) && (found.length > 0 || (stack.updated && isBefore(last, stack.updated)));
    NextToken = isKnown || isPast ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  for (const { EventId = '' } of found) seen.add(EventId);
  return found.reverse();
}

/** Of the operation before ours: what comes behind it is older still. */
function isBefore({ Timestamp }: StackEvent, began: Date): boolean {
  return Timestamp !== undefined && Timestamp < began;
}

function eventLine(
  { ResourceStatus, LogicalResourceId = '', ResourceType = '', ResourceStatusReason, Timestamp }: StackEvent,
  terminal: Terminal,
): string {
  const { dim, red, green } = terminal.noticeColors;
  const status: string = ResourceStatus ?? '';
  const colored =
    status.endsWith('_FAILED') || status.includes('ROLLBACK') ? red : status.endsWith('_COMPLETE') ? green : dim;
  const time = Timestamp ? new Date(Timestamp).toISOString().slice(11, 19) : '';
  const reason =
    ResourceStatusReason && status.endsWith('_FAILED')
      ? `\n${ResourceStatusReason}`.replaceAll('\n', `\n${' '.repeat(10)}`)
      : '';
  return `${dim(time)}  ${colored(status.padEnd(28))} ${LogicalResourceId} ${dim(ResourceType)}${reason}`;
}

function unwatched({ stack }: Pick<Registry, 'stack'>, why: string, cause: unknown): CliError {
  return new CliError(
    {
      what: 'contact was lost while CloudFormation worked: the release may go on without us',
      why,
      fix: [
        `look: prompt-registry status PROMPT --stack ${stack.stackName}`,
        `or: ${stackCommand('describe-stack-events', stack)}`,
      ],
    },
    ExitCode.ContactLost,
    { cause },
  );
}

/** The operation ended, and what it left could not be looked at. */
export function unread({ stack }: Pick<Registry, 'stack'>, { status }: Execution, cause: unknown): CliError {
  return new CliError(
    {
      what: `contact was lost after CloudFormation was done: ${status}`,
      why: explained(cause).message,
      fix: `look where the alias stands: prompt-registry status PROMPT --stack ${stack.stackName}`,
    },
    ExitCode.ContactLost,
    { cause },
  );
}
