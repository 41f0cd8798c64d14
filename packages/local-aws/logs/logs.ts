import type {
  CreateLogGroupCommandInput,
  DeleteLogGroupCommandInput,
  DescribeLogGroupsCommandInput,
  DescribeLogGroupsCommandOutput,
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import * as client from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../aws-error';
import type { Authorization, Call } from '../call';
import { operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { JsonRpc } from '../wire/json-rpc';
import type { LogGroups } from './log-groups';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
const NAME = /^[.\-_/#A-Za-z0-9]{1,512}$/;

/** CloudWatch Logs, as far as somebody reads what AWS's services wrote. No filter patterns, no queries, no retention. */
export function logs(groups: LogGroups): Service {
  return {
    name: 'logs',
    signingName: 'logs',
    client,
    protocol: new JsonRpc('Logs_20140328'),
    operations: {
      CreateLogGroup: operation<CreateLogGroupCommandInput, object>({
        authorize: ({ logGroupName }, call) => [onGroup(logGroupName, call)],
        run: (input, call) => {
          supportedMembers(call, input, 'logGroupName');
          const { logGroupName = '' } = input;
          if (!NAME.test(logGroupName)) throw invalid(`the name of a log group: ${logGroupName}`);
          groups.create(logGroupName, call.time);
          return {};
        },
      }),
      DeleteLogGroup: operation<DeleteLogGroupCommandInput, object>({
        authorize: ({ logGroupName }, call) => [onGroup(logGroupName, call)],
        run: ({ logGroupName = '' }) => {
          groups.delete(logGroupName);
          return {};
        },
      }),
      DescribeLogGroups: operation<DescribeLogGroupsCommandInput, DescribeLogGroupsCommandOutput>({
        authorize: () => [{ action: 'logs:DescribeLogGroups', resource: '*' }],
        run: (input, call) => {
          supportedMembers(call, input, 'logGroupNamePrefix');
          const logGroups = groups.list(input.logGroupNamePrefix).map(({ logGroupName, creationTime }) => {
            const arn = arnOf(logGroupName, call);
            return { logGroupName, creationTime, arn: `${arn}:*`, logGroupArn: arn };
          });
          return { logGroups };
        },
      }),
      FilterLogEvents: operation<FilterLogEventsCommandInput, FilterLogEventsCommandOutput>({
        authorize: ({ logGroupName }, call) => [onGroup(logGroupName, call)],
        run: (input, call) => {
          supportedMembers(call, input, 'logGroupName startTime endTime limit');
          const { logGroupName = '', startTime = 0, endTime = Number.POSITIVE_INFINITY } = input;
          const isWithin = ({ timestamp }: { timestamp: number }) => timestamp >= startTime && timestamp <= endTime;
          return { events: groups.events(logGroupName).filter(isWithin), searchedLogStreams: [] };
        },
      }),
    },
  };
}

/** A policy has to name the group with `:*` behind it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html */
function onGroup(name: string | undefined, call: Call): Authorization {
  return { action: `logs:${call.operation}`, resource: `${arnOf(name ?? '', call)}:log-stream:` };
}

function arnOf(name: string, { region, account }: Call): string {
  return `arn:aws:logs:${region}:${account}:log-group:${name}`;
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameterException', 400, `1 validation error detected: ${what}`);
}
