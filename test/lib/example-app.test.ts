import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { promptsOfFolder } from '../../cli/prompt-folder';
import { Prompt } from '../../lib';

const folder = mkdtempSync(join(tmpdir(), 'example-app-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('The example app has the prompts that `types` writes: those in folders, no partials, no folders called so', async () => {
  mkdirSync(join(folder, 'team/old.prompt'), { recursive: true });
  for (const path of ['advisor.prompt', 'team/sorter.prompt', 'team/_style.prompt', 'team/old.prompt/kept.prompt'])
    writeFileSync(join(folder, path), 'Be brief');
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  vi.stubEnv(
    'CDK_CONTEXT_JSON',
    JSON.stringify({
      ...context,
      promptsDir: folder,
      'aws:cdk:bundling-stacks': [],
      'aws:cdk:disable-asset-staging': true,
    }),
  );
  const { app } = await import('../../bin/app');
  const deployed = app.node.findAll().flatMap((one) => (one instanceof Prompt ? [one.promptName] : []));
  const { prompts } = await promptsOfFolder(folder);
  expect(deployed.sort()).toEqual(['advisor', 'kept', 'sorter']);
  expect(prompts.map(({ name }) => name).sort()).toEqual(deployed);
});
