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

const BUCKET_EVENTS: Readonly<Record<string, string>> = {
  PutBucketPolicy: 'had its policy changed',
  DeleteBucketPolicy: 'had its policy deleted',
  PutBucketVersioning: 'had its versioning changed',
  PutBucketLifecycle: 'was given a lifecycle rule',
  PutBucketObjectLockConfiguration: 'had its retention changed',
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

const FUNCTION_EVENTS: Readonly<Record<string, string>> = {
  UpdateFunctionCode20150331v2: 'had its code changed',
  UpdateFunctionConfiguration20150331v2: 'had its configuration changed',
  AddPermission20150331v2: 'was opened to another caller',
};

/** Whoever changes the code of a function has the rights of its role for as long. */
function functionChanges({ evidence, trail, report }: GuardContext): void {
  for (const event of trail.events) {
    const what = FUNCTION_EVENTS[event.name];
    if (what === undefined || event.errorCode !== null || isStackExecution(event, evidence.stacks)) continue;
    // A name, a whole ARN or a part of one: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
    const parts = (text(event.request.functionName) ?? '').split(':');
    const name = evidence.functions?.find((one) => parts.includes(one));
    if (name === undefined) continue;
    report(
      'FunctionChanged',
      `function ${name}`,
      `${what} at ${event.time} by ${actorName(event.identity)}, not by the stack: who did may have published or recorded as the registry since`,
      { events: [event.id] },
    );
  }
}
