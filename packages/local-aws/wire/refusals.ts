import { AwsError } from '../aws-error';

/** How a protocol's services refuse a request that they cannot read, or whose sender does not show who they are. */
export interface Refusals {
  /** A body, or headers and query, that are not what the operation takes. */
  malformed(why: string, part: 'body' | 'header'): AwsError;
  /** Required members that are not there; none: the operations say so themselves. */
  missing?(names: readonly string[]): AwsError;
  /** A request that names no operation. */
  unnamed(): AwsError;
  /** A path whose percent signs make no UTF-8. */
  uri(): AwsError;
  unsigned(): AwsError;
  unknownKey(): AwsError;
  token(): AwsError;
  mismatch(why?: string): AwsError;
  skewed(date: string, now: Date, patience: number): AwsError;
  presignedExpired(): AwsError;
  region(given: string, expected: string): AwsError;
}

/** As AWS's front ends word it, members in small camel case. */
function nullMembers(code: string): (names: readonly string[]) => AwsError {
  const each = (name: string) => {
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    return `Value null at '${member}' failed to satisfy constraint: Member must not be null`;
  };
  return (names) => {
    const count = `${names.length} validation error${names.length > 1 ? 's' : ''} detected`;
    return new AwsError(code, 400, `${count}: ${names.map(each).join('; ')}`);
  };
}

const TOKEN = 'The security token included in the request is invalid.';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const compact = (date: Date) => date.toISOString().replace(/[-:]|\.\d+/g, '');

type Common = Omit<Refusals, 'malformed' | 'missing' | 'unnamed' | 'uri'>;

function common(key: string, signature: string, missing: string): Common {
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

/**
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html; MalformedInput as users have seen it:
 * https://github.com/brendanhay/amazonka/issues/209, https://github.com/aws-beam/aws-elixir/pull/199
 */
export const queryRefusals: Refusals = {
  ...common('InvalidClientTokenId', 'SignatureDoesNotMatch', 'MissingAuthenticationToken'),
  malformed: (why) => new AwsError('MalformedInput', 400, why),
  missing: nullMembers('ValidationError'),
  unnamed: () => new AwsError('MissingAction', 400, 'The request is missing an action or a required parameter.'),
  uri: () => new AwsError('MalformedQueryString', 404, 'The query string contains a syntax error.'),
};

/** The same 403 under JSON's names: https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html */
const jsonCommon = common(
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
);

/**
 * SerializationException: https://github.com/aws/aws-sdk-js/issues/44, and so do servers of restJson1:
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html. UnknownOperationException with 400:
 * https://github.com/aws/aws-sdk-net/issues/1536
 */
export const jsonRefusals: Refusals = {
  ...jsonCommon,
  malformed: (why) => new AwsError('SerializationException', 400, why),
  missing: nullMembers('ValidationException'),
  unnamed: () => new AwsError('UnknownOperationException', 400, ''),
  uri: () => new AwsError('SerializationException', 400, 'The path is not percent-encoded UTF-8.'),
};

/** Whose operations look at their members themselves. */
export const bedrockRefusals: Refusals = { ...jsonRefusals, missing: undefined };

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
export const lambdaRefusals: Refusals = {
  ...jsonRefusals,
  malformed: (why, part) => {
    const message = part === 'body' ? `Could not parse request body into json: ${why}` : why;
    return new AwsError('InvalidRequestContentException', 400, message);
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3Refusals: Refusals = {
  malformed: (why, part) =>
    part === 'header'
      ? new AwsError('InvalidArgument', 400, why)
      : new AwsError(
          'MalformedXML',
          400,
          'The XML you provided was not well-formed or did not validate against our published schema',
        ),
  missing: () => new AwsError('MissingRequestBodyError', 400, 'Request Body is empty'),
  unnamed: () => new AwsError('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.'),
  uri: () => new AwsError('InvalidURI', 400, "Couldn't parse the specified URI."),
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
