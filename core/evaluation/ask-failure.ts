/**
 * What a failed call means for a run. `busy`: wait and ask again. `passing`: ask again a few times. `question`: this
 * question has no answer, others may. `run`: no question will have one.
 */
export type AskFailure = 'busy' | 'passing' | 'question' | 'run';

/** By the names of Converse's errors, and the statuses of other servers. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors */
const BY_NAME: Readonly<Record<string, AskFailure>> = {
  ThrottlingException: 'busy',
  TooManyRequestsException: 'busy',
  ServiceUnavailableException: 'busy',
  ModelNotReadyException: 'busy',
  InternalServerException: 'passing',
  ModelTimeoutException: 'passing',
  ModelErrorException: 'passing',
  TimeoutError: 'passing',
  ValidationException: 'question',
  // A version that was pruned, a model whose life ended.
  ResourceNotFoundException: 'run',
  AccessDeniedException: 'run',
  UnrecognizedClientException: 'run',
  ExpiredTokenException: 'run',
  ServiceQuotaExceededException: 'run',
  CredentialsProviderError: 'run',
};

export function askFailure(error: unknown): AskFailure {
  const {
    name = '',
    $metadata,
    status,
  } = Object(error) as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
    status?: number;
  };
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  return known ?? byStatus($metadata?.httpStatusCode ?? status);
}

function byStatus(status: number | undefined): AskFailure {
  if (status === undefined) return 'passing';
  if (status === 429 || status === 503 || status === 529) return 'busy';
  if (status >= 500) return 'passing';
  return status === 400 || status === 413 || status === 422 ? 'question' : 'run';
}
