import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { FOLDERS } from '../../core/ledger/layout';

/** The service in whose name CloudFormation's calls are recorded, for a role of its own as for its caller's rights. */
const CLOUDFORMATION = 'cloudformation.amazonaws.com';

/** What CloudTrail puts on the bus of each Region for a call that a trail logs. */
const API_CALL = 'AWS API Call via CloudTrail';

/** Part of a pattern's `detail`. */
type Detail = { readonly [field: string]: unknown };

/** The calls that are the stack's. */
export interface StackCalls {
  /** Roles with which CloudFormation deploys the stack; none: whatever CloudFormation does. */
  readonly executionRoleArns: readonly string[];
}

/** The alias was written or removed by CloudFormation. */
export function aliasMoved(parameterPrefix: string, { executionRoleArns }: StackCalls): EventPattern {
  return succeeded(['aws.ssm'], {
    eventName: ['PutParameter', 'DeleteParameter', 'DeleteParameters'],
    requestParameters: below(parameterPrefix),
    userIdentity: { invokedBy: [CLOUDFORMATION], ...(executionRoleArns.length > 0 && sessionOf(executionRoleArns)) },
  });
}

/** An alias parameter was written, deleted, labelled or tagged by anyone else. */
export function aliasTouched(parameterPrefix: string, ownRoleArns: string[], stack: StackCalls): EventPattern {
  return succeeded(['aws.ssm'], {
    eventName: [
      ...['PutParameter', 'DeleteParameter', 'DeleteParameters', 'LabelParameterVersion', 'UnlabelParameterVersion'],
      ...['AddTagsToResource', 'RemoveTagsFromResource'],
    ],
    requestParameters: below(parameterPrefix),
    userIdentity: anyoneBut(ownRoleArns, stack),
  });
}

/** A prompt of the account or a version of one was made, changed, deleted or tagged by anyone else. */
export function promptChanged(promptArnPrefix: string, ownRoleArns: string[], stack: StackCalls): EventPattern {
  // The public record of a prompt operation says bedrock.amazonaws.com, the operation's endpoint bedrock-agent.
  return succeeded(['aws.bedrock', 'aws.bedrock-agent'], {
    $or: [
      { eventName: ['CreatePrompt', 'UpdatePrompt', 'DeletePrompt', 'CreatePromptVersion'] },
      {
        eventName: ['TagResource', 'UntagResource'],
        requestParameters: { resourceArn: [{ prefix: promptArnPrefix }] },
      },
    ],
    userIdentity: anyoneBut(ownRoleArns, stack),
  });
}

/** A ledger as its events name it. */
export interface WatchedBucket {
  readonly bucketName: string;
  readonly bucketArn: string;
}

/** An object of the ledger or a setting of its bucket was written or deleted by anyone else; a review is nobody else's. */
export function ledgerTouched(
  bucket: WatchedBucket,
  ownRoleArns: string[],
  stack: StackCalls,
  hasReviewers: boolean,
): EventPattern {
  const ofBucket = [inBucket(bucket), throughAccessPoint(bucket)];
  const keyOfOthers = [{ exists: false }, { 'anything-but': { prefix: FOLDERS.reviews } }];
  const withoutReviews = ofBucket.flatMap(({ requestParameters, ...rest }: Detail) => [
    {
      ...rest,
      ...(requestParameters !== undefined && { requestParameters }),
      eventName: [{ 'anything-but': 'PutObject' }],
    },
    { ...rest, requestParameters: { ...(requestParameters as Detail | undefined), key: keyOfOthers } },
  ]);
  return succeeded(['aws.s3'], {
    // Whatever writes, so that an operation that S3 has yet to get is not missed.
    readOnly: [false, { exists: false }],
    $or: hasReviewers ? withoutReviews : ofBucket,
    userIdentity: anyoneBut(ownRoleArns, stack),
  });
}

/** Somebody wrote a review. */
export function reviewWritten(bucket: WatchedBucket): EventPattern {
  const key = [{ prefix: FOLDERS.reviews }];
  return succeeded(['aws.s3'], {
    eventName: ['PutObject'],
    $or: [
      { requestParameters: { bucketName: [bucket.bucketName], key } },
      { ...throughAccessPoint(bucket), requestParameters: { key } },
    ],
  });
}

function inBucket({ bucketName }: WatchedBucket): Detail {
  return { requestParameters: { bucketName: [bucketName] } };
}

/** Requests through an access point name that instead of the bucket. */
function throughAccessPoint({ bucketArn }: WatchedBucket): Detail {
  return { resources: { ARN: [bucketArn] } };
}

/** The trail was stopped, deleted, or changed in what it logs, by anybody. */
export function trailChanged(trail: { readonly name: string; readonly arn: string } | undefined): EventPattern {
  const names = trail && [trail.name, trail.arn];
  return succeeded(['aws.cloudtrail'], {
    eventName: ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'],
    ...(names && { requestParameters: { $or: [{ name: names }, { trailName: names }] } }),
  });
}

/** What was refused changed nothing. */
function succeeded(source: string[], detail: Detail): EventPattern {
  return { source, detailType: [API_CALL], detail: { ...detail, errorCode: [{ exists: false }] } };
}

/** Operations on one parameter, on several, and on the tags of one. They take names only, never ARNs. */
function below(parameterPrefix: string): Detail {
  const names = [{ prefix: `${parameterPrefix}/` }];
  return { $or: [{ name: names }, { names }, { resourceId: names }] };
}

/**
 * Everybody but these roles and the stack.
 *
 * A role is recognised by the ARN of its session's issuer, which AWS sets, never by the session's name, which the caller
 * who assumes the role chooses. CloudFormation is recognised by `invokedBy`, which only AWS's services set, and by its role.
 * `anything-but` does not match a field that is not there, such as the issuer of a user's call.
 */
function anyoneBut(roleArns: readonly string[], { executionRoleArns }: StackCalls): Detail {
  const notCloudFormation = { invokedBy: [{ exists: false }, { 'anything-but': CLOUDFORMATION }] };
  const sessionOfOthers = (own: readonly string[]) =>
    own.length > 0 ? sessionOf([{ exists: false }, { 'anything-but': own }]) : {};
  if (executionRoleArns.length === 0) {
    return { ...notCloudFormation, ...sessionOfOthers(roleArns) };
  }
  return {
    $or: [
      sessionOfOthers([...roleArns, ...executionRoleArns]),
      { ...notCloudFormation, ...sessionOf(executionRoleArns) },
    ],
  };
}

function sessionOf(arn: readonly unknown[]): Detail {
  return { sessionContext: { sessionIssuer: { arn } } };
}
