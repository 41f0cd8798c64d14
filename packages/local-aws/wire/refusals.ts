import { AwsError } from '../aws-error';

/** How a protocol's services refuse who does not show who they are. */
export interface Refusals {
  unsigned(): AwsError;
  unknownKey(): AwsError;
  token(): AwsError;
  mismatch(why?: string): AwsError;
  skewed(date: string, now: Date, patience: number): AwsError;
  presignedExpired(): AwsError;
  region(given: string, expected: string): AwsError;
}

const TOKEN = 'The security token included in the request is invalid.';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const compact = (date: Date) => date.toISOString().replace(/[-:]|\.\d+/g, '');

function common(key: string, signature: string, missing: string): Refusals {
  const error = (code: string, message: string) => new AwsError(code, 403, message);
  return {
    unsigned: () => error(missing, 'Missing Authentication Token'),
    unknownKey: () => error(key, TOKEN),
    token: () => error(key, TOKEN),
    mismatch: (why = MISMATCH) => error(signature, why),
    skewed: (date, now, patience) => {
      const edge = (by: number) => `${compact(new Date(now.getTime() + by))} (${compact(now)} ${by < 0 ? '-' : '+'}`;
      const minutes = ` ${patience / 60_000} min.)`;
      return date < compact(now)
        ? error(signature, `Signature expired: ${date} is now earlier than ${edge(-patience)}${minutes}`)
        : error(signature, `Signature not yet current: ${date} is still later than ${edge(patience)}${minutes}`);
    },
    presignedExpired: () => error(signature, 'Signature expired'),
    region: (given, expected) =>
      error(signature, `Credential should be scoped to a valid Region, not '${given}'; this endpoint is ${expected}`),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
export const queryRefusals = common('InvalidClientTokenId', 'SignatureDoesNotMatch', 'MissingAuthenticationToken');

/** The same 403 under JSON's names: https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html */
export const jsonRefusals = common(
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3Refusals: Refusals = {
  unsigned: () => new AwsError('AccessDenied', 403, 'Access Denied'),
  unknownKey: () =>
    new AwsError('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.'),
  token: () => new AwsError('InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'),
  mismatch: (
    why = 'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ) => new AwsError('SignatureDoesNotMatch', 403, why),
  skewed: () =>
    new AwsError(
      'RequestTimeTooSkewed',
      403,
      'The difference between the request time and the current time is too large.',
    ),
  presignedExpired: () => new AwsError('AccessDenied', 403, 'Request has expired'),
  region: (given, expected) =>
    new AwsError(
      'AuthorizationHeaderMalformed',
      400,
      `The authorization header is malformed; the region '${given}' is wrong; expecting '${expected}'`,
    ),
};
