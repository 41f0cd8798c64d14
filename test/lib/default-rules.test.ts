import { expect, it } from 'vitest';
import { AliasTarget } from '../../lib';
import { newApp, promptIn, stackIn } from './prompt-app';

it('the template passes the CloudFormation rules inside aws-cdk-lib', () => {
  const app = newApp({ '@aws-cdk/core:validateAgainstDefaultRules': true });
  const prompt = promptIn(stackIn(app));
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  expect(() => app.synth()).not.toThrow();
});
