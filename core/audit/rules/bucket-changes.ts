import type { AuditedTrail, AuditRule } from '../audit-rule';
import { isStackExecution } from '../parameter-events';
import { actorName, text } from '../trail-event';

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

/** The ledger's bucket and the trail's: only their stack changes them. */
export const bucketChanges: AuditRule<AuditedTrail, 'BucketChanged'> = {
  name: 'bucket-changes',
  reads: "CloudTrail's calls that change a bucket",
  finds: { BucketChanged: "the ledger's bucket or the trail's was changed or deleted by hand" },
  run({ evidence, trail }, report) {
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
  },
};
