import { describe, expect, it } from 'vitest';
import { failureOf } from '../../client/failure';

const error = (name: string, httpStatusCode?: number, code?: string) =>
  Object.assign(new Error(name), { name, code, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });

describe('what a failure says of a version', () => {
  it.each([
    error('AccessDeniedException', 400),
    error('AccessDeniedException', 403),
    error('ValidationException', 400),
    error('WhoKnows', 403),
  ])('refused: $name $$metadata.httpStatusCode', (cause) => expect(failureOf(cause)).toBe('refused'));

  it.each([error('ParameterNotFound', 400), error('ResourceNotFoundException', 404)])('gone: $name', (cause) =>
    expect(failureOf(cause)).toBe('gone'),
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
  ])('nothing: %s', (cause) => expect(failureOf(cause)).toBe('outage'));
});
