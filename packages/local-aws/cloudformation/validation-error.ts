import { AwsError } from '../aws-error';

/** What CloudFormation answers to most wrong input. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', 400, message);
}
