import { afterEach, describe, expect, it, vi } from 'vitest';
import { PromptClient } from '../../client';
import { environmentOptions } from '../../client/environment';

afterEach(() => vi.unstubAllEnvs());

describe('Method: fromEnvironment', () => {
  it('reads what a grant sets', () => {
    expect(environmentOptions({ PROMPT_REGISTRY_PREFIX: '/prompts/prod' })).toEqual({
      parameterPrefix: '/prompts/prod',
    });
    expect(
      environmentOptions({
        PROMPT_REGISTRY_PREFIX: '/prompts/prod',
        PROMPT_REGISTRY_ALIAS: 'PROD',
        PROMPT_REGISTRY_SNAPSHOT: 'prompts.json',
      }),
    ).toEqual({ parameterPrefix: '/prompts/prod', alias: 'PROD', snapshot: 'prompts.json' });
  });

  it('says which variable is missing, and what sets it', () => {
    vi.stubEnv('PROMPT_REGISTRY_PREFIX', '');
    expect(() => PromptClient.fromEnvironment()).toThrow(
      expect.objectContaining({
        code: 'MissingEnvironment',
        message: expect.stringMatching(/^PROMPT_REGISTRY_PREFIX is not set; alias.grants.invoke\(fn\) sets it$/),
      }),
    );
  });

  it('lets code overrule the environment', async () => {
    vi.stubEnv('PROMPT_REGISTRY_PREFIX', '/prompts/prod');
    vi.stubEnv('PROMPT_REGISTRY_ALIAS', 'PROD');
    const names: string[] = [];
    const ssm = {
      send: async (command: object) => {
        const { Names } = (command as { input: { Names: string[] } }).input;
        names.push(...Names.slice(0, 1));
        return { InvalidParameters: Names };
      },
    };
    await PromptClient.fromEnvironment({ ssm })
      .get('p')
      .catch(() => undefined);
    await PromptClient.fromEnvironment({ ssm, alias: 'QA' })
      .get('p')
      .catch(() => undefined);
    expect(names).toEqual(['/prompts/prod/p/PROD', '/prompts/prod/p/QA']);
  });
});
