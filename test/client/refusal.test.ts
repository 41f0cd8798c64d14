import { describe, expect, it } from 'vitest';
import { refusal } from '../../client/refusal';

const error = (name: string, httpStatusCode?: number, code?: string) =>
  Object.assign(new Error(name), { name, code, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });
const judge = (cause: unknown) => refusal('/p/x/PROD', 'AliasNotFound', 'AccessDenied', cause);

describe('what a failed call says of what was asked for', () => {
  it.each([
    error('AccessDeniedException', 400),
    error('AccessDeniedException', 403),
    error('ValidationException', 400),
    error('WhoKnows', 403),
  ])('refused: $name', (cause) =>
    expect(judge(cause)).toMatchObject({
      code: 'AccessDenied',
      message: `/p/x/PROD was refused (${cause.name}): withdrawn, or lacks alias.grants.invoke(fn)`,
      cause,
    }),
  );

  it.each([error('ParameterNotFound', 400), error('ResourceNotFoundException', 404)])('gone: $name', (cause) =>
    expect(judge(cause)).toMatchObject({
      code: 'AliasNotFound',
      message: '/p/x/PROD does not exist; correct name, prefix or Region, or release another version',
      cause,
    }),
  );

  it.each([
    error('ThrottlingException', 400),
    error('TooManyUpdates', 400),
    error('TooManyRequestsException', 429),
    error('InternalServerError', 500),
    error('ServiceUnavailable', 503),
    error('Error', undefined, 'ENOTFOUND'),
    error('Error', undefined, 'ECONNREFUSED'),
    error('Error', undefined, 'EAI_AGAIN'),
    error('TimeoutError'),
    error('RequestTimeTooSkewed', 403),
    error('AbortError'),
    error('SyntaxError', 200),
    error('SyntaxError', 400),
    error('CredentialsProviderError'),
    error('ExpiredTokenException', 400),
    error('UnrecognizedClientException', 400),
    error('InvalidSignatureException', 400),
    error('NotFound', 404),
    undefined,
    'text',
  ])('nothing: %s', (cause) => expect(judge(cause)).toBe(cause));
});
