import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, Stack, Stage } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { SUITES_FILE } from '../../core/contract/prompt-evaluator';
import type { SuiteFile } from '../../core/evaluation/suite-file';
import { modelIdentifier } from '../../core/models/model-identifier';
import { modelRoute } from '../../core/models/model-route';
import { judgesOf } from './evaluator-judges';
import { handlerBundle } from './handler-bundle';

/** The folder of the function: its code, and the suites next to it. */
export function evaluatorCode(scope: IConstruct, suites: readonly SuiteFile[]): string {
  const folder = join((Stage.of(scope) as Stage).outdir, `prompt-evaluator-${scope.node.addr}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(handlerBundle('prompt-evaluator'), 'index.js'), join(folder, 'index.js'));
  const byDigest = Object.fromEntries(suites.map(({ digest, suite }) => [digest, suite]));
  writeFileSync(join(folder, SUITES_FILE), JSON.stringify(byDigest));
  return folder;
}

/** The right to ask the judges of the suites: models and profiles that no alias may have. */
export function judgeStatements(scope: IConstruct, suites: readonly SuiteFile[]): PolicyStatement[] {
  return judgesOf(suites).flatMap((model) => statementsOf(scope, model));
}

function statementsOf(scope: IConstruct, model: string): PolicyStatement[] {
  const actions = ['bedrock:InvokeModel'];
  const stack = Stack.of(scope);
  const { kind, id } = modelIdentifier(model);
  if (kind === 'model' || kind === 'own') return [new PolicyStatement({ actions, resources: [model] })];
  if (kind === 'id' && modelRoute(model) === 'on-demand') {
    const resource = `arn:${stack.partition}:bedrock:${stack.region}::foundation-model/${model}`;
    return [new PolicyStatement({ actions, resources: [resource] })];
  }
  const named = stack.formatArn({
    service: 'bedrock',
    resource: 'inference-profile',
    resourceName: model,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  const profile = kind === 'id' ? named : model;
  // The name of an application's profile says neither its model nor whether that is `global.`: the condition alone says it.
  const isOpaque = kind === 'application-profile';
  const behind = isOpaque ? '*' : id.slice(id.indexOf('.') + 1);
  // The Regions of a profile are Bedrock's to choose:
  // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
  const anywhere = [`arn:${stack.partition}:bedrock:*::foundation-model/${behind}`];
  if (isOpaque || id.startsWith('global.')) {
    anywhere.push(`arn:${stack.partition}:bedrock:::foundation-model/${behind}`);
  }
  const conditions = { StringEquals: { 'bedrock:InferenceProfileArn': profile } };
  return [
    new PolicyStatement({ actions, resources: [profile] }),
    new PolicyStatement({ actions, resources: anywhere, conditions }),
  ];
}
