import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { AliasTarget, type Prompt } from '../../lib';
import { ENV, newApp, promptIn, registryIn, type TemplateJson, templateOf } from './prompt-app';

function define(registryScope: Construct, promptScope: Construct): void {
  const prompt: Prompt = promptIn(promptScope, { registry: registryIn(registryScope) });
  prompt.addAlias('STAGING');
  const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  expect(prod.readerPolicy).toBeDefined();
}

function stack(): Stack {
  // Paths are metadata, which no resource follows.
  const app = newApp({ 'aws:cdk:enable-path-metadata': false });
  return new Stack(app, 'Prompts', { env: ENV });
}

/** DependsOn is a set, and CDK writes it in the order of paths. */
function unordered({ Resources, ...rest }: TemplateJson) {
  const sorted = Object.entries(Resources).map(([id, { DependsOn = [], ...resource }]) => [
    id,
    { ...resource, DependsOn: [DependsOn].flat().sort() },
  ]);
  return { ...rest, Resources: Object.fromEntries(sorted) };
}

describe('logical ids', () => {
  it('are frozen: a changed one deletes the alias of a user', () => {
    const here = stack();
    define(here, here);
    const { Resources, Parameters } = templateOf(here);

    expect(Object.entries(Resources).map(([id, { Type }]) => `${id} ${Type}`)).toMatchInlineSnapshot(`
      [
        "Ledger4DA7084A AWS::S3::Bucket",
        "LedgerPolicy29CD1511 AWS::S3::BucketPolicy",
        "VersionHandlerLogs8DFD896E AWS::Logs::LogGroup",
        "PlanHandlerLogs562D1157 AWS::Logs::LogGroup",
        "AliasHandlerLogs15FAAD77 AWS::Logs::LogGroup",
        "PublisherRole77EA4D21 AWS::IAM::Role",
        "ReleaserRole3A9A5F66 AWS::IAM::Role",
        "VersionHandlerC05C5EE8 AWS::Lambda::Function",
        "VersionHandlerInvocationCA8E924F AWS::Lambda::EventInvokeConfig",
        "PlanHandler741BC918 AWS::Lambda::Function",
        "PlanHandlerInvocation87C20EC3 AWS::Lambda::EventInvokeConfig",
        "AliasHandler514C8A80 AWS::Lambda::Function",
        "AliasHandlerInvocation809F7479 AWS::Lambda::EventInvokeConfig",
        "FinancialAnalysisPromptD988EA43 AWS::Bedrock::Prompt",
        "FinancialAnalysisVersion9603CC46 Custom::PromptVersion",
        "FinancialAnalysisStagingReleasePlanAA16D761 Custom::PromptReleasePlan",
        "FinancialAnalysisStagingCallerPolicy39517E07 AWS::IAM::ManagedPolicy",
        "FinancialAnalysisStagingAliasC2D77F96 Custom::PromptAlias",
        "FinancialAnalysisStagingParameter2C7CAB99 AWS::SSM::Parameter",
        "FinancialAnalysisProdReleasePlanA5356C60 Custom::PromptReleasePlan",
        "FinancialAnalysisProdCallerPolicy1497793D AWS::IAM::ManagedPolicy",
        "FinancialAnalysisProdAlias22158F8F Custom::PromptAlias",
        "FinancialAnalysisProdParameter0AB4EA3C AWS::SSM::Parameter",
        "FinancialAnalysisProdReaderPolicy13CCF384 AWS::IAM::ManagedPolicy",
        "PublisherPrompts739BDA0B AWS::IAM::Policy",
        "ReleaserPrompts1E935FF2 AWS::IAM::Policy",
        "PromptReleaseBarrier AWS::CloudFormation::WaitConditionHandle",
        "ReleaseReason18CDBFFE Custom::ReleaseReason",
      ]
    `);
    expect(Object.keys(Parameters ?? {})).toMatchInlineSnapshot(`
      [
        "FinancialAnalysisWithdrawnVersions",
        "FinancialAnalysisProdVersion",
        "ReleaseReason",
        "BootstrapVersion",
      ]
    `);
  });

  it('and all else in the template stay when constructs move in the tree', () => {
    const flat = stack();
    define(flat, flat);
    const nested = stack();
    define(new Construct(new Construct(nested, 'Platform'), 'Registry'), new Construct(nested, 'Prompts'));

    expect(unordered(templateOf(nested))).toEqual(unordered(templateOf(flat)));
  });
});
