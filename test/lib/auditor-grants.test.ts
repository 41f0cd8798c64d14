import { type CfnElement, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { PromptAuditTrail, PromptRegistry } from '../../lib';
import { newApp, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const ACCOUNT = new AccountRootPrincipal();

/** What the role got, from all of its policies. */
function statementsOf(stack: Stack, role: Role): Statement[] {
  const id = Stack.of(role).getLogicalId(role.node.defaultChild as CfnElement);
  return Object.values(resourcesOf(templateOf(stack), 'AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(id))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

const actionsOf = (statements: Statement[]) => [...new Set(statements.flatMap(({ Action }) => Action))].sort();

describe('an auditor', () => {
  it('reads what the audit needs, and writes nothing anywhere', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry }).addAlias('PROD');
    const role = new Role(stack, 'Auditor', { assumedBy: ACCOUNT });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role);

    const actions = actionsOf(statementsOf(stack, role));
    expect(actions).toMatchInlineSnapshot(`
      [
        "bedrock:GetPrompt",
        "bedrock:ListPrompts",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListPublicKeys",
        "cloudtrail:LookupEvents",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:ListEntitiesForPolicy",
        "iam:ListPolicies",
        "iam:ListPolicyVersions",
        "kms:Decrypt",
        "s3:GetBucketLocation",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetObject",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "ssm:GetParameterHistory",
        "ssm:GetParametersByPath",
      ]
    `);
    const reads = /^[a-z0-9]+:(Get|List|Describe|Lookup)[A-Za-z]+$|^kms:Decrypt$/;
    expect(actions.filter((action) => !reads.test(action))).toEqual([]);
  });

  it('reads prompts that are defined after the grant, each by its own ARN', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const role = new Role(stack, 'Auditor', { assumedBy: ACCOUNT });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role);
    for (const promptName of ['one', 'two']) promptIn(stack, { registry, promptName });

    const [prompts] = statementsOf(stack, role).filter(({ Action }) => [Action].flat().includes('bedrock:GetPrompt'));
    expect(prompts?.Resource).toEqual(
      ['OnePrompt', 'TwoPrompt'].map((id) => ({
        'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(`^${id}`), 'Arn'] }, '*']],
      })),
    );
  });

  it('decrypts with each key only what the registry encrypted with it', () => {
    const stack = stackIn();
    const [ledgerKey, promptKey] = [new Key(stack, 'LedgerKey'), new Key(stack, 'PromptKey')];
    const registry = new PromptRegistry(stack, 'Registry', { encryptionKey: ledgerKey });
    promptIn(stack, { registry, encryptionKey: promptKey });
    const role = new Role(stack, 'Auditor', { assumedBy: ACCOUNT });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role);

    const decrypting = statementsOf(stack, role).filter(({ Action }) => Action === 'kms:Decrypt');
    const through = (key: string) => decrypting.find(({ Condition }) => JSON.stringify(Condition).includes(key));
    expect(decrypting).toHaveLength(2);
    expect(through('kms:ViaService')?.Resource).toHaveLength(2);
    expect(through('kms:EncryptionContext:aws:bedrock-prompts:arn')?.Resource).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^PromptKey/), 'Arn'],
    });
  });

  it('in the stack of the registry reads prompts of other stacks without holding them', () => {
    const app = newApp();
    const [platform, team] = [stackIn(app, 'Platform'), stackIn(app, 'Team')];
    const registry = registryIn(platform);
    promptIn(team, { registry, encryptionKey: new Key(team, 'Key') });
    const role = new Role(platform, 'Auditor', { assumedBy: ACCOUNT });
    new PromptAuditTrail(platform, 'Audit', { registries: [registry] }).grants.audit(role);

    const text = JSON.stringify(statementsOf(platform, role));
    expect(text).toContain(':bedrock:us-east-1:111122223333:prompt/*');
    expect(text).toContain(':stack/Team/*');
    expect(templateOf(team).Outputs).toBeUndefined();
  });

  it('may live in another stack than the registry', () => {
    const app = newApp();
    const [prompts, audit] = [stackIn(app), stackIn(app, 'Audit')];
    const registry = registryIn(prompts);
    promptIn(prompts, { registry });
    const role = new Role(audit, 'Auditor', { assumedBy: ACCOUNT });
    new PromptAuditTrail(audit, 'Audit', { registries: [registry] }).grants.audit(role);

    app.synth();
    expect(JSON.stringify(statementsOf(audit, role))).toContain('Fn::ImportValue');
    expect(JSON.stringify(templateOf(prompts))).not.toContain('Auditor');
  });

  it.each(['Prompts', 'Prompts-of-all-the-teams-in-production'])(
    'reads the roles of a registry in the stack %s, by the names that CloudFormation makes',
    (stackName) => {
      const stack = new Stack(newApp(), 'Named', { stackName, env: { account: '111122223333', region: 'us-east-1' } });
      const registry = registryIn(stack);
      const role = new Role(stack, 'Auditor', { assumedBy: ACCOUNT });
      new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role);

      const own = statementsOf(stack, role).filter(({ Action }) => Action === 'iam:GetRole');
      const pattern = JSON.stringify(own.map(({ Resource }) => Resource)).match(/role\/([^"]+)"/)?.[1] ?? '';
      // 64 characters at most: the stack's name is cut for the logical id and 12 random characters.
      const generated = `${stackName.slice(0, 29)}-PublisherRole77EA4D21-ABCDEFGHIJKL`;
      expect(pattern.endsWith('*') && generated.startsWith(pattern.slice(0, -1)), pattern).toBe(true);
      expect(pattern.length).toBeGreaterThan('Prompts-'.length);
    },
  );

  it('is granted once, however often it is asked for', () => {
    const stack = stackIn();
    const role = new Role(stack, 'Auditor', { assumedBy: ACCOUNT });
    const { grants } = new PromptAuditTrail(stack, 'Audit', { registries: [registryIn(stack)] });
    grants.audit(role);
    const once = statementsOf(stack, role).length;
    grants.audit(role);
    expect(statementsOf(stack, role)).toHaveLength(once);
  });

  it.each([
    ['a service', () => new ServicePrincipal('athena.amazonaws.com'), 'something that has no role'],
    ['a user', (stack: Stack) => new User(stack, 'User'), undefined],
    [
      'a role that CDK may not change',
      (stack: Stack) => Role.fromRoleArn(stack, 'Theirs', 'arn:aws:iam::111122223333:role/theirs', { mutable: false }),
      'an imported role that CDK may not change',
    ],
    [
      'a role of another account',
      (stack: Stack) => Role.fromRoleArn(stack, 'Theirs', 'arn:aws:iam::999922223333:role/theirs'),
      'a role of account 999922223333',
    ],
  ])('cannot be %s', (_, make, problem) => {
    const stack = stackIn();
    const { grants } = new PromptAuditTrail(stack, 'Audit', { registries: [registryIn(stack)] });
    expect(() => grants.audit(make(stack))).toThrow(
      new RegExp(`Prompts/Audit: expected a role of this account that CDK may change.*${problem ?? ''}`),
    );
  });

  it('of more prompts than a role’s policy could name reads all of the account', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    for (let index = 0; index < 41; index++) promptIn(stack, { registry, promptName: `prompt-${index}` });
    const role = new Role(stack, 'Auditor', { assumedBy: ACCOUNT });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role);
    expect(JSON.stringify(statementsOf(stack, role))).toContain(':prompt/*');
  });
});
