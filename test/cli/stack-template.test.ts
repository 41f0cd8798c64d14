import { describe, expect, it } from 'vitest';
import { readRegistryTemplate } from '../../cli/registry-template';
import { readStackTemplate } from '../../cli/stack-template';

describe('A template', () => {
  it('in YAML is read as the same one in JSON: short forms as long ones, values as texts', () => {
    const yaml = `
Resources:
  A:
    Type: Custom::X
    DependsOn: [B, C]
    Properties:
      Ref: !Ref P
      Att: !GetAtt B.Arn
      Sub: !Sub "\${P}-x"
      Join: !Join ["", [a, !Ref P]]
      If: !If [Is, {a: !Ref P}, !Ref AWS::NoValue]
      Import: !ImportValue x
      Number: 007
      Date: 2012-10-17
      Empty: ~
`;
    expect(readStackTemplate(yaml).Resources?.A).toEqual({
      Type: 'Custom::X',
      DependsOn: ['B', 'C'],
      Properties: {
        Ref: { Ref: 'P' },
        Att: { 'Fn::GetAtt': 'B.Arn' },
        Sub: { 'Fn::Sub': `\${P}-x` },
        Join: { 'Fn::Join': ['', ['a', { Ref: 'P' }]] },
        If: { 'Fn::If': ['Is', { a: { Ref: 'P' } }, { Ref: 'AWS::NoValue' }] },
        Import: { 'Fn::ImportValue': 'x' },
        ...{ Number: '007', Date: '2012-10-17', Empty: '~' },
      },
    });
  });

  it.each([
    ['{"Resources":{"A":{"Type":"X"}}}'],
    ['{Resources: {A: {Type: X}}}'],
    ['\n# by hand\nResources: {A: {Type: X}}\n'],
    ['---\nResources:\r\n  A:\r\n    Type: X\r\n'],
  ])('may be written as %j', (body) => {
    expect(readStackTemplate(body).Resources).toEqual({ A: { Type: 'X' } });
  });

  it('that is neither is refused by name', () => {
    expect(() => readStackTemplate('a: [')).toThrow("the stack's template cannot be read");
  });

  it.each([
    ['a text', '{"guards":["errors"],"steps":[5,25,50]}', { steps: [5, 25, 50] }],
    [
      'a join, as CDK writes it where alarms are of the same app',
      {
        'Fn::Join': [
          '',
          [
            '{"guards":["errors","',
            { 'Fn::GetAtt': ['A', 'Arn'] },
            '","',
            { 'Fn::GetAtt': ['B', 'Arn'] },
            '"],"steps":[5,50]}',
          ],
        ],
      },
      { steps: [5, 50] },
    ],
    ['a text with references', { 'Fn::Sub': `{"guards":["\${A.Arn}"],"steps":[1]}` }, { steps: [1] }],
    ['a split', '{"for":86400,"scores":[],"steps":[50]}', { steps: [50], for: 86_400 }],
    ['what only CloudFormation knows', { 'Fn::ImportValue': 'settings' }, { steps: [] }],
  ])('says that an alias rolls out, in which steps and for how long: %s', (_, Rollout, rollout) => {
    const Properties = { PromptName: 'advisor', AliasName: 'PROD', Rollout };
    const Resources = { Plan: { Type: 'Custom::PromptReleasePlan', Properties } };
    expect(readRegistryTemplate(JSON.stringify({ Resources })).aliases[0]?.rollout).toEqual(rollout);
  });

  it('in YAML names its aliases; a target that is a reference is none in source', () => {
    const { aliases, parameterPrefix } = readRegistryTemplate(`
Resources:
  Plan:
    Type: Custom::PromptReleasePlan
    Properties: {PromptName: advisor, AliasName: PROD, Target: !Ref AdvisorProdVersion, TargetParameter: AdvisorProdVersion, CallableVersions: 3}
  Pointer:
    Type: AWS::SSM::Parameter
    Properties: {Name: /prompts/test/advisor/PROD}
`);
    expect([parameterPrefix, aliases]).toEqual([
      '/prompts/test',
      [
        {
          ...{ promptName: 'advisor', aliasName: 'PROD', parameterId: 'AdvisorProdVersion' },
          ...{ sourceTarget: undefined, callableVersions: 3 },
        },
      ],
    ]);
  });

  it.each([
    ['null'],
    ['Resources:'],
    ['{"Resources":{"A":null}}'],
    ['{"Resources":{"A":{"Type":"Custom::PromptReleasePlan","Properties":null}}}'],
    [
      '{"Resources":{"A":{"Type":"Custom::PromptReleasePlan","Properties":{"PromptName":{"Ref":"X"},"AliasName":"A"}}}}',
    ],
  ])('of somebody else has no aliases: %s', (body) => {
    expect(readRegistryTemplate(body)).toMatchObject({ parameterPrefix: undefined, aliases: [], policies: [] });
  });

  it('in YAML names its policies, whether they hold the plan in a list, with a dot or within a text', () => {
    const statements = [
      '!GetAtt [Plan, Version1]',
      '!GetAtt Plan.Version1',
      `!Sub "\${Plan.Version1}"`,
      `!Sub ["x\${Plan.Version1}", {}]`,
    ];
    const { policies } = readRegistryTemplate(`
Resources:
  Plan:
    Type: Custom::PromptReleasePlan
    Properties: {PromptName: advisor, AliasName: PROD}
${statements
  .map(
    (resource, at) => `  Policy${at}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: "bedrock:GetPrompt", Resource: ${resource}}`,
  )
  .join('\n')}
  Foreign:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: !GetAtt OtherPlan.Version1}]}}
`);
    expect(policies.map(({ logicalId }) => logicalId)).toEqual(['Policy0', 'Policy1', 'Policy2', 'Policy3']);
  });
});
