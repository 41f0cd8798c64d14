import { isAccessError } from '../core/contract/access-error';
import { RegistryError } from '../core/registry-error';
import { CliError } from './cli-error';
import { ExitCode } from './exit-code';
import { loginCommand } from './login-command';

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'];
const UNKNOWN_KEY = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
];
/** Some answers have a name of their own and 429: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const THROTTLED = ['Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'SlowDown'];
const ELSEWHERE = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];
const NETWORK = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** Any error as one that explains itself. */
export function explained(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const { name = '', message = String(error) } = (error ?? {}) as Error;
  if (error instanceof RegistryError) return new CliError({ what: message }, ExitCode.Failed, { cause: error });
  const refusal = refusalOf(error, name);
  if (refusal) {
    const [what, fix] = refusal;
    return new CliError({ what, why: message, fix }, ExitCode.NotAllowed, { cause: error });
  }
  const region = regionProblem(message);
  if (region) return region;
  if (ELSEWHERE.includes(name)) {
    return new CliError({
      what: 'the bucket is in another Region',
      why: message,
      fix: 'name its Region with --region, and check the name of the bucket',
    });
  }
  if (name === 'NoSuchBucket')
    return new CliError({
      what: 'there is no such bucket',
      why: message,
      fix: 'check its name, --profile and --region',
    });
  if (THROTTLED.includes(name) || isTooMany(error)) {
    return new CliError({ what: 'AWS refuses: too many requests', why: message, fix: 'wait a moment and try again' });
  }
  if (isContactLost(error)) {
    return new CliError({
      what: 'cannot reach AWS',
      why: networkReason(error),
      fix: 'check the network, --region, and AWS_ENDPOINT_URL',
    });
  }
  const missing = /Stack with id (\S+) does not exist/.exec(message)?.[1];
  if (missing) {
    const fix = 'check --stack, --region and --profile; without --stack the registry is searched for';
    return new CliError({ what: `no stack ${missing} in this account and Region`, fix });
  }
  const blocked = /is in (\S+) state and can ?not be updated/.exec(message)?.[1];
  if (blocked)
    return new CliError({ what: `the stack is ${blocked}`, why: message }, ExitCode.StackBlocked, { cause: error });
  return new CliError({ what: name && name !== 'Error' ? `${name}: ${message}` : message }, ExitCode.Failed, {
    cause: error,
  });
}

/** Any error in one line: what, and why. */
export function reasonOf(error: unknown): string {
  const { message, why } = explained(error);
  return [message, why].filter(Boolean).join(': ');
}

function regionProblem(message: string): CliError | undefined {
  if (/^Region is missing/.test(message)) {
    const profile = process.env.AWS_PROFILE;
    const place = profile ? `the profile ${profile}` : 'the profile';
    const fix = `name one with --region, set AWS_REGION, or write it into ${place}: aws configure`;
    return new CliError({ what: 'no Region', fix }, ExitCode.Usage);
  }
  const region = /^Region not accepted: region="(.*)"/s.exec(message)?.[1];
  if (region === undefined) return undefined;
  return new CliError({ what: `no Region has the name ${region}`, fix: 'write it as us-east-1' }, ExitCode.Usage);
}

/** What and fix of an error that says who asks, or that they may not. */
function refusalOf(error: unknown, name: string): [what: string, fix: string] | undefined {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const isSession = /\bSSO session|\bsso login|re-authenticate/i.test((error as Error).message);
    return isSession
      ? ['the AWS credentials have expired, or nobody logged in yet', `log in: ${loginCommand()}`]
      : ['no AWS credentials', `run ${loginCommand()} or aws configure, or name a profile with --profile`];
  }
  if (EXPIRED.includes(name)) return ['the AWS credentials have expired', `renew them: ${loginCommand()}`];
  if (UNKNOWN_KEY.includes(name))
    return ['AWS does not know these credentials', 'check AWS_ACCESS_KEY_ID, or the profile'];
  if (isAccessError(error)) return ['AWS refuses: a permission is missing', 'ask for the permission that it names'];
  return undefined;
}

function isTooMany(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode === 429;
}

/** Whether a request got no answer at all. */
export function isContactLost(error: unknown): boolean {
  return networkReason(error) !== undefined;
}

function networkReason(error: unknown): string | undefined {
  const { name, code, message, errors, cause } = (error ?? {}) as NodeJS.ErrnoException & {
    errors?: unknown[];
    cause?: unknown;
  };
  if (NETWORK.includes(code ?? '') || name === 'TimeoutError' || /socket hang up|ECONNRE/.test(message ?? '')) {
    return message || code || name;
  }
  const inner = errors?.[0] ?? cause;
  return inner === undefined || inner === error ? undefined : networkReason(inner);
}
