/** What CloudTrail calls an operation, where it is not the API's own name. */
const names: Record<string, Record<string, string>> = {
  lambda: {
    CreateFunction: 'CreateFunction20150331',
    DeleteFunction: 'DeleteFunction20150331',
    GetFunction: 'GetFunction20150331v2',
    GetFunctionConfiguration: 'GetFunctionConfiguration20150331v2',
    UpdateFunctionCode: 'UpdateFunctionCode20150331v2',
    UpdateFunctionConfiguration: 'UpdateFunctionConfiguration20150331v2',
    AddPermission: 'AddPermission20150331v2',
    RemovePermission: 'RemovePermission20150331v2',
    TagResource: 'TagResource20170331v2',
    UntagResource: 'UntagResource20170331v2',
    ListTags: 'ListTags20170331',
    PutFunctionConcurrency: 'PutFunctionConcurrency20171031',
    DeleteFunctionConcurrency: 'DeleteFunctionConcurrency20171031',
  },
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
  s3: {
    ListObjectsV2: 'ListObjects',
    GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
    PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
    DeletePublicAccessBlock: 'DeleteBucketPublicAccessBlock',
    GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
    PutObjectLockConfiguration: 'PutBucketObjectLockConfiguration',
    GetBucketLifecycleConfiguration: 'GetBucketLifecycle',
    PutBucketLifecycleConfiguration: 'PutBucketLifecycle',
  },
};

/** What a trail records only on request, and the event history never. */
const dataEvents: Record<string, RegExp> = {
  s3: /^(HeadBucket|ListObjects(V2)?|ListObjectVersions|ListParts|ListMultipartUploads|.*MultipartUpload|UploadPart(Copy)?|(?!.*LockConfiguration)(Get|Head|Put|Delete|Copy|Restore)Objects?.*)$/,
  lambda: /^Invoke/,
  sns: /^Publish/,
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/logging_cw_api_calls.html
  cloudwatch: /^(GetMetric|ListMetrics$|PutMetricData$)/,
  'bedrock-runtime': /^RenderPrompt$/,
  'bedrock-agent-runtime': /./,
};

/** AssumeRole counts as reading, model invocation too. */
const readOnly =
  /^(Get|List|Describe|Lookup|Head|Simulate|Validate|Estimate|Detect|Test|AssumeRole|Converse|InvokeModel|RenderPrompt)/;

export function eventName(service: string, operation: string): string {
  return names[service]?.[operation] ?? operation;
}

export function isDataEvent(service: string, operation: string): boolean {
  return dataEvents[service]?.test(operation) ?? false;
}

export function isReadOnly(operation: string): boolean {
  return readOnly.test(operation);
}
