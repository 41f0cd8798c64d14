import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error';

/** How a service pages its lists: the members that name a page, and the error for a token that is not this list's. */
interface Style {
  readonly token: string;
  /** @default the name of `token` */
  readonly next?: string;
  readonly size?: string;
  readonly truncated?: string;
  readonly invalid: string;
  /** The member of each operation's answer that is cut, and how many entries it holds at most. */
  readonly lists: Readonly<Record<string, readonly [list: string, most: number]>>;
}

/**
 * CloudFormation names no number for most lists: its answers end at 1 MB, events and summaries at about a hundred.
 * IAM: 100, `MaxItems` (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html).
 * SSM: 10 by path, else 50 (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html).
 * SNS: 100 (https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html). Lambda: 50.
 * CloudWatch Logs: 50 groups, 10,000 events (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html).
 * Bedrock: ten of ListPrompts were seen, whatever was asked for.
 * S3's lists and CloudTrail's page by themselves: their places are keys and events, not numbers.
 */
const styles: Readonly<Record<string, Style>> = {
  cloudformation: {
    ...{ token: 'NextToken', invalid: 'ValidationError' },
    lists: {
      ...{ DescribeStacks: ['Stacks', 100], ListStacks: ['StackSummaries', 100] },
      ...{ DescribeStackEvents: ['StackEvents', 100], ListStackResources: ['StackResourceSummaries', 100] },
      ...{ DescribeChangeSet: ['Changes', 100], ListChangeSets: ['Summaries', 100] },
      ...{ ListExports: ['Exports', 100], ListImports: ['Imports', 100] },
    },
  },
  iam: {
    ...{ token: 'Marker', size: 'MaxItems', truncated: 'IsTruncated', invalid: 'ValidationError' },
    lists: {
      ...{ ListRolePolicies: ['PolicyNames', 100], ListAttachedRolePolicies: ['AttachedPolicies', 100] },
      ...{ ListEntitiesForPolicy: ['PolicyRoles', 100], ListPolicyVersions: ['Versions', 100] },
      ListPolicies: ['Policies', 100],
      ...{ ListRoleTags: ['Tags', 100], ListPolicyTags: ['Tags', 100] },
    },
  },
  ssm: {
    ...{ token: 'NextToken', size: 'MaxResults', invalid: 'InvalidNextToken' },
    lists: {
      ...{ GetParametersByPath: ['Parameters', 10], GetParameterHistory: ['Parameters', 50] },
      DescribeParameters: ['Parameters', 50],
    },
  },
  'bedrock-agent': {
    ...{ token: 'nextToken', size: 'maxResults', invalid: 'ValidationException' },
    lists: { ListPrompts: ['promptSummaries', 10] },
  },
  bedrock: {
    ...{ token: 'nextToken', size: 'maxResults', invalid: 'ValidationException' },
    lists: { ListInferenceProfiles: ['inferenceProfileSummaries', 1000] },
  },
  sns: {
    ...{ token: 'NextToken', invalid: 'InvalidParameter' },
    lists: {
      ...{ ListTopics: ['Topics', 100], ListSubscriptions: ['Subscriptions', 100] },
      ListSubscriptionsByTopic: ['Subscriptions', 100],
    },
  },
  events: {
    ...{ token: 'NextToken', size: 'Limit', invalid: 'ValidationException' },
    lists: { ListRules: ['Rules', 100], ListTargetsByRule: ['Targets', 100] },
  },
  logs: {
    ...{ token: 'nextToken', size: 'limit', invalid: 'InvalidParameterException' },
    lists: { DescribeLogGroups: ['logGroups', 50], FilterLogEvents: ['events', 10_000] },
  },
  cloudwatch: {
    ...{ token: 'NextToken', size: 'MaxRecords', invalid: 'InvalidNextToken' },
    lists: {
      ...{ DescribeAlarms: ['MetricAlarms', 100], ListMetrics: ['Metrics', 500] },
      GetMetricData: ['MetricDataResults', 500],
    },
  },
  lambda: {
    ...{ token: 'Marker', next: 'NextMarker', size: 'MaxItems', invalid: 'InvalidParameterValueException' },
    lists: { ListFunctions: ['Functions', 50] },
  },
};

/** Lists that were begun and not yet read to their end; the oldest are forgotten first. */
const REMEMBERED = 1_000;

type Members = Record<string, unknown>;

/** Cuts what operations list into pages. A list that was begun stays as it was: what comes later shifts no page. */
export class Pages {
  private readonly begun = new Map<string, { question: string; entries: readonly unknown[]; at: number }>();

  /** @param most at most so many entries an answer, where AWS would give more */
  constructor(private readonly most = Number.POSITIVE_INFINITY) {}

  /** What of `input` is the question, without the members that name a page, and how its answer is cut. */
  of(service: string, operation: string, input: Members): { question: Members; cut: (output: object) => object } {
    const style = styles[service];
    const [list = '', most = 0] = style?.lists[operation] ?? [];
    if (!style || !list) {
      return { question: input, cut: (output) => output };
    }
    const { token, size = '' } = style;
    const { [token]: place, [size]: asked, ...question } = input;
    const key = JSON.stringify([service, operation, question]);
    const cut = (output: object) => {
      const begun = place === undefined ? undefined : this.begun.get(String(place));
      if (place !== undefined && begun?.question !== key) {
        throw new AwsError(style.invalid, 400, `The pagination token is invalid: ${place}`);
      }
      const { entries, at } = begun ?? { entries: ((output as Members)[list] as unknown[] | undefined) ?? [], at: 0 };
      const end = at + Math.max(1, Math.min(most, this.most, Number(asked ?? most)));
      const isCut = end < entries.length;
      return {
        ...output,
        [list]: entries.slice(at, end),
        ...(isCut && { [style.next ?? token]: this.remember(key, entries, end) }),
        ...(style.truncated && { [style.truncated]: isCut }),
      };
    };
    // What is wrong with a size is the operation's to say.
    return { question: asked === undefined ? question : { ...question, [size]: asked }, cut };
  }

  private remember(question: string, entries: readonly unknown[], at: number): string {
    const token = randomUUID();
    this.begun.set(token, { question, entries, at });
    for (const oldest of this.begun.keys()) {
      if (this.begun.size <= REMEMBERED) {
        break;
      }
      this.begun.delete(oldest);
    }
    return token;
  }
}
