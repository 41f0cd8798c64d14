import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { LedgerSurvey } from '../../core/audit/ledger-survey';
import { LoggedCalls } from '../../core/audit/logged-calls';
import { isInvocation, type LoggedInvocation, loggedInvocation } from '../../core/audit/logged-invocation';
import type { LoggedEvidence } from '../../core/audit/logged-usage';
import type { AwsClients } from '../aws-clients';
import { reasonOf } from '../aws-failure';
import { CliError } from '../cli-error';
import { inOrder } from '../in-order';
import { throughNow } from './aws-clock';

/** A request holds at most 25 MB; what unpacks to more is no body. */
const LARGEST = 64 * 1024 * 1024;
/** Large bodies read ahead. */
const AT_ONCE = 8;

export interface LoggedProps {
  readonly group: string;
  readonly from: Date;
  readonly to: Date;
  /** Names of those who hold a policy of callers. */
  readonly holders: readonly string[];
  readonly survey: LedgerSurvey;
  /** Name of the prompt that is asked about. @default - all */
  readonly prompt?: string | undefined;
  readonly say: (doing: string) => void;
}

/**
 * Reads a group with Bedrock's invocation logs, page by page, and compares the callers' requests with what was released.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function gatherLogged(clients: AwsClients, props: LoggedProps): Promise<LoggedEvidence> {
  const { group, from, to, holders, survey, prompt, say } = props;
  const calls = new LoggedCalls(new Set(holders), survey, prompt);
  const unread = new Map<string, number>();
  let [events, others] = [0, 0];
  const span = { logGroupName: group, startTime: from.getTime(), endTime: throughNow(to).getTime() };
  try {
    for await (const page of paginateFilterLogEvents({ client: clients.logs() }, span)) {
      const values = (page.events ?? []).map(({ message = '' }) => parsed(message));
      const found = values.flatMap((value) => loggedInvocation(value) ?? []).filter((call) => calls.concerns(call));
      for await (const call of inOrder(found, AT_ONCE, (one) => withBody(clients.s3, one, unread))) calls.add(call);
      events += values.length;
      others += values.filter((value) => !isInvocation(value)).length;
      // A page may be empty and not the last.
      const until = page.events?.at(-1)?.timestamp;
      if (until !== undefined) say(`reading invocation logs: ${events} calls until ${new Date(until).toISOString()}`);
    }
  } catch (error) {
    throw (error as Error).name === 'ResourceNotFoundException' ? noSuchGroup(group, error as Error) : error;
  }
  const unreadBodies = [...unread].map(([why, count]) => ({ why, count }));
  return { group, from: from.toISOString(), ...calls.usage(), others, unread: unreadBodies };
}

function noSuchGroup(group: string, { message: why }: Error): CliError {
  return new CliError({
    what: `there is no log group ${group}`,
    why,
    fix: 'check its name, --region and --profile; aws bedrock get-model-invocation-logging-configuration names the group',
  });
}

/** With the body that lies in S3; as it is where that cannot be read. */
async function withBody(s3: S3Client, call: LoggedInvocation, unread: Map<string, number>): Promise<LoggedInvocation> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(call.bodyPath ?? '') ?? [];
  if (call.body !== undefined || Key === undefined) return call;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = isPacked ? await promisify(gunzip)(bytes, { maxOutputLength: LARGEST }) : Buffer.from(bytes);
    return { ...call, body: JSON.parse(text.toString()) };
  } catch (error) {
    const why = reasonOf(error).replaceAll(Key, '…');
    unread.set(why, (unread.get(why) ?? 0) + 1);
    return call;
  }
}

/** Undefined for what is no JSON: others may write into the group as well. */
function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
