import { runSimulation } from '@cloud-copilot/iam-simulate';
import { AwsError } from '../aws-error';

/** An IAM policy as JSON text that was checked. */
export interface PolicyDocument {
  readonly text: string;
  readonly value: object;
}

type Kind = 'identity' | 'trust' | 'resource';

interface Statement {
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
}

/** Parses and checks a policy as IAM or S3 does when one is stored; throws `code` (400). */
export async function parsePolicyDocument(text: string, kind: Kind, code: string): Promise<PolicyDocument> {
  const malformed = (message: string) => new AwsError(code, 400, message);
  const value = parseObject(text);
  if (!value) {
    throw malformed('This policy contains invalid Json');
  }
  const statements = [(value as { Statement?: Statement | Statement[] }).Statement ?? []].flat();
  if (!statements.every(isObject)) throw malformed('Syntax errors in policy.');
  for (const statement of statements) {
    const resources = [statement.Resource ?? [], statement.NotResource ?? []].flat();
    if (kind === 'trust' && resources.length > 0) {
      throw malformed('Has prohibited field Resource');
    }
    // iam-simulate answers *allowed* for an empty string; IAM refuses to store it.
    const bad = resources.find((resource) => resource !== '*' && !String(resource).startsWith('arn:'));
    if (bad !== undefined) {
      throw malformed(`Resource ${bad} must be in ARN format or "*".`);
    }
  }
  const problem = await grammarProblem(value, kind);
  if (statements.length === 0 || problem) {
    throw malformed(`Syntax errors in policy. ${problem ?? 'Statement is missing'}`);
  }
  return { text, value };
}

/**
 * Size as IAM's quotas count it: without white space.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function policySize(text: string): number {
  return text.replace(/\s/g, '').length;
}

/** A trust policy has no Resource: it speaks of the role that bears it. */
export function trustAsResourcePolicy(trust: object, roleArn: string): object {
  const { Statement } = trust as { Statement: object | object[] };
  return { ...trust, Statement: [Statement].flat().map((statement) => ({ Resource: roleArn, ...statement })) };
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The simulator checks the grammar of all policies it is handed before it judges anything. */
async function grammarProblem(value: object, kind: Kind): Promise<string | undefined> {
  const isIdentity = kind === 'identity';
  const result = await runSimulation(
    {
      request: {
        principal: 'arn:aws:iam::111122223333:user/anyone',
        action: 'sts:AssumeRole',
        resource: { resource: 'arn:aws:iam::111122223333:role/any', accountId: '111122223333' },
        contextVariables: {},
      },
      identityPolicies: isIdentity ? [{ name: 'policy', policy: value }] : [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: isIdentity ? undefined : kind === 'trust' ? trustAsResourcePolicy(value, '*') : value,
    },
    {},
  );
  if (result.resultType !== 'error') {
    return undefined;
  }
  const { identityPolicyErrors, resourcePolicyErrors } = result.errors;
  return [...(identityPolicyErrors?.policy ?? []), ...(resourcePolicyErrors ?? [])]
    .map(({ message, path }) => `${path}: ${message}`)
    .join('; ');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
