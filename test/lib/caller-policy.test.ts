import { describe, expect, it } from 'vitest';
import { idOf, onlyResource, promptIn, stackIn, type TemplateJson, templateOf } from './prompt-app';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';

function withProd(callableVersions: number, encrypted = false): TemplateJson {
  const stack = stackIn();
  const encryptionKey = { keyRef: { keyArn: KEY, keyId: 'id' } } as never;
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
        Resource: {
          'Fn::Join': [
            '',
            [
              'arn:',
              { Ref: 'AWS::Partition' },
              ':ssm:us-east-1:111122223333:parameter/prompts/prod/financial-analysis/PROD',
            ],
          ],
        },
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

  it('has no wildcard of its own, so none that reaches the draft', () => {
    expect(JSON.stringify(statements)).not.toMatch(/[*?]/);
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

  it('fits into the 6,144 characters of a managed policy, with five versions on long model names', () => {
    const lengths = new Map([
      ['CallableArn', 'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ:12345'],
      ['ModelArn', 'arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/none'],
      ['ProfileArn', `arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:inference-profile/us-gov.${'m'.repeat(50)}`],
      ['ProfileModelArn', `arn:aws-us-gov:bedrock:*::foundation-model/${'m'.repeat(50)}`],
      ['GlobalModelArn', `arn:aws-us-gov:bedrock:::foundation-model/${'m'.repeat(50)}`],
    ]);
    const deployed = JSON.stringify(documentOf(withProd(5, true))).replace(
      /\{"Fn::GetAtt":\["[^"]+","([A-Za-z]+)\d?"\]\}/g,
      (_, name) =>
        JSON.stringify(lengths.get(name) ?? 'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ'),
    );
    expect(deployed.length).toBeLessThan(6_144);
  });
});
