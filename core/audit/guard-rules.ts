import type { AuditEvidence, EventEvidence } from './evidence';
import type { Report } from './finding';
import { isStackExecution } from './parameter-events';
import { actorName, lastPart, text } from './trail-event';

interface GuardContext {
  readonly evidence: AuditEvidence;
  readonly trail: EventEvidence;
  readonly report: Report;
}

/** What guards the evidence, and was changed by another than the stack: the trail, the buckets, the registry's functions. */
export function guardFindings(context: GuardContext): void {
  trailChanges(context);
  bucketChanges(context);
  functionChanges(context);
}

function trailChanges({ evidence, trail, report }: GuardContext): void {
  for (const name of evidence.silentTrails ?? []) report('TrailOff', `trail ${name}`, 'does not log now');
  for (const { name, error } of evidence.undelivered ?? [])
    report('TrailOff', `trail ${name}`, `cannot deliver: CloudTrail says ${error}`);
  for (const event of trail.events) {
    if (event.source !== 'cloudtrail.amazonaws.com' || event.errorCode !== null) continue;
    const name = lastPart(text(event.request.name) ?? text(event.request.trailName) ?? 'a trail');
    if (evidence.trails && !evidence.trails.map(lastPart).includes(name)) continue;
    const done: Record<string, string> = {
      StopLogging: 'was stopped',
      DeleteTrail: 'was deleted',
      UpdateTrail: 'was changed',
      PutEventSelectors: 'had its selectors changed',
    };
    const what = done[event.name];
    if (what === undefined) continue;
    const byStack = isStackExecution(event, evidence.stacks);
    const isEnd = event.name === 'StopLogging' || event.name === 'DeleteTrail';
    const level = byStack && !isEnd ? { level: 'note' as const } : {};
    const by = byStack ? 'a stack' : actorName(event.identity);
    report(
      'TrailChanged',
      `trail ${name}`,
      `${what} at ${event.time} by ${by}${isEnd ? ': from then on it proves nothing' : ''}`,
      { ...level, events: [event.id] },
    );
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */
export const BUCKET_EVENTS: Readonly<Record<string, string>> = {
  PutBucketPolicy: 'had its policy changed',
  DeleteBucketPolicy: 'had its policy deleted',
  PutBucketVersioning: 'had its versioning changed',
  PutBucketLifecycle: 'was given a lifecycle rule',
  DeleteBucketLifecycle: 'had its lifecycle rules deleted',
  PutBucketObjectLockConfiguration: 'had its retention changed',
  PutBucketEncryption: 'had its encryption changed: what is written since may be under a key of somebody else',
  DeleteBucketEncryption: 'had its encryption reset',
  PutBucketReplication: 'had its replication changed: what is written since may be copied to elsewhere',
  DeleteBucketReplication: 'had its replication deleted',
  PutBucketOwnershipControls: 'had the ownership of its objects changed',
  DeleteBucketOwnershipControls: 'had the ownership of its objects changed',
  PutBucketAcl: 'had its access control list changed',
  PutBucketPublicAccessBlock: 'had its block of public access changed',
  DeleteBucketPublicAccessBlock: 'had its block of public access deleted',
  DeleteBucket: 'was deleted',
};

function bucketChanges({ evidence, trail, report }: GuardContext): void {
  const trailBucket = /^s3:\/\/([^/]+)\//.exec(evidence.files?.place ?? '')?.[1];
  for (const event of trail.events) {
    const what = BUCKET_EVENTS[event.name];
    const bucket = text(event.request.bucketName);
    if (what === undefined || event.errorCode !== null || isStackExecution(event, evidence.stacks)) continue;
    if (bucket === null || (bucket !== evidence.bucket && bucket !== trailBucket)) continue;
    const kept = bucket === evidence.bucket ? 'the ledger' : "the trail's files";
    report(
      'BucketChanged',
      `s3://${bucket}`,
      `${what} at ${event.time} by ${actorName(event.identity)}, not by the stack: what keeps ${kept} as it is may be off since`,
      { events: [event.id] },
    );
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
export const FUNCTION_EVENTS: Readonly<Record<string, string>> = {
  UpdateFunctionCode20150331v2: 'had its code changed',
  UpdateFunctionConfiguration20150331v2: 'had its configuration changed',
  AddPermission20150331v2: 'was opened to another caller',
  DeleteFunction20150331: 'was deleted',
  PutFunctionConcurrency20171031: 'had its concurrency changed',
  DeleteFunctionConcurrency20171031: 'had its concurrency changed',
  PutFunctionEventInvokeConfig: 'had its retries or destinations changed',
  UpdateFunctionEventInvokeConfig: 'had its retries or destinations changed',
  DeleteFunctionEventInvokeConfig: 'had its retries and destinations deleted',
  CreateEventSourceMapping20150331: 'was given a source of events',
  UpdateEventSourceMapping20150331: 'had a source of events changed',
  CreateFunctionUrlConfig: 'was given a URL',
};

/** After these somebody may have worked with the function's rights. */
const AS_THE_REGISTRY = /^(UpdateFunctionC|AddPermission|(Create|Update)EventSourceMapping|CreateFunctionUrl)/;

/** Whoever changes the code of a function has the rights of its role for as long. */
function functionChanges({ evidence, trail, report }: GuardContext): void {
  for (const event of trail.events) {
    const what = FUNCTION_EVENTS[event.name];
    if (what === undefined || event.errorCode !== null || isStackExecution(event, evidence.stacks)) continue;
    // A name, a whole ARN or a part of one: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
    const parts = (text(event.request.functionName) ?? text(event.response.functionArn) ?? '').split(':');
    const name = evidence.functions?.find((one) => parts.includes(one));
    if (name === undefined) continue;
    report(
      'FunctionChanged',
      `function ${name}`,
      `${what} at ${event.time} by ${actorName(event.identity)}, not by the stack: ${
        AS_THE_REGISTRY.test(event.name)
          ? 'who did may have published or recorded as the registry since'
          : 'releases may fail, or be tried less often, since'
      }`,
      { events: [event.id] },
    );
  }
}
