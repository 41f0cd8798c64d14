/** The longest values that CloudFormation fills in. */
const LONGEST: Readonly<Record<string, string>> = {
  CallableArn: 'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ:12345',
  ModelArn: 'arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/none',
  ProfileArn: `arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/${'m'.repeat(50)}`,
  ProfileModelArn: `arn:aws-us-gov:bedrock:*::foundation-model/${'m'.repeat(50)}`,
  GlobalModelArn: `arn:aws-us-gov:bedrock:::foundation-model/${'m'.repeat(50)}`,
  Arn: 'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ',
};

/** A policy's document of a template with the longest values in it, as IAM counts it: without white space. */
export function longestDocument(document: unknown): string {
  return JSON.stringify(filled(document)).replaceAll(':us-east-1:', ':us-gov-west-1:');
}

function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, never>;
  if (Ref === 'AWS::Partition') return 'aws-us-gov';
  if (join !== undefined) return (filled(join[1]) as string[]).join(join[0]);
  if (attribute !== undefined) return LONGEST[String(attribute[1]).replace(/\d+$/, '')] ?? unknown(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
}

function unknown(value: unknown): never {
  throw new Error(`no value for ${JSON.stringify(value)}`);
}
