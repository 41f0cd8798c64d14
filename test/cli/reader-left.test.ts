import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../packages/local-aws/aws-error';
import { CommandWorld } from './command-world';

const on = CommandWorld.forThisFile();
const command = join(__dirname, '../../dist/bin/prompt-registry.js');

/** A line of bash around the command; answers the command's own exit code, and what was seen of its output. */
function line(text: string): Promise<{ code: number; seen: string }> {
  const script = text.replace('prompt-registry', `"${process.execPath}" "${command}"`);
  const child = spawn('bash', ['-c', `${script}; echo "code \${PIPESTATUS[0]}" >&3`], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...on.aws.environment() },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let [seen, code] = ['', ''];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (seen += chunk));
  child.stdio[3]?.on('data', (chunk) => (code += chunk));
  return new Promise((resolve) => child.once('close', () => resolve({ code: Number(code.slice(5)), seen })));
}

describe('A release whose reader leaves', () => {
  it.each([
    ['2>&1 | head -n 1', 0],
    ['| head -n 1', 0],
    ['2>&1 | true', 0],
    ['--json 2> >(true) | true', 0],
    ['> /dev/full', 0],
  ] as const)('goes on to its end: %s', async (pipe, expected) => {
    await on.prodAt(1);
    const { code, seen } = await line(`prompt-registry promote advisor PROD --to :2 --yes ${pipe}`);
    expect([code, await on.pointer()]).toEqual([expected, 2]);
    expect(seen).not.toContain('nothing was moved');
  });

  it('says with its exit code that it was rolled back', async () => {
    await on.prodAt(1);
    on.fault = (logicalId, step) => step === 'Update' && /^AdvisorProdParameter/.test(logicalId);
    expect((await line('prompt-registry promote advisor PROD --to :2 --yes 2>&1 | head -n 1')).code).toBe(4);
    expect(await on.pointer()).toBe(1);
  });

  it.each(['SIGHUP', 'SIGTERM'] as const)('on %s says that CloudFormation goes on', async (signal) => {
    await on.prodAt(1);
    const letGo = on.hold();
    const { child, finished } = on.start('promote advisor PROD --to :2 --yes');
    await on.executed();
    child.kill(signal);
    const { code, stderr } = await finished;
    letGo();
    expect([code, stderr]).toEqual([130, expect.stringContaining('CloudFormation is still running the release')]);
    expect(await on.world.settled()).toBe('UPDATE_COMPLETE');
    expect(await on.pointer()).toBe(2);
  });

  it('on SIGTERM before CloudFormation began leaves no change set behind', async () => {
    await on.prodAt(1);
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    on.aws.interceptors.push(async ({ operation }) => {
      if (operation !== 'ListEntitiesForPolicy') return;
      isAsked();
      await ended;
    });
    const { child, finished } = on.start('promote advisor PROD --to :2 --yes');
    await asked;
    child.kill('SIGTERM');
    const result = await finished;
    end();
    expect(result).toMatchObject({ code: 130, stderr: expect.stringContaining('nothing was moved') });
    expect(on.aws.calls.at(-1)?.operation).toBe('DeleteChangeSet');
  });

  it('whose end cannot be looked at does not say that nothing was moved', async () => {
    await on.prodAt(1);
    let isExecuted = false;
    on.aws.interceptors.push(({ operation }) => {
      isExecuted ||= operation === 'ExecuteChangeSet';
      if (isExecuted && operation === 'GetParametersByPath')
        throw new AwsError('AccessDeniedException', 400, 'not yours');
    });
    const { code, stderr } = await on.run('promote advisor PROD --to :2 --yes');
    expect([code, stderr]).toEqual([7, expect.stringContaining('after CloudFormation was done: UPDATE_COMPLETE')]);
    on.aws.interceptors.length = 0;
    expect(await on.pointer()).toBe(2);
  });
});

describe('Other commands', () => {
  it('whose output cannot be written fail', async () => {
    if (!existsSync('/dev/full')) return;
    expect((await line('prompt-registry list > /dev/full')).code).toBe(1);
    expect((await line('prompt-registry list | true')).code).toBe(0);
  });
});
