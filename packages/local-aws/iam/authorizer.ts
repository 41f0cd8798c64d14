import { type RunSimulationResults, runSimulation, type SimulationIdentityPolicy } from '@cloud-copilot/iam-simulate';
import { AwsError, notImplemented } from '../aws-error';
import type { Authorization } from '../call';
import type { Principal } from './principal';
import { userId } from './user-id';

/** Where an identity's policies are found, as they are in force *now* (IAM spreads changes with a delay). */
export interface PolicySource {
  policiesInForce(roleName: string): readonly object[];
}

/** What these answer; the others `AccessDeniedException`, with 400 where they speak JSON-RPC. */
const codes: Record<string, string> = {
  ...{ cloudformation: 'AccessDenied', iam: 'AccessDenied', s3: 'AccessDenied', sts: 'AccessDenied' },
  ...{ cloudwatch: 'AccessDenied', sns: 'AuthorizationError' },
};
const jsonRpcServices = ['cloudtrail', 'events', 'logs', 'secretsmanager', 'ssm'];

/** Answers kept; then all are forgotten. */
const MOST_ANSWERS = 5_000;

/**
 * Asks a real evaluation of IAM's rules for every request: identity policies, the resource's own policy and their
 * conditions. What it cannot judge is refused with 501, never let through:
 * - ARNs without a Region where the Service Authorization Reference has one (`arn:aws:bedrock:::foundation-model/…`
 *   of `global.` inference profiles): the simulator knows no resource type for them;
 * - resources that hold a `*` or `?` of their own (an S3 key may): the simulator takes them for patterns;
 * - condition keys that the reference does not list for the action: the simulator would drop them silently, and a
 *   Deny that hangs on one would never match.
 * Not there at all: permissions boundaries, session policies, service control policies. Requests count as sent over TLS.
 */
export class Authorizer {
  private readonly answers = new Map<string, Promise<RunSimulationResults>>();

  constructor(private readonly source: PolicySource) {}

  /**
   * Throws AccessDenied unless the principal may.
   *
   * @param sent condition keys of how the request was sent, which not every action has:
   * https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
   */
  async require(
    principal: Principal,
    region: string,
    authorization: Authorization,
    sent: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { action, resource } = authorization;
    if (resource !== '*' && /[*?]/.test(resource)) {
      throw notImplemented(`IAM's judgement of ${action} on ${resource}: it holds a wildcard`);
    }
    const result = await this.simulate(principal, region, authorization, sent);
    if (result.overallResult !== 'Allowed') {
      const [service = ''] = action.split(':');
      const code = codes[service] ?? 'AccessDeniedException';
      const status = jsonRpcServices.includes(service) ? 400 : 403;
      const message = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
      throw new AwsError(code, status, `${message} ${reason(result, action)}`);
    }
  }

  /** The same question has the same answer, and most questions are asked many times. */
  private judged(question: Question): Promise<RunSimulationResults> {
    const key = JSON.stringify(question);
    const known = this.answers.get(key);
    if (known) {
      return known;
    }
    if (this.answers.size === MOST_ANSWERS) {
      this.answers.clear();
    }
    const answer = runSimulation(question, {});
    this.answers.set(key, answer);
    return answer;
  }

  private async simulate(
    principal: Principal,
    region: string,
    authorization: Authorization,
    sent: Readonly<Record<string, string>>,
  ): Promise<Judged> {
    const { action, resource, context = {}, resourcePolicy } = authorization;
    const documents = principal.roleName ? this.source.policiesInForce(principal.roleName) : (principal.policies ?? []);
    const identityPolicies: SimulationIdentityPolicy[] = documents.map((policy, i) => ({ name: `policy${i}`, policy }));
    const simulation = await this.judged({
      request: {
        principal: principal.arn,
        action,
        resource: { resource, accountId: principal.account },
        contextVariables: {
          'aws:PrincipalArn': principalArnOf(principal),
          'aws:PrincipalAccount': principal.account,
          'aws:ResourceAccount': principal.account,
          's3:ResourceAccount': principal.account,
          'aws:RequestedRegion': region,
          'aws:SecureTransport': 'true',
          ...principalContext(principal),
          ...sent,
          ...context,
        },
      },
      identityPolicies,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy,
    });
    if (simulation.resultType === 'error') {
      throw notImplemented(`IAM's judgement of ${action} on ${resource}: ${JSON.stringify(simulation.errors)}`);
    }
    const results = simulation.resultType === 'single' ? [simulation.result] : simulation.results;
    const dropped = results
      .flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys)
      .filter((key) => key in context);
    if (dropped.length > 0) {
      throw notImplemented(`the condition key ${dropped.join(', ')} of ${action}`);
    }
    return simulation;
  }
}

type Question = Parameters<typeof runSimulation>[0];
type Judged = Exclude<RunSimulationResults, { resultType: 'error' }>;

/** The end of AWS's message, which tells where to look. */
function reason(judged: Judged, action: string): string {
  if (judged.overallResult !== 'ExplicitlyDenied') {
    return `because no identity-based policy allows the ${action} action`;
  }
  const resourceAnalysis = judged.resultType === 'single' ? judged.result.analysis.resourceAnalysis : undefined;
  const where = resourceAnalysis?.result === 'ExplicitlyDenied' ? 'a resource' : 'an identity';
  return `with an explicit deny in ${where}-based policy`;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function principalContext(principal: Principal): Record<string, string> {
  const { arn, account, session, service } = principal;
  return {
    // A service that passes its caller's rights on; not one that assumed a role.
    'aws:ViaAWSService': String(principal.shownAccessKeyId !== undefined),
    'aws:PrincipalIsAWSService': String(service !== undefined),
    ...(service && { 'aws:PrincipalServiceName': arn }),
    ...(service?.sourceArn !== undefined && { 'aws:SourceArn': service.sourceArn, 'aws:SourceAccount': account }),
    ...(!service && { 'aws:userid': session ? `${session.roleId}:${session.name}` : userId(arn) }),
    ...(session?.sourceIdentity !== undefined && { 'aws:SourceIdentity': session.sourceIdentity }),
  };
}

/** `aws:PrincipalArn` of a session is its role's ARN. */
function principalArnOf(principal: Principal): string {
  return principal.roleName ? `arn:aws:iam::${principal.account}:role/${principal.roleName}` : principal.arn;
}
