import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, it } from 'vitest';
import { longestDocument } from './longest-document';
import { idOf, onlyResource, promptIn, resourcesOf, stackIn, type TemplateJson, templateOf } from './prompt-app';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';

const encryptionKey = { keyRef: { keyArn: KEY, keyId: 'id' } } as never;

function withProd(callableVersions: number, encrypted = false): TemplateJson {
  const stack = stackIn();
  promptIn(stack, encrypted ? { encryptionKey } : {}).addAlias('PROD', { callableVersions });
  return templateOf(stack);
}

function documentOf(template: TemplateJson) {
  return onlyResource(template, 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument;
}

describe('the policy of callers', () => {
  const template = withProd(2);
  const statements = documentOf(template).Statement;
  const slot = (name: string) => ({ 'Fn::GetAtt': [idOf(template, 'FinancialAnalysisProdReleasePlan'), name] });
  const invoke = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];

  it('names every callable version and its models, in slots that the plan fills', () => {
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: ['bedrock:GetPrompt', 'bedrock:RenderPrompt'],
        Resource: [slot('CallableArn1'), slot('CallableArn2')],
      },
      {
        Effect: 'Allow',
        Action: ['ssm:GetParameter', 'ssm:GetParameters'],
        Resource: ['', '/*'].map((below) => ({
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              `:ssm:us-east-1:111122223333:parameter/prompts/prod/financial-analysis/PROD${below}`,
            ],
          ],
        })),
      },
      {
        Effect: 'Allow',
        Action: invoke,
        Resource: [slot('ModelArn1'), slot('ProfileArn1'), slot('ModelArn2'), slot('ProfileArn2')],
      },
      ...[1, 2].map((index) => ({
        Effect: 'Allow',
        Action: invoke,
        Resource: [slot(`ProfileModelArn${index}`), slot(`GlobalModelArn${index}`)],
        Condition: { StringEquals: { 'bedrock:InferenceProfileArn': slot(`ProfileArn${index}`) } },
      })),
    ]);
  });

  it('has one wildcard of its own, below the alias’s parameter, so none that reaches the draft', () => {
    const texts = JSON.stringify(statements).match(/"[^"]*[*?][^"]*"/g);
    expect(texts).toEqual(['":ssm:us-east-1:111122223333:parameter/prompts/prod/financial-analysis/PROD/*"']);
    expect(JSON.stringify(statements)).not.toContain(idOf(template, 'FinancialAnalysisPrompt'));
  });

  it('has as many slots as callable versions', () => {
    expect(documentOf(withProd(5)).Statement[0].Resource).toHaveLength(5);
  });

  it('decrypts with the key of the prompt, under the context of that prompt', () => {
    const encrypted = withProd(2, true);
    const prompt = { 'Fn::GetAtt': [idOf(encrypted, 'FinancialAnalysisPrompt'), 'Arn'] };
    expect(documentOf(encrypted).Statement).toContainEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: KEY,
      Condition: {
        StringLike: {
          'kms:EncryptionContext:aws:bedrock-prompts:arn': [prompt, { 'Fn::Join': ['', [prompt, ':*']] }],
        },
      },
    });
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  it.each([
    ['usual names', 2, 'financial-analysis', 'PROD', 1_977],
    ['usual names', 3, 'financial-analysis', 'PROD', 2_714],
    ['usual names', 5, 'financial-analysis', 'PROD', 4_188],
    ['the longest names', 5, 'p'.repeat(100), 'A'.repeat(32), 4_408],
    ['the longest names and a key', 5, 'p'.repeat(100), 'A'.repeat(32), 4_764],
  ])('fits into the 6,144 characters of a managed policy: %s, %i versions', (what, callableVersions, ...rest) => {
    const [promptName, aliasName, size] = rest;
    const stack = stackIn();
    promptIn(stack, { promptName, ...(what.includes('key') && { encryptionKey }) }).addAlias(aliasName, {
      callableVersions,
    });
    expect(longestDocument(documentOf(templateOf(stack)))).toHaveLength(size);
    expect(size).toBeLessThanOrEqual(6_144);
  });
});

describe.each(['invoke', 'read'] as const)('what IAM says to those who may %s an alias', (access) => {
  const stack = stackIn();
  const alias = promptIn(stack).addAlias('PROD');
  if (access === 'read') void alias.readerPolicy;
  const policies = Object.values(resourcesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'));
  const [policy] = policies.filter(({ Properties }) => Properties.ManagedPolicyName.includes(`+${access}+`));
  const document = JSON.parse(longestDocument(policy?.Properties.PolicyDocument));
  const verdict = async (action: string, name: string) => {
    const place = 'us-gov-west-1:111122223333';
    const identityPolicies = [{ name: 'callers', policy: document }];
    const result = await runSimulation(
      {
        request: {
          ...{ principal: 'arn:aws-us-gov:iam::111122223333:role/app', action, contextVariables: {} },
          resource: { resource: `arn:aws-us-gov:ssm:${place}:parameter${name}`, accountId: '111122223333' },
        },
        ...{ identityPolicies, serviceControlPolicies: [], resourceControlPolicies: [] },
      },
      {},
    );
    return result.resultType === 'error' ? JSON.stringify(result.errors) : result.overallResult;
  };
  const POINTER = '/prompts/prod/financial-analysis/PROD';

  it.each([POINTER, `${POINTER}/rollout`, `${POINTER}/rollout-progress`, `${POINTER}/a/b`])(
    'is yes to reading %s',
    async (name) => {
      for (const action of ['ssm:GetParameter', 'ssm:GetParameters'])
        expect(await verdict(action, name), action).toBe('Allowed');
    },
  );

  it.each([
    `${POINTER}X`,
    `${POINTER}X/rollout`,
    `${POINTER}-2`,
    '/prompts/prod/financial-analysis/PRO',
    '/prompts/prod/financial-analysis/STAGING',
    '/prompts/prod/financial-analysis/STAGING/rollout',
    '/prompts/prod/financial-analysis/prod/rollout',
    '/prompts/prod/financial-analysis',
    '/prompts/prod/financial-analysis-2/PROD',
    '/prompts/prod/financial-analysis-2/PROD/rollout',
    '/prompts/prod2/financial-analysis/PROD/rollout',
    '/prompts/prod',
    `/x${POINTER}/rollout`,
  ])('is no to reading %s', async (name) => {
    for (const action of ['ssm:GetParameter', 'ssm:GetParameters'])
      expect(await verdict(action, name), action).toBe('ImplicitlyDenied');
  });

  it.each(['PutParameter', 'DeleteParameter', 'GetParametersByPath', 'GetParameterHistory', 'LabelParameterVersion'])(
    'is no to anything else there: %s',
    async (action) => {
      for (const name of [POINTER, `${POINTER}/rollout`])
        expect(await verdict(`ssm:${action}`, name), name).toBe('ImplicitlyDenied');
    },
  );
});
