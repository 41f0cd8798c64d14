import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';

const TRIES = 8;
/** Of throttled calls: CloudFormation waits its turn rather than fail a stack of many resources. */
const THROTTLED_TRIES = 200;
const LONGEST_WAIT = 2_000;

const token = (retries: number, wait: number): RetryToken => ({
  getRetryCount: () => retries,
  getRetryDelay: () => wait,
});

/** How CloudFormation's own handlers retry, as far as a stack can tell: throttled calls until they pass, others a few times. */
export const patientRetries: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => token(0, 0),
  refreshRetryTokenForRetry: async (before: RetryToken, { errorType }: RetryErrorInfo) => {
    const retries = before.getRetryCount() + 1;
    const tries = errorType === 'THROTTLING' ? THROTTLED_TRIES : TRIES;
    if (errorType === 'CLIENT_ERROR' || retries >= tries) {
      throw new Error('no more retries');
    }
    return token(retries, Math.random() * Math.min(LONGEST_WAIT, 50 * 2 ** retries));
  },
  recordSuccess: () => {},
};
