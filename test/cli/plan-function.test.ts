import { describe, expect, it } from 'vitest';
import { planFunctionOf } from '../../cli/registry-template';
import { readStackTemplate } from '../../cli/stack-template';

const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:Platform-Plan';
const FACTS = {
  stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Team/1',
  stackName: 'Team',
  parameters: new Map([['PlanArn', ARN]]),
  resources: new Map(),
};

const facts = (token: string) => {
  const properties = `{ ServiceToken: ${token}, PromptName: letters, AliasName: PROD }`;
  const { Resources = {} } = readStackTemplate(
    `Resources:\n  Plan:\n    Type: Custom::PromptReleasePlan\n    Properties: ${properties}\n`,
  );
  return { ...FACTS, template: Resources };
};

describe('the function that plans the releases of a stack is found', () => {
  it.each([
    ['as an ARN', ARN, { arn: ARN }],
    ['in a parameter', '!Ref PlanArn', { arn: ARN }],
    [
      'put together',
      `!Sub "arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:Platform-Plan"`,
      { arn: ARN },
    ],
    ['in what another stack exports', '!ImportValue plan', { exportName: 'plan' }],
    [
      'in an export whose name is put together',
      `{ Fn::ImportValue: !Sub "\${AWS::StackName}-plan" }`,
      { exportName: 'Team-plan' },
    ],
    ['nowhere: only CloudFormation resolves it', '"{{resolve:ssm:/platform/plan}}"', undefined],
    ['nowhere: a function of the stack itself', '!GetAtt Handler.Arn', undefined],
    ['nowhere', '!Ref Nothing', undefined],
  ])('%s', (_, token, found) => {
    expect(planFunctionOf(facts(token))).toEqual(found);
  });
});
