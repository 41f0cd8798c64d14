import { App, Stack } from 'aws-cdk-lib';
import { describe, expect, test, vi } from 'vitest';

/** The package's modules, loaded once more, as a second copy in the tree would be. */
async function anotherCopy() {
  vi.resetModules();
  const { claimInEnvironment } = await import('../../lib/private/claimed-name');
  const { takeTurns } = await import('../../lib/private/taking-turns');
  const { appMemory, firstTime } = await import('../../lib/private/app-memory');
  return { claimInEnvironment, takeTurns, appMemory, firstTime };
}

describe('Two copies of the package in one app', () => {
  test('see that a name is taken', async () => {
    const [one, other] = [await anotherCopy(), await anotherCopy()];
    expect(one.claimInEnvironment).not.toBe(other.claimInEnvironment);
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
    one.claimInEnvironment(stack, 'alias /prompts/x/PROD', 'the alias PROD of x');
    expect(() => other.claimInEnvironment(stack, 'alias /prompts/x/prod', 'the alias prod of x')).toThrow(
      /NameTaken|uses/,
    );
  });

  test('remember for each construct alone, and once', async () => {
    const [one, other] = [await anotherCopy(), await anotherCopy()];
    const [about, neighbour] = [{}, {}];
    one
      .appMemory('test', (): string[] => [])(about)
      .push('a');
    expect(other.appMemory('test', (): string[] => [])(about)).toEqual(['a']);
    expect(other.appMemory('test', (): string[] => [])(neighbour)).toEqual([]);
    expect(Object.keys(about)).toEqual([]);
    expect([one.firstTime('once')(about), other.firstTime('once')(about), one.firstTime('once')(neighbour)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
