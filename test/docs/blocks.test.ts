import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, test } from 'vitest';
import { Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type MarkdownBlock, markdownBlocks, markdownPages } from './markdown';

// Inside the repository, so that its packages are found.
const FOLDER = resolve('.docs-blocks');

/** What a block without imports may take for granted: it stands in the constructor of a stack. */
const IMPORTS = `
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnPrompt, CfnPromptVersion } from 'aws-cdk-lib/aws-bedrock';
import { Prompt as OfficialPrompt } from '@aws-cdk/aws-bedrock-alpha';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { type ApplicationListener, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LambdaTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as registryPackage from 'cdk-prompt-registry';
import { PromptClient } from 'cdk-prompt-registry/client';
const { AliasGuardrail, AliasTarget, CallableVersionsGuard, CombinedCallerPolicy, LangfuseEndpoint, LangfuseFront, ModelCatalog, Prompt, PromptAlias, PromptAuditTrail,
  ModelLifecycleWatch, PromptChangeNotifications, PromptDashboard, PromptRegistry, PromptVariant } = registryPackage;
declare const registry: registryPackage.PromptRegistry, prompt: registryPackage.Prompt;
declare const prod: registryPackage.PromptAlias, staging: registryPackage.PromptAlias;
declare const role: iam.Role, applicationRole: iam.Role, auditorRole: iam.Role, application: lambda.Function, fn: lambda.Function;
declare const listener: ApplicationListener, topic: sns.Topic, cfnPrompt: CfnPrompt, cfnVersion: CfnPromptVersion, official: OfficialPrompt;
declare const prompts: PromptClient, bedrock: BedrockRuntimeClient;
`;

function asModule({ text }: MarkdownBlock): string {
  if (/^import /m.test(text)) return text;
  return `${IMPORTS}\nclass Example extends Stack {\n  async example() {\n${text}\n  }\n}\n`;
}

describe('The TypeScript blocks of the pages', () => {
  const blocks = markdownPages()
    .flatMap(markdownBlocks)
    .filter(({ language }) => language === 'ts');
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  test('all of them compile', () => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    const names = blocks.map((block, index) => {
      const name = `block-${index + 1}.ts`;
      writeFileSync(join(FOLDER, name), asModule(block));
      return name;
    });
    const { compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8'));
    const paths = {
      'cdk-prompt-registry': [resolve('lib/index.ts')],
      'cdk-prompt-registry/client': [resolve('client/index.ts')],
      'cdk-prompt-registry-local-aws': [resolve('packages/local-aws/index.ts')],
    };
    const options = {
      ...compilerOptions,
      module: 'es2022',
      noUnusedLocals: false,
      typeRoots: [resolve('node_modules/@types')],
      paths,
    };
    writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: names }));
    expect(compilerMessages(blocks)).toEqual([]);
  });

  test.each([
    ['README.md', 'prompts/financial-analysis.prompt', 'FinancialAnalysisProdVersion'],
    ['docs/getting-started.md', 'prompts/greeting.prompt', 'GreetingProdVersion'],
  ])('the app of %s synthesizes as it stands', (page, promptFile, parameter) => {
    const [app] = markdownBlocks(page).filter(({ language, text }) => language === 'ts' && text.includes('new App()'));
    const [prompt] = markdownBlocks(page).filter(({ language }) => language === 'prompt');
    mkdirSync(join(FOLDER, 'prompts'), { recursive: true });
    writeFileSync(join(FOLDER, promptFile), prompt?.text ?? readFileSync(promptFile, 'utf8'));
    writeFileSync(join(FOLDER, 'app.ts'), app?.text ?? '');
    execFileSync(process.execPath, [resolve('node_modules/tsx/dist/cli.mjs'), 'app.ts'], {
      cwd: FOLDER,
      env: { ...process.env, CDK_OUTDIR: join(FOLDER, 'cdk.out') },
    });
    const template = JSON.parse(readFileSync(join(FOLDER, 'cdk.out/Prompts.template.json'), 'utf8'));
    expect(Object.keys(template.Parameters)).toContain(parameter);
  });
});

describe('The prompt files of the pages', () => {
  const files = markdownPages()
    .flatMap(markdownBlocks)
    .filter(({ language }) => language === 'prompt');

  test.each(files)('$place synthesizes without a warning', ({ text }) => {
    const folder = mkdtempSync(join(tmpdir(), 'docs-prompt-'));
    writeFileSync(join(folder, 'example.prompt'), text);
    const stack = new Stack(new App({ outdir: join(folder, 'cdk.out') }), 'Prompts');
    const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/prod' });
    const variant = PromptVariant.fromFile(join(folder, 'example.prompt'));
    new Prompt(stack, 'Example', { registry, variant }).addAlias('PROD');
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

/** What the compiler says, with the block's place instead of its file. */
function compilerMessages(blocks: readonly MarkdownBlock[]): string[] {
  try {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', FOLDER], { encoding: 'utf8' });
    return [];
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^.*block-(\d+)\.ts/, (_, number) => blocks[Number(number) - 1]?.place ?? ''));
  }
}
