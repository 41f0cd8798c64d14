import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Stack, Stage } from 'aws-cdk-lib';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { Construct } from 'constructs';
import { afterAll, describe, expect, it } from 'vitest';
import { types } from '../../cli/commands/types';
import { Interruption } from '../../cli/interruption';
import { AliasTarget, Prompt, PromptMessage, PromptVariant } from '../../lib';
import { fakeTerminal } from '../cli/fake-terminal';
import { ENV, newApp, promptIn, registryIn, stackIn } from './prompt-app';

const folder = mkdtempSync(join(tmpdir(), 'types-of-app-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function typesOf(app: string, ...positionals: string[]) {
  const { terminal, output } = fakeTerminal(undefined);
  const run = types.run({
    ...{ terminal, positionals, values: { app, out: '-' }, interruption: new Interruption(), commands: [] },
    now: () => new Date(),
    openRegistry: () => Promise.reject(new Error('types needs no AWS')),
  });
  const failure = await run.then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { output: output(), failure };
}

const typesOfApp = (app: App) => typesOf(app.synth().directory);

/** A second prompt of its own registry, so that names can differ by environment. */
function environment(scope: Construct, prefix: string, text: string): void {
  promptIn(scope, { registry: registryIn(scope, prefix), promptName: 'advisor', text: { text } });
}

describe('prompt-registry types --app', () => {
  it('follows promptName, variants in code and overrides, and what the app leaves out', async () => {
    const app = newApp();
    const stack = stackIn(app);
    const registry = registryIn(stack);
    const path = join(folder, 'a name of its own.prompt');
    writeFileSync(path, '---\nmodel: m\ninput: { schema: { ticker: string } }\n---\nExplain {{ticker}}');
    writeFileSync(join(folder, 'unused.prompt'), 'Nobody deploys {{this}}');
    new Prompt(stack, 'File', { registry, promptName: 'stock-story', variant: PromptVariant.fromFile(path) });
    const messages = [PromptMessage.user('Sort {{letter}}')];
    new Prompt(stack, 'Code', { registry, promptName: 'sorter', variant: PromptVariant.chat({ messages }) });
    const changed = promptIn(stack, { registry, promptName: 'changed' }).node.defaultChild as CfnPrompt;
    const template = 'Variants.0.TemplateConfiguration.Text';
    changed.addPropertyOverride(template, { Text: 'Of {{market}}', InputVariables: [{ Name: 'market' }] });

    const { output, failure } = await typesOfApp(app);
    expect(failure).toBeUndefined();
    expect(output).toContain(
      [
        "  changed: { type: 'TEXT'; variables: { market: string } };",
        "  sorter: { type: 'CHAT'; variables: { letter: string } };",
        "  'stock-story': { type: 'TEXT'; variables: { ticker: string } };",
        '}',
      ].join('\n'),
    );
  });

  it('takes one of environments that are alike, in stages too, and refuses those that are not', async () => {
    const app = newApp();
    const inStage = (name: string) => new Stack(new Stage(app, name), 'Prompts', { env: { ...ENV, region: name } });
    environment(inStage('eu-west-1'), '/prompts', 'Explain {{ticker}}');
    environment(inStage('us-east-1'), '/prompts', 'Explain {{ticker}} otherwise');
    const alike = await typesOfApp(app);
    expect(alike.failure).toBeUndefined();
    expect(alike.output).toContain("  advisor: { type: 'TEXT'; variables: { ticker: string } };");

    const other = newApp();
    environment(new Stack(other, 'Test', { env: ENV }), '/prompts', 'Explain {{ticker}}');
    const prod = new Stack(other, 'Prod', { env: { ...ENV, region: 'eu-west-1' } });
    environment(prod, '/prompts', 'Explain {{stock}}');
    promptIn(prod, { registry: registryIn(new Construct(prod, 'More'), '/more'), promptName: 'fine' });
    const { output, failure } = await typesOfApp(other);
    expect(output).toContain('  fine: {');
    expect(output).not.toContain('advisor');
    expect(failure).toMatch(
      /^prompt advisor has other variables or another type in .*Test\.template\.json and .*Prod\.template/,
    );
  });

  it('has the adopted prompts whose content the app holds, and says which it has not', async () => {
    const app = newApp();
    const stack = stackIn(app);
    const registry = registryIn(stack);
    const variant = { name: 'a', templateType: 'TEXT', templateConfiguration: { text: { text: 'Hi' } } };
    const old = new CfnPrompt(stack, 'Old', { name: 'old', variants: [variant] });
    const target = AliasTarget.version(3);
    Prompt.fromPromptRef(stack, 'Adopted', old, { registry }).addAlias('PROD', { target });
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ';
    Prompt.fromPromptArn(stack, 'Far', arn, { registry, promptName: 'far' }).addAlias('PROD', { target });

    const { output, failure } = await typesOfApp(app);
    expect(failure).toBeUndefined();
    expect(output).toContain("  old: { type: 'TEXT'; variables: Record<string, never> };");
    expect(output).toContain('skipped far: the app adopts it and does not hold its content');
  });

  it('says what is missing', async () => {
    expect((await typesOf(folder)).failure).toMatch(/cannot read .*manifest\.json/);
    const app = newApp();
    new Stack(app, 'Empty');
    expect((await typesOfApp(app)).failure).toMatch(/^no prompt of a registry in /);
    expect((await typesOf('cdk.out', 'prompts')).failure).toMatch(/not both/);
  });
});
