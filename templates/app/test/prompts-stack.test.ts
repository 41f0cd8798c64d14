import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PromptsStack } from '../lib/prompts-stack';

test('a prompt moves to PROD only when it is released', () => {
  const environment = { name: 'prod', parameterPrefix: '/prompts/prod', alias: 'PROD' } as const;
  const template = Template.fromStack(new PromptsStack(new App(), 'Prompts', environment));
  template.resourceCountIs('AWS::Bedrock::Prompt', 2);
  template.hasParameter('GreetingProdVersion', { Default: 'none' });
  template.hasResourceProperties('AWS::SSM::Parameter', { Name: '/prompts/prod/support/PROD' });
});
