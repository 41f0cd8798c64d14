import type { RegistryStack } from '../registry-stack';

/** A line for the AWS CLI, ready to paste: `aws cloudformation cancel-update-stack --stack-name X --region us-east-1`. */
export function stackCommand(
  verb: string,
  { stackName, stackId }: Pick<RegistryStack, 'stackName' | 'stackId'>,
): string {
  const region = stackId.split(':')[3];
  return `aws cloudformation ${verb} --stack-name ${stackName}${region ? ` --region ${region}` : ''}`;
}
