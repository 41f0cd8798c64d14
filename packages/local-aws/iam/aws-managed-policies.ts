/*
 * The policies of AWS's own that the CDK bootstrap template and CDK's constructs attach. The two read-only ones are
 * cut down to the services that this endpoint has.
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const readOnly = ['bedrock', 'cloudformation', 'cloudtrail', 'iam', 'lambda', 's3', 'ssm'].flatMap((service) => [
  `${service}:Get*`,
  `${service}:List*`,
  ...(service === 's3' || service === 'iam' ? [] : [`${service}:Describe*`]),
]);

const stackReading = ['Describe*', 'Estimate*', 'Get*', 'List*', 'ValidateTemplate', 'Detect*'];
const logWriting = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** Name with path → the actions it allows on everything. */
export const awsManagedPolicies: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  ReadOnlyAccess: [...readOnly, 'cloudtrail:LookupEvents'],
  AWSCloudFormationReadOnlyAccess: stackReading.map((action) => `cloudformation:${action}`),
  'service-role/AWSLambdaBasicExecutionRole': logWriting,
};
