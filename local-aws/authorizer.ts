import { runSimulation, type SimulationIdentityPolicy } from '@cloud-copilot/iam-simulate';
import { AwsError } from './aws-error';
import type { Authorization } from './call';
import type { Principal } from './principal';

/** Where an identity's policies are found, as they are in force *now* (IAM spreads changes with a delay). */
export interface PolicySource {
  policiesInForce(roleName: string): readonly object[];
}

/** Asks a real evaluation of IAM's rules for every request. */
export class Authorizer {
  constructor(private readonly source: PolicySource) {}

  /** Throws AccessDenied unless the principal may. */
  async require(principal: Principal, region: string, authorization: Authorization): Promise<void> {
    const { action, resource } = authorization;
    if (!(await this.allows(principal, region, authorization))) {
      const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new AwsError(action.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException', 403, message);
    }
  }

  private async allows(
    principal: Principal,
    region: string,
    { action, resource, context, resourcePolicy }: Authorization,
  ) {
    const documents = principal.roleName ? this.source.policiesInForce(principal.roleName) : (principal.policies ?? []);
    const identityPolicies: SimulationIdentityPolicy[] = documents.map((policy, i) => ({ name: `policy${i}`, policy }));
    const simulation = await runSimulation(
      {
        request: {
          principal: principal.arn,
          action,
          resource: { resource, accountId: principal.account },
          contextVariables: {
            'aws:PrincipalArn': principalArnOf(principal),
            'aws:PrincipalAccount': principal.account,
            'aws:RequestedRegion': region,
            'aws:SecureTransport': 'true',
            ...context,
          },
        },
        identityPolicies,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy,
      },
      {},
    );
    if (simulation.resultType === 'error') {
      throw new AwsError(
        'InternalFailure',
        500,
        `IAM could not judge ${action} on ${resource}: ${JSON.stringify(simulation.errors)}`,
      );
    }
    return simulation.overallResult === 'Allowed';
  }
}

/** `aws:PrincipalArn` of a session is its role's ARN. */
function principalArnOf(principal: Principal): string {
  return principal.roleName ? `arn:aws:iam::${principal.account}:role/${principal.roleName}` : principal.arn;
}
