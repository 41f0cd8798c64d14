import {
  type AttachedPolicy,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { LocalAws } from '../../packages/local-aws';
import { clientsOf, type Verdict } from './clients';

/** One question to IAM. */
export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string>;
}

/** The policies of a role as IAM shows them, and what they say to a question without any request being made. */
export class IamDocuments {
  private constructor(
    private readonly aws: LocalAws,
    private readonly roleName: string,
    private readonly documents: { readonly name: string; readonly policy: unknown }[],
  ) {}

  static async of(aws: LocalAws, RoleName: string): Promise<IamDocuments> {
    const { iam } = clientsOf(aws);
    const documents: { name: string; policy: unknown }[] = [];
    const add = (name: string, text = '') => documents.push({ name, policy: JSON.parse(decodeURIComponent(text)) });
    for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName })) {
      for (const PolicyName of PolicyNames) {
        add(PolicyName, (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument);
      }
    }
    const attached: AttachedPolicy[] = [];
    for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
      attached.push(...AttachedPolicies);
    }
    for (const { PolicyArn, PolicyName = '' } of attached) {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const version = { PolicyArn, VersionId: Policy?.DefaultVersionId };
      add(PolicyName, (await iam.send(new GetPolicyVersionCommand(version))).PolicyVersion?.Document);
    }
    return new IamDocuments(aws, RoleName, documents);
  }

  /** `allowed` if every question is; a resource's own policy can be given. */
  async verdict(questions: readonly Question[], resourcePolicy?: object): Promise<Verdict> {
    for (const question of questions) {
      if ((await this.simulate(question, resourcePolicy)) !== 'Allowed') return 'refused';
    }
    return 'allowed';
  }

  private async simulate({ action, resource, context = {} }: Question, resourcePolicy?: object): Promise<string> {
    const { account, region } = this.aws;
    const principal = `arn:aws:sts::${account}:assumed-role/${this.roleName}/simulated`;
    const result = await runSimulation(
      {
        request: {
          ...{ principal, action, resource: { resource, accountId: account } },
          contextVariables: {
            'aws:PrincipalArn': `arn:aws:iam::${account}:role/${this.roleName}`,
            'aws:RequestedRegion': region,
            'aws:SecureTransport': 'true',
            ...context,
          },
        },
        identityPolicies: this.documents as never,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy,
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
    return result.overallResult;
  }
}
