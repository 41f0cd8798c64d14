import type { Resource } from '@aws-sdk/client-cloudtrail';
import type { EndedCall } from '../call';
import type { CloudTrailRecord, RecordResource } from './cloudtrail-record';

/** The resources inside an event, for the services whose events name them. */
export function recordResources(call: EndedCall, accountId: string): RecordResource[] | undefined {
  const { service, operation, input } = call;
  const text = (name: string) => input[name] as string | undefined;
  if (service === 'sts' && operation.startsWith('AssumeRole')) {
    return [{ accountId, type: 'AWS::IAM::Role', ARN: text('RoleArn') }];
  }
  if (service === 's3' && text('Bucket') !== undefined) {
    return s3Resources(call, accountId);
  }
  if (operation === 'RenderPrompt') {
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
    return [{ accountId, type: 'AWS::Bedrock::PromptVersion', ARN: text('promptArn') }];
  }
  if (service === 'lambda' && operation.startsWith('Invoke')) {
    const name = text('FunctionName') ?? '';
    const arn = name.startsWith('arn:') ? name : `arn:aws:lambda:${call.region}:${accountId}:function:${name}`;
    return [{ accountId, type: 'AWS::Lambda::Function', ARN: arn }];
  }
  if (service === 'sns' && operation.startsWith('Publish')) {
    return [{ accountId, type: 'AWS::SNS::Topic', ARN: text('TopicArn') }];
  }
  return undefined;
}

function s3Resources({ operation, input }: EndedCall, accountId: string): RecordResource[] {
  const bucket = { accountId, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${input.Bucket}` };
  if (input.Key !== undefined) {
    return [{ type: 'AWS::S3::Object', ARN: `${bucket.ARN}/${input.Key}` }, bucket];
  }
  const many = operation === 'DeleteObjects' || operation.startsWith('ListObject');
  return many ? [{ type: 'AWS::S3::Object', ARNPrefix: `${bucket.ARN}/` }, bucket] : [bucket];
}

/** Request members that name a resource in `LookupEvents`. Services that are not here (SSM, Bedrock) show none. */
const lookedUp: Record<string, Record<string, string>> = {
  'iam.amazonaws.com': {
    roleName: 'AWS::IAM::Role',
    policyName: 'AWS::IAM::Policy',
    policyArn: 'AWS::IAM::Policy',
  },
  'cloudformation.amazonaws.com': { stackName: 'AWS::CloudFormation::Stack', stackId: 'AWS::CloudFormation::Stack' },
  's3.amazonaws.com': { bucketName: 'AWS::S3::Bucket' },
  'lambda.amazonaws.com': { functionName: 'AWS::Lambda::Function' },
  'cloudtrail.amazonaws.com': {
    name: 'AWS::CloudTrail::Trail',
    trailName: 'AWS::CloudTrail::Trail',
    trailARN: 'AWS::CloudTrail::Trail',
    s3BucketName: 'AWS::S3::Bucket',
  },
};

/**
 * What `LookupEvents` finds an event by as `ResourceName`. Of an AssumeRole first of all the key that it issued, then
 * the session's ARN, id and name, and the role: seen in public outputs of `aws cloudtrail lookup-events`.
 */
export function lookupResources(record: CloudTrailRecord): Resource[] {
  const { eventSource, requestParameters, responseElements } = record;
  if (eventSource === 'sts.amazonaws.com' && record.eventName.startsWith('AssumeRole')) {
    const { credentials, assumedRoleUser } = (responseElements ?? {}) as {
      credentials?: { accessKeyId: string };
      assumedRoleUser?: { assumedRoleId: string; arn: string };
    };
    const names = [assumedRoleUser?.arn, assumedRoleUser?.assumedRoleId, requestParameters?.roleSessionName];
    return [
      ...(credentials ? [{ ResourceType: 'AWS::IAM::AccessKey', ResourceName: credentials.accessKeyId }] : []),
      ...names.flatMap((name) =>
        typeof name === 'string' ? [{ ResourceType: 'AWS::STS::AssumedRole', ResourceName: name }] : [],
      ),
      { ResourceType: 'AWS::IAM::Role', ResourceName: String(requestParameters?.roleArn) },
    ];
  }
  const types = lookedUp[eventSource] ?? {};
  return [requestParameters, responseElements].flatMap((part) =>
    Object.entries(part ?? {}).flatMap(([name, value]) =>
      types[name] && typeof value === 'string' ? [{ ResourceType: types[name], ResourceName: value }] : [],
    ),
  );
}
