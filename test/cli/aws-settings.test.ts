import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCommand } from './command-process';
import { fakeTerminal } from './fake-terminal';

const CONFIG = `
[profile login]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Reader
region = us-east-1
[profile session]
sso_session = house
sso_account_id = 111122223333
sso_role_name = Reader
region = us-east-1
[sso-session house]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile bare]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
`;

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'aws-settings-'));
  mkdirSync(join(home, '.aws'));
  writeFileSync(join(home, '.aws', 'config'), CONFIG);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('Where the AWS settings are no good, the command says what to do:', () => {
  it.each([
    ['no Region', ['list'], {}, 64, 'no Region', 'set AWS_REGION'],
    ['no Region in the profile', ['list', '--profile', 'bare'], {}, 64, 'no Region', 'into the profile bare'],
    [
      'a Region that is none',
      ['list', '--profile', 'login', '--region', 'x!'],
      {},
      64,
      'no Region has the name x!',
      '',
    ],
    [
      'no such profile',
      ['list', '--profile', 'nobody'],
      {},
      6,
      'no profile nobody',
      'profiles there: bare, login, session',
    ],
    ['a profile mistyped', ['status', '--profile', 'loign'], {}, 6, 'no profile loign', 'did you mean login?'],
    ['no such profile in the environment', ['history'], { AWS_PROFILE: 'nobody' }, 6, 'no profile nobody', 'login'],
    ['nobody logged in', ['list', '--profile', 'login'], {}, 6, 'have expired', 'aws sso login --profile login'],
    [
      'a session without a token',
      ['list'],
      { AWS_PROFILE: 'session' },
      6,
      'have expired',
      'aws sso login --profile session',
    ],
  ])('%s', async (_, args, more, exitCode, what, fix) => {
    const environment = { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...more };
    const { code, stdout, stderr } = await startCommand(args, environment).finished;
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toMatch(/^error {2}/);
    expect(stderr).toContain(what);
    expect(stderr).toContain(fix);
  });
});

describe('A terminal that', () => {
  it('has no width is taken for 80 columns', () => {
    expect(fakeTerminal(0).terminal.width).toBe(80);
    expect(fakeTerminal(0, { COLUMNS: 'wide' }).terminal.width).toBe(80);
  });

  it('cannot erase a line gets none that moves', async () => {
    const { terminal, output } = fakeTerminal(80, { TERM: 'dumb' });
    await terminal.progress('reading', () => new Promise((resolve) => setTimeout(resolve, 500)));
    expect(output()).toBe('');
  });
});
