import { describe, expect, it } from 'vitest';
import { dependencyGraph, restrictedTo, reversed } from '../../../packages/local-aws/cloudformation/dependency-graph';
import {
  parseTemplate,
  type ResourceDefinition,
  requiredCapabilities,
} from '../../../packages/local-aws/cloudformation/template';
import { TemplateEvaluation } from '../../../packages/local-aws/cloudformation/template-evaluation';

const template = {
  Resources: {},
  Mappings: { Sizes: { prod: { memory: 512 } } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] },
    IsOther: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsOther' }] },
    One: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsOther' }] },
  },
};

const evaluation = new TemplateEvaluation({
  template,
  values: { 'AWS::Region': 'us-east-1', Env: 'prod', List: ['a', 'b'], Number: '1' },
  ref: (id) => `ref-of-${id}`,
  attribute: (id, name) => `${name}-of-${id}`,
  importValue: (name) => `import-of-${name}`,
  ssmParameter: async (name) => `ssm-of-${name}`,
});

it.each<[string, unknown, unknown]>([
  ['Ref of a parameter', { Ref: 'Env' }, 'prod'],
  ['Ref of a list', { 'Fn::Join': ['-', { Ref: 'List' }] }, 'a-b'],
  ['Ref of a resource', { Ref: 'Bucket' }, 'ref-of-Bucket'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'Arn-of-Bucket'],
  ['GetAtt with dots', { 'Fn::GetAtt': ['Thing', 'A.B'] }, 'A.B-of-Thing'],
  ['GetAtt as text', { 'Fn::GetAtt': 'Thing.A.B' }, 'A.B-of-Thing'],
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholders
  [
    'Sub',
    { 'Fn::Sub': '${AWS::Region}/${Bucket}/${Bucket.Arn}/${!Literal}' },
    'us-east-1/ref-of-Bucket/Arn-of-Bucket/${Literal}',
  ],
  ['Sub with its own names', { 'Fn::Sub': ['${x}-${Env}', { x: { Ref: 'Number' } }] }, '1-prod'],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholders
  ['Join', { 'Fn::Join': ['', ['a', { Ref: 'Env' }, 3]] }, 'aprod3'],
  ['Split and Select', { 'Fn::Select': ['1', { 'Fn::Split': [',', 'x,y,z'] }] }, 'y'],
  ['Split of nothing', { 'Fn::Split': [',', ''] }, ['']],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Env' }, 'memory'] }, 512],
  ['If', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
  ['conditions of conditions', [{ Condition: 'Both' }, { Condition: 'One' }], [false, true]],
  ['numbers equal to their text', { 'Fn::Equals': [1, { Ref: 'Number' }] }, true],
  ['ImportValue', { 'Fn::ImportValue': 'shared' }, 'import-of-shared'],
  ['a dynamic reference inside text', 'x {{resolve:ssm:/a/b}} y', 'x ssm-of-/a/b y'],
  [
    'NoValue, left out of objects and lists',
    { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] },
    { b: [1] },
  ],
  ['objects that only look like intrinsics', { Ref: 'Env', more: 1 }, { Ref: 'Env', more: 1 }],
  ['a policy’s Condition', { Condition: { Bool: { x: 'true' } } }, { Condition: { Bool: { x: 'true' } } }],
])('%s', async (_, expression, expected) => {
  expect(await evaluation.resolve(expression)).toEqual(expected);
});

it.each<[string, unknown]>([
  ['the intrinsic Fn::Base64', { 'Fn::Base64': 'x' }],
  ['the pseudo-parameter AWS::Unknown', { Ref: 'AWS::Unknown' }],
  ['the dynamic reference {{resolve:ssm-secure:x}}', '{{resolve:ssm-secure:x}}'],
])('%s is refused by name', async (what, expression) => {
  await expect(evaluation.resolve(expression)).rejects.toThrow(`local-aws does not implement ${what}`);
});

describe('the order of resources', () => {
  const definitions = (needs: Record<string, unknown>) =>
    new Map(Object.entries(needs).map(([id, p]) => [id, { Type: 'X', Properties: { p } } as ResourceDefinition]));

  it('follows Ref, GetAtt, Sub and DependsOn', () => {
    const known = definitions({
      ...{ A: 'x', B: { Ref: 'A' }, C: { 'Fn::GetAtt': ['B', 'Arn'] }, E: 'y' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholders
      D: { 'Fn::Sub': ['${C.Arn} ${Own} ${AWS::Region} ${!E}', { Own: { Ref: 'A' } }] },
    });
    known.set('F', { Type: 'X', DependsOn: ['D', 'E'] });
    const graph = dependencyGraph(known, new Set());
    expect([...graph].map(([id, needs]) => [id, [...needs].sort()])).toEqual([
      ...[
        ['A', []],
        ['B', ['A']],
        ['C', ['B']],
        ['E', []],
        ['D', ['A', 'C']],
        ['F', ['D', 'E']],
      ],
    ]);
    expect([...(reversed(graph).get('C') ?? [])]).toEqual(['D']);
    expect([...(restrictedTo(graph, new Set(['A', 'C'])).get('C') ?? [])]).toEqual(['A']);
  });

  it('refuses references to nothing, and circles', () => {
    expect(() => dependencyGraph(definitions({ A: { Ref: 'Nothing' } }), new Set())).toThrow(
      'Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template',
    );
    expect(() => dependencyGraph(definitions({ A: { Ref: 'B' }, B: { Ref: 'A' }, C: 'x' }), new Set())).toThrow(
      'Circular dependency between resources: [A, B]',
    );
  });
});

describe('a template', () => {
  it.each([
    ['no capability without resources of IAM', 'AWS::SSM::Parameter', {}, []],
    ['CAPABILITY_IAM for a policy', 'AWS::IAM::Policy', {}, ['CAPABILITY_IAM']],
    ['CAPABILITY_NAMED_IAM for a role with a name', 'AWS::IAM::Role', { RoleName: 'r' }, ['CAPABILITY_NAMED_IAM']],
  ])('needs %s', (_, Type, Properties, capabilities) => {
    expect(requiredCapabilities({ Resources: { A: { Type, Properties } } })).toEqual(capabilities);
  });

  it('may be YAML as the CDK writes it: dates stay text', () => {
    const { Resources } = parseTemplate(
      "Resources:\n  P:\n    Type: X\n    Properties:\n      Version: 2012-10-17\n      No: 'yes'\n",
    );
    expect(Resources.P?.Properties).toEqual({ Version: '2012-10-17', No: 'yes' });
  });

  it('may be YAML with short forms of the intrinsics', () => {
    const { Resources } = parseTemplate(
      'Resources:\n  P:\n    Type: X\n    Properties: {A: !Ref B, C: !GetAtt [D, E], F: !If [G, !Sub "h", !Ref I]}\n',
    );
    const F = { 'Fn::If': ['G', { 'Fn::Sub': 'h' }, { Ref: 'I' }] };
    expect(Resources.P?.Properties).toEqual({ A: { Ref: 'B' }, C: { 'Fn::GetAtt': ['D', 'E'] }, F });
  });

  it.each([
    ['template section Transform', { Transform: 'AWS::Serverless', Resources: { A: { Type: 'X' } } }],
    ['resource attribute CreationPolicy (A)', { Resources: { A: { Type: 'X', CreationPolicy: {} } } }],
    ['removal policy Snapshot (A)', { Resources: { A: { Type: 'X', DeletionPolicy: 'Snapshot' } } }],
  ])('with a %s is refused by name', (what, body) => {
    expect(() => parseTemplate(JSON.stringify(body))).toThrow(`local-aws does not implement ${what}`);
  });
});
