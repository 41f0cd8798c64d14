import { AwsError } from '../aws-error';
import type { Call } from '../call';

const NAME =
  /^(?:(?:arn:aws:lambda:([a-z0-9-]+):)?(?:(\d{12}):)?function:)?([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** ARN of a function that a request names by name, partial or full ARN. Versions and aliases are not there. */
export function functionArn(name: string | undefined, qualifier: string | undefined, call: Call): string {
  const [matched, region = call.region, account = call.account, plain = '', suffix] = NAME.exec(name ?? '') ?? [];
  if (matched === undefined) {
    throw new AwsError(
      'ValidationException',
      400,
      `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
    );
  }
  const arn = `arn:aws:lambda:${region}:${account}:function:${plain}`;
  const version = qualifier ?? suffix ?? '$LATEST';
  if (version !== '$LATEST') {
    throw new AwsError('ResourceNotFoundException', 404, `Function not found: ${arn}:${version}`, { Type: 'User' });
  }
  return arn;
}
