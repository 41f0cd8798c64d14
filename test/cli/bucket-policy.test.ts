import { describe, expect, it } from 'vitest';
import { attributeOwners, resolved } from '../../cli/resolved-template';
import { bucketPolicyProblems, pinnedIds } from '../../core/audit/bucket-policy';
import { type BucketSettings, bucketProblems } from '../../core/audit/bucket-settings';

const facts = {
  stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts/1',
  stackName: 'Prompts',
  parameters: new Map([['Team', 'blue']]),
  resources: new Map([
    ['Ledger', { type: 'AWS::S3::Bucket', physicalId: 'ledger' }],
    ['Role', { type: 'AWS::IAM::Role', physicalId: 'Prompts-Role-1' }],
    ['Key', { type: 'AWS::KMS::Key', physicalId: 'abc' }],
  ]),
  template: {},
};
const DECLARED = [
  {
    ...{ Sid: 'Ssl', Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*' },
    Resource: [{ 'Fn::GetAtt': ['Ledger', 'Arn'] }, { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Ledger', 'Arn'] }, '/*']] }],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
  {
    ...{ Sid: 'OnlyThis', Effect: 'Deny', Principal: { AWS: '*' }, Action: ['s3:PutObject', 's3:PutObjectAcl'] },
    Resource: { 'Fn::Sub': `\${Ledger.Arn}/ledger/*` },
    Condition: {
      ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': 'Role.Arn' } },
      StringNotLike: { 'aws:userid': { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Role', 'RoleId'] }, ':*']] } },
    },
  },
];
type Statement = Record<string, unknown> & { Condition: Record<string, Record<string, unknown>> };
const deployed = (): Statement[] => [
  {
    ...{ Sid: 'Ssl', Effect: 'Deny', Principal: '*', Action: 's3:*' },
    Resource: ['arn:aws:s3:::ledger/*', 'arn:aws:s3:::ledger'],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
  {
    ...{ Sid: 'OnlyThis', Effect: 'Deny', Principal: { AWS: '*' }, Action: ['s3:PutObjectAcl', 's3:PutObject'] },
    Resource: 'arn:aws:s3:::ledger/ledger/*',
    Condition: {
      ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/Prompts-Role-1' },
      StringNotLike: { 'aws:userid': 'AROA0123456789:*' },
    },
  },
];
const judge = (change: (statements: [Statement, Statement, ...Statement[]]) => void) => {
  const statements = deployed() as [Statement, Statement, ...Statement[]];
  change(statements);
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return bucketPolicyProblems(policy, resolved(DECLARED, facts) as unknown[]);
};
const set = (statement: Statement, operator: string, keys: Record<string, unknown>) => {
  statement.Condition[operator] = keys;
};

describe('The policy of the ledger bucket', () => {
  it('as the stack declares it is in order, in whatever order AWS shows it', () => {
    expect(judge((statements) => void statements.reverse())).toEqual([]);
  });

  it.each<[string, (statements: [Statement, Statement, ...Statement[]]) => void]>([
    ['a value', ([one]) => set(one, 'Bool', { 'aws:SecureTransport': 'true' })],
    ['a value more', ([one]) => set(one, 'Bool', { 'aws:SecureTransport': ['false', 'true'] })],
    ['a key more', ([one]) => set(one, 'Bool', { 'aws:SecureTransport': 'false', 'aws:ViaAWSService': 'false' })],
    ['an operator more', ([one]) => set(one, 'StringEquals', { 'aws:PrincipalAccount': '1' })],
    [
      'IfExists',
      ([one]) => void Object.assign(one, { Condition: { BoolIfExists: { 'aws:SecureTransport': 'false' } } }),
    ],
    ['a role', ([, two]) => set(two, 'ArnNotEquals', { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/m' })],
    ['a pattern for an id', ([, two]) => set(two, 'StringNotLike', { 'aws:userid': '*:*' })],
    ['two ids', ([, two]) => set(two, 'StringNotLike', { 'aws:userid': ['AROA0123456789:*', 'AIDA1:*'] })],
    ['a resource', ([, two]) => void Object.assign(two, { Resource: 'arn:aws:s3:::ledger/other/*' })],
    ['an action less', ([, two]) => void Object.assign(two, { Action: 's3:PutObject' })],
    ['NotAction', ([, two]) => void Object.assign(two, { NotAction: two.Action, Action: undefined })],
    ['a principal', ([, two]) => void Object.assign(two, { Principal: { AWS: 'arn:aws:iam::111122223333:root' } })],
    ['the effect', ([, two]) => void Object.assign(two, { Effect: 'Allow' })],
    ['the Sid', ([, two]) => void Object.assign(two, { Sid: 'Other' })],
  ])('with another %s is a finding', (_, change) => {
    expect(judge(change)).not.toEqual([]);
  });

  it('with a statement more, of either effect, or one twice, is a finding', () => {
    const more = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' } as unknown as Statement;
    expect(judge((all) => void all.push(more))).toEqual([expect.stringContaining('does not declare')]);
    expect(judge((all) => void all.push(all[0]))).toEqual([expect.stringContaining('does not declare')]);
  });

  it('says which ids it names', () => {
    const policy = JSON.stringify({ Statement: deployed()[1] });
    expect(pinnedIds(policy, 'OnlyThis')).toEqual(['AROA0123456789']);
    expect(attributeOwners(DECLARED, 'RoleId')).toEqual(['Role']);
    expect(attributeOwners({ 'Fn::Sub': `\${Role.RoleId}:*` }, 'RoleId')).toEqual(['Role']);
  });
});

describe('A value of a template', () => {
  it.each([
    [
      { 'Fn::Sub': [`\${Own}-\${Team}-\${AWS::Region}-\${!Literal}`, { Own: { Ref: 'Ledger' } }] },
      `ledger-blue-us-east-1-\${Literal}`,
    ],
    [{ 'Fn::GetAtt': 'Key.Arn' }, 'arn:aws:kms:us-east-1:111122223333:key/abc'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Team' }]] }, 'a-blue'],
    [{ 'Fn::ImportValue': 'x' }, '\0'],
    [{ Ref: 'Elsewhere' }, '\0'],
  ])('%j', (value, expected) => {
    expect(resolved(value, facts)).toBe(expected);
  });
});

describe('The settings of the ledger bucket', () => {
  const declared = { keyId: 'abc', statements: [], pinnedRoles: [], retention: 'GOVERNANCE for 365 days' };
  const encryption = { algorithm: 'aws:kms', keyArn: 'arn:aws:kms:us-east-1:111122223333:key/abc' };
  const found = (settings: BucketSettings) => bucketProblems({ encryption, ...settings }, declared);

  it('are in order as declared, and where they were not read', () => {
    expect(found({ retention: 'GOVERNANCE for 365 days' })).toEqual([]);
    expect(found({})).toEqual([]);
  });

  it.each<BucketSettings>([
    { retention: null },
    { retention: 'GOVERNANCE for 1 days' },
    { retention: 'COMPLIANCE for 365 days' },
    { encryption: { algorithm: 'aws:kms', keyArn: 'arn:aws:kms:us-east-1:999999999999:key/other' } },
    { encryption: { algorithm: 'AES256', keyArn: null } },
  ])('%j is a finding', (settings) => {
    expect(found(settings)).toHaveLength(1);
  });
});

describe('The ids that a ledger’s policy pins', () => {
  const policy = (Condition: object) =>
    JSON.stringify({ Statement: [{ Sid: 'OnlyThisPublisherWritesVersions', Effect: 'Deny', Condition }] });
  const ids = (Condition: object) => pinnedIds(policy(Condition), 'OnlyThisPublisherWritesVersions');

  it('are those before the colon, and not whether the key is there', () => {
    const written = { StringNotLike: { 'aws:userid': 'AROA1:*' }, Null: { 'aws:userid': 'false' } };
    expect(ids(written)).toEqual(['AROA1']);
    expect(pinnedIds(policy(written), 'Another')).toEqual([]);
  });

  it('are what stands there also where it is no id of a role: then the ledger takes nothing', () => {
    expect(ids({ StringNotLike: { 'AWS:UserId': ['111122223333:*', 'AROA1:*'] } })).toEqual(['111122223333', 'AROA1']);
  });
});
