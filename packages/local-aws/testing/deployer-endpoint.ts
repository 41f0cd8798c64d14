import type { Credentials } from '../iam/principal';

/** What a deployer knows of an endpoint; what `startLocalAws()` answers is one. */
export interface DeployerEndpoint {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** Whose rights it deploys with. */
  readonly operator: Credentials;
}
