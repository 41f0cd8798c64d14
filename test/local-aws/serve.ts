import type { CallRecord } from '../../packages/local-aws/call';
import { Authorizer } from '../../packages/local-aws/iam/authorizer';
import { AwsServer } from '../../packages/local-aws/server';
import type { Service } from '../../packages/local-aws/service';
import { CredentialStore } from '../../packages/local-aws/sts/credential-store';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
const ADMINISTRATOR = { Effect: 'Allow', Action: '*', Resource: '*' };

/** Some services on a port of their own, with a clock that tests set and callers that may what a test says. */
export async function serve(services: (credentials: CredentialStore) => Service[]) {
  const credentials = new CredentialStore();
  const calls: CallRecord[] = [];
  const clock = { time: new Date('2026-11-22T12:00:00Z') };
  const roles = new Map<string, object[]>();
  const server = new AwsServer({
    account: ACCOUNT,
    authorizer: new Authorizer({ policiesInForce: (roleName) => roles.get(roleName) ?? [] }),
    credentials,
    services: services(credentials),
    calls,
    now: () => clock.time,
    // The clock is the test's alone; test/local-aws/signatures.test.ts is about those of clients.
    clockSkewMs: () => Number.POSITIVE_INFINITY,
  });
  const endpoint = await server.listen();

  /** Client settings of a caller who may what `statements` say. */
  const as = (statements: object[], region = REGION) => ({
    endpoint,
    region,
    maxAttempts: 1,
    credentials: credentials.issue({
      arn: `arn:aws:iam::${ACCOUNT}:user/somebody`,
      account: ACCOUNT,
      policies: [{ Version: '2012-10-17', Statement: statements }],
    }),
  });
  return {
    ...{ endpoint, calls, clock, roles, credentials, as },
    administrator: as([ADMINISTRATOR]),
    stop: () => server.close(),
  };
}

export type Served = Awaited<ReturnType<typeof serve>>;
