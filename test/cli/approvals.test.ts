import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Duration } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import type { AskedMove } from '../../cli/reviews/asked-moves';
import { reviewKey } from '../../core/ledger/layout';
import { AliasTarget, Prompt, PromptVariant, Rollout } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import { session } from '../e2e/reviewers';
import { APPROVALS, ApprovalsWorld } from './approvals-world';
import { hurried } from './command-process';

const on = ApprovalsWorld.forThisFile();

const request = (to: string, who = 'alice of Author', alias = 'PROD') =>
  on.run(['request', 'advisor', alias, '--to', to, '--reason', 'CHG-1042'], who);
const approve = async (version: number, who = 'bob of Risk', alias = 'PROD') =>
  on.run(['approve', 'advisor', alias, '--to', await on.digest(version)], who);

describe('request', () => {
  it('is signed by who asks, of the content and not of its number', async () => {
    const { code, stdout, stderr } = await request('@STAGING');
    expect(code, stderr).toBe(0);
    const digest = await on.digest(3);
    expect(stdout).toContain(`✔ alice asked as authors: PROD of advisor → version 3 (${digest.slice(0, 12)}…)`);
    expect(stdout).toContain(
      'missing: expected 1 approval by risk, other than alice (who asked), not older than 7 days, found none',
    );
    expect(stdout).toContain(`prompt-registry review advisor PROD --to ${digest}`);
    const [key] = await on.reviews();
    expect(key).toMatch(
      new RegExp(`^reviews/${on.promptId}/PROD/${digest}/@authors/AROA[A-Z0-9]+:alice/99999998\\.json$`),
    );
  });

  it('of several at the same time is written by each, also by one person twice', async () => {
    const before = (await on.reviews()).length;
    const people = ['alice of Author', 'alice of Author', 'dora of Author'];
    const done = await Promise.all(people.map((who) => request(':2', who, 'CANARY')));
    expect(done.map(({ code, stderr }) => [code, stderr])).toEqual(people.map(() => [0, '']));
    expect(await on.reviews()).toHaveLength(before + 3);
  });

  it.each([
    ['who is in no such group', ':2', 'bob of Risk', 'PROD', 6, 'bob may not sign as authors'],
    ['an administrator', ':2', 'eve of Stranger', 'PROD', 6, 'eve may not sign as authors'],
    ['a version that is not there', ':9', 'alice of Author', 'PROD', 1, 'advisor has no version 9'],
    [
      'a content of another registry',
      `pd1:${'ab'.repeat(32)}`,
      'alice of Author',
      'PROD',
      1,
      'no version of advisor has',
    ],
    ['the draft', 'draft', 'alice of Author', 'PROD', 64, 'draft is no published version'],
    ['an alias without a gate', ':2', 'alice of Author', 'STAGING', 1, 'STAGING of advisor has no gate'],
    ['an alias that is there already', ':3', 'alice of Author', 'STAGING', 1, 'points to 3 already'],
    ['an alias that is not there', ':2', 'alice of Author', 'LIVE', 1, 'no alias LIVE'],
  ])('is refused for %s', async (_, to, who, alias, code, message) => {
    const before = await on.reviews();
    const refused = await request(to, who, alias);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(refused.stderr.split('\n').filter((line) => line.startsWith('error'))).toHaveLength(1);
    expect(await on.reviews()).toEqual(before);
  });

  it('of the operator, a user without a session, is refused', async () => {
    const { code, stderr } = await on.run(['request', 'advisor', 'PROD', '--to', ':2']);
    expect([code, stderr]).toEqual([6, expect.stringContaining('cannot sign a review')]);
  });

  it.each([
    ['\u001b[2J', 'U+001B'],
    ['two\nlines', 'U+000A'],
    ['hid\u200bden', 'U+200B'],
    ['', 'found none'],
    ['x'.repeat(501), 'found 501'],
  ])('takes no comment that cannot be seen in one line: %j', async (reason, found) => {
    const { code, stderr } = await on.run(
      ['request', 'advisor', 'PROD', '--to', ':2', '--reason', reason],
      'alice of Author',
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining(found)]);
    expect(stderr).not.toContain('\u001b[2J');
  });
});

describe('approve and reject', () => {
  it('take the whole digest that review printed, and nothing that may come to mean something else', async () => {
    const digest = await on.digest(3);
    for (const to of [':3', '@STAGING', digest.slice(0, 12), `${digest}0`, 'previous']) {
      const { code, stderr } = await on.run(['approve', 'advisor', 'PROD', '--to', to], 'bob of Risk');
      expect([to, code, stderr]).toEqual([to, 64, expect.stringContaining('needs the whole digest')]);
    }
    const { code, stderr } = await on.run(['reject', 'advisor', 'PROD'], 'bob of Risk');
    expect([code, stderr]).toEqual([64, expect.stringContaining('prompt-registry review advisor PROD')]);
  });

  it('of what nobody asked for is refused, and so is what somebody asked for elsewhere', async () => {
    const { code, stderr } = await approve(2);
    expect([code, stderr]).toEqual([1, expect.stringContaining('nobody asks for version 2 on PROD of advisor')]);
  });

  it('of who asked is refused, whatever role they take', async () => {
    const { code, stderr } = await approve(3, 'Alice of Risk');
    expect([code, stderr]).toEqual([1, expect.stringContaining('alice asked for it, and cannot approve it as well')]);
  });

  it('say what is missing, and when nothing is', async () => {
    const rejected = await on.run(
      ['reject', 'advisor', 'PROD', '--to', await on.digest(3), '--comment', 'names no source'],
      'carol of Risk',
    );
    expect(rejected.code, rejected.stderr).toBe(0);
    expect(rejected.stdout).toContain('✔ carol rejected as risk');
    const approved = await approve(3);
    expect(approved.stdout).toContain('missing: expected 1 approval by risk');
    expect(approved.stdout).toContain('found a rejection by carol (names no source)');
    const lifted = await approve(3, 'carol of Risk');
    expect(lifted.stdout).toContain('nothing is missing: prompt-registry promote advisor PROD --to :3');
  });
});

describe('promote and plan', () => {
  const stackCalls = () =>
    on.bench.aws.calls.filter(({ operation }) => /^(Create|Execute|Update)(ChangeSet|Stack)$/.test(operation)).length;

  it('say what is missing before there is a change set', async () => {
    const before = stackCalls();
    const { code, stderr } = await on.run(['promote', 'advisor', 'PROD', '--to', ':2', '--yes']);
    expect([code, stackCalls() - before]).toEqual([1, 0]);
    expect(stderr).toContain('PROD of advisor cannot move to 2: ApprovalMissing');
    expect(stderr).toContain('expected a request by authors and 1 approval by risk, other than who asked');
    expect(stderr).toContain('nothing was moved; prompt-registry request advisor PROD --to :2');
  });

  it('move what was agreed to, and say who asked and who agreed', async () => {
    const plan = await on.json(['plan', 'advisor', 'PROD', '--to', ':3']);
    expect(plan.consent).toMatchObject({
      asked: [{ person: 'alice', group: 'authors', comment: 'CHG-1042' }],
      approved: [{ person: 'bob' }, { person: 'carol' }],
      rejected: [],
      missing: [],
    });
    const { code, stdout, stderr } = await on.run(['promote', 'advisor', 'PROD', '--plan', plan.id, '--yes']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('✔ advisor PROD  – → 3  asked by alice, approved by bob, carol');
    expect((await on.run(['history', 'advisor', 'PROD'])).stdout).toMatch(
      /– → 3 live +asked by alice, approved by \w+\s/,
    );
    expect((await on.run(['list'])).stdout).toMatch(/PROD +3 .*asked by alice, approved by \w+\n/);
    expect((await on.run(['status', 'advisor'])).stdout).toMatch(
      /PROD {2}3 {2}callable 3 {2}asked by alice, approved by \w+\n/,
    );
  });

  it('show a plan of what nobody agreed to, and refuse to execute it', async () => {
    const plan = await on.json(['plan', 'advisor', 'PROD', '--to', ':2']);
    expect(plan.consent.missing).toEqual([{ code: 'ApprovalMissing', message: expect.stringContaining('no request') }]);
    const before = stackCalls();
    const { code } = await on.run(['promote', 'advisor', 'PROD', '--plan', plan.id, '--yes']);
    expect([code, stackCalls() - before]).toEqual([1, 0]);
  });

  it('judge with what they may read: reviews that are out of order refuse nothing on the way back', async () => {
    await request(':2');
    await approve(2);
    expect((await on.run(['promote', 'advisor', 'PROD', '--to', ':2', '--yes'])).code).toBe(0);
    on.bench.aws.interceptors.push(({ service, input }) => {
      const path = String(input.Key ?? input.Prefix ?? '');
      if (service === 's3' && path.startsWith('reviews/')) throw new AwsError('AccessDenied', 403, 'broken');
    });
    const { code, stdout, stderr } = await on.run(['rollback', 'advisor', 'PROD', '--yes']);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/consent +back to #1, asks nobody\n/);
    expect(stdout).toContain('✔ advisor PROD  2 → 3  back to #1, asks nobody\n');
  });

  it('say of a return that it asks nobody, and what let the alias come to where it stands', async () => {
    const passed = { how: 'back', asked: [], approved: [], record: 1 };
    expect((await on.run(['list'])).stdout).toMatch(/CONSENT\n.*PROD +3 .*back to #1\n/s);
    expect((await on.run(['status', 'advisor'])).stdout).toMatch(/PROD {2}3 {2}callable 3, 2 {2}back to #1\n/);
    const [listed] = await on.json(['list', 'advisor']);
    const status = await on.json(['status', 'advisor']);
    for (const { aliases } of [listed, status]) {
      expect(aliases.find(({ alias }: { alias: string }) => alias === 'PROD')).toMatchObject({ passed });
      expect(aliases.find(({ alias }: { alias: string }) => alias === 'STAGING')).not.toHaveProperty('passed');
    }
    const refused = await on.json(['plan', 'advisor', 'PROD', '--to', ':2']);
    expect(refused).toMatchObject({ consent: { missing: [{ code: 'ApprovalExpired' }] } });
    expect(refused).not.toHaveProperty('back');
  });
});

describe('review', () => {
  it('shows the one open request: words, variables, model, who asked and what is missing, to who may approve', async () => {
    const { code, stdout, stderr } = await on.run(['review', 'advisor', 'CANARY'], 'bob of Risk');
    expect(code, stderr).toBe(0);
    const digest = await on.digest(2);
    expect(stdout).toContain('{+You advise carefully on {{ticker}} in {{language}}.+}');
    expect(stdout).toContain('callers must now supply ticker; callers must now supply language');
    expect(stdout).toMatch(/alias +advisor CANARY {2}– → 2\n/);
    expect(stdout).toContain(`digest     ${digest}\n`);
    expect(stdout).toMatch(/asked +by (alice|dora) as authors, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: CHG-1042/);
    expect(stdout).toMatch(/missing +expected 1 approval by risk, other than (alice|dora) \(who asked\)/);
    expect(stdout).toContain(`\nprompt-registry approve advisor CANARY --to ${digest}\n`);
    expect(stdout.match(/ request +CANARY +CHG-1042/g)).toHaveLength(3);
  });

  it('refuses to choose among several, and says so where nobody asks', async () => {
    expect((await request(':3', 'alice of Author', 'CANARY')).code).toBe(0);
    const several = await on.run(['review', 'advisor', 'CANARY'], 'bob of Risk');
    expect([several.code, several.stderr]).toEqual([1, expect.stringContaining('2 versions are asked for on CANARY')]);
    for (const version of [2, 3])
      expect(several.stderr).toContain(`prompt-registry review advisor CANARY --to :${version}`);
    // Version 2 was left backwards since somebody asked for it.
    const none = await on.run(['review', 'advisor', 'PROD'], 'bob of Risk');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('nobody asks for a release of PROD')]);
    const named = await on.json(['review', 'advisor', 'PROD', '--to', '@STAGING'], 'bob of Risk');
    expect(named).toMatchObject({ way: 'stays', to: 3, digest: await on.digest(3), source: 'bedrock' });
  });

  it('shows what cannot be read as such, and lets nothing forward until its signers write again', async () => {
    const digest = await on.digest(3);
    const junk: [string, string][] = [
      ['{"schema":1,"kind":"appr', 'half'],
      [JSON.stringify({ schema: 9, kind: 'approve' }), 'newer'],
      ['x'.repeat(10_000_000), 'large'],
    ];
    const risk = await session(on.bench.aws, 'Risk', 'rita');
    for (const [Body, name] of junk) {
      const signer = risk.userId.replace('rita', name);
      const who = await session(on.bench.aws, 'Risk', name);
      const Key = reviewKey({ promptId: on.promptId, alias: 'CANARY', digest, group: 'risk', signer, number: 1 });
      const Bucket = await on.bench.ledgerBucket();
      await who.s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' }));
    }
    const { stdout, code } = await on.run(['review', 'advisor', 'CANARY', '--to', ':3'], 'bob of Risk');
    expect(code).toBe(0);
    for (const [, name] of junk) expect(stdout).toMatch(new RegExp(` ${name} +risk +unreadable +CANARY `));
    const found = 'found none, and a review by half, large, newer that cannot be read, which may be a rejection';
    expect(stdout).toContain(found);
  });

  it('is written as a page that needs nobody to be online', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'review-')), 'review.html');
    const { code, stderr } = await on.run(['review', 'advisor', 'CANARY', '--to', ':2', '--html', path], 'bob of Risk');
    expect([code, stderr]).toEqual([0, `wrote ${path}\n`]);
    const page = readFileSync(path, 'utf8');
    for (const part of [await on.digest(2), 'CHG-1042', 'carefully', 'What was said']) expect(page).toContain(part);
  });

  it('tells the same to a program', async () => {
    const found = await on.json(['review', 'advisor', 'CANARY', '--to', ':2'], 'bob of Risk');
    expect(found).toMatchObject({
      prompt: 'advisor',
      alias: 'CANARY',
      from: null,
      to: 2,
      live: null,
      way: 'forward',
      variables: { added: ['ticker', 'language'], removed: [] },
      model: { from: null, to: 'amazon.nova-pro-v1:0' },
      missing: [{ code: 'ApprovalMissing' }],
    });
  });
});

describe('comment', () => {
  it('is said about a content, shown with it, and hides no approval', async () => {
    const words = 'the second sentence promises too much';
    const { code, stdout, stderr } = await on.run(['comment', 'advisor:2', words], 'bob of Risk');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('✔ bob commented as ');
    expect((await on.reviews()).filter((key) => key.includes('/~/'))).toHaveLength(1);
    expect((await on.run(['show', 'advisor:2'], 'bob of Risk')).stdout).toContain(words);
    const { thread } = await on.json(['review', 'advisor', 'CANARY', '--to', ':2'], 'bob of Risk');
    expect(thread[0]).toMatchObject({ kind: 'comment', person: 'bob', alias: null, comment: words });
    // Once, though two aliases came to the version.
    const histories = await on.run(['history', 'advisor'], 'bob of Risk');
    expect(histories.stdout.match(new RegExp(` bob +\\w+ +comment +:2 +${words}`, 'g'))).toHaveLength(1);
    const told = await on.json(['history', 'advisor']);
    const counted = told.map((one: { alias: string; comments?: [] }) => [one.alias, one.comments?.length]);
    expect(Object.fromEntries(counted)).toEqual({ STAGING: 1, PROD: 1, CANARY: undefined });
    expect((await on.run(['history', 'advisor', 'CANARY'])).stdout).not.toContain(words);
    on.bench.aws.interceptors.push(({ service, input }) => {
      const path = String(input.Key ?? input.Prefix ?? '');
      if (service === 's3' && path.startsWith('reviews/')) throw new AwsError('AccessDenied', 403, 'broken');
    });
    const unread = await on.run(['history', 'advisor']);
    expect([unread.code, unread.stderr]).toEqual([0, expect.stringContaining('comments could not be read')]);
    expect(unread.stdout).toContain('chain ok');
    on.bench.aws.interceptors.length = 0;
    expect((await on.run(['show', 'advisor:2'])).stdout).toContain(words);
  });

  it('is refused to who is in no group, and without a version', async () => {
    const guest = await on.run(['comment', 'advisor:2', 'hello'], 'gus of Guest');
    expect([guest.code, guest.stderr]).toEqual([6, expect.stringContaining('gus may not sign as')]);
    const none = await on.run(['comment', 'advisor', 'hello'], 'bob of Risk');
    expect([none.code, none.stderr]).toEqual([64, expect.stringContaining('which version is the comment on?')]);
  });
});

describe('check', () => {
  it('list and status say who is waited for, by one listing of the reviews', async () => {
    const line = '2 requests wait for risk: advisor CANARY → 2, advisor CANARY → 3';
    const from = on.bench.aws.calls.length;
    const listed = await on.run(['list']);
    expect(listed.stdout).toContain(line);
    const calls = on.bench.aws.calls.slice(from);
    expect(
      calls.filter(({ operation, input }) => operation === 'ListObjectsV2' && input.Prefix === 'reviews/'),
    ).toHaveLength(1);
    // Once for each alias with a request that is not what it has: PROD went back from one, CANARY has two.
    expect(calls.filter(({ service }) => service === 'bedrock-agent').map(({ operation }) => operation)).toEqual([
      'ListPrompts',
      'ListPrompts',
    ]);
    const [{ aliases }] = await on.json(['list']);
    const requests = aliases.flatMap((alias: { alias: string; requests?: object[] }) => alias.requests ?? []);
    expect(requests).toContainEqual(expect.objectContaining({ alias: 'CANARY', version: 2, waitsFor: ['risk'] }));
    for (const args of [['status'], ['status', 'advisor']]) expect((await on.run(args)).stdout).toContain(line);
    expect((await on.json(['status', 'advisor'])).requests).toEqual(requests);
    expect((await on.json(['list'], 'bob of Risk'))[0].aliases).toEqual(aliases);
    on.bench.aws.interceptors.push(({ service, input }) => {
      const path = String(input.Key ?? input.Prefix ?? '');
      if (service === 's3' && path.startsWith('reviews/')) throw new AwsError('AccessDenied', 403, 'broken');
    });
    const unread = 'requests for an approval may not be read with these credentials';
    for (const args of [['list'], ['status'], ['status', 'advisor']]) {
      expect((await on.run(args)).stdout).toContain(`• ${unread}`);
      const { code, stdout, stderr } = await on.run([...args, '--json']);
      expect([code, stderr]).toEqual([0, `• ${APPROVALS.stack}: ${unread}\n`]);
      expect(stdout).toContain('"requests": null');
    }
  });

  it('looks at what people asked for, and exits with 2 where a gate would refuse', async () => {
    const { code, stdout } = await on.run(['check']);
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /✖ advisor CANARY {2}– → 2 {2}asked by (alice|dora)\n {2}ApprovalMissing: expected 1 approval/,
    );
    const { passes, moves } = await on.json(['check', 'advisor', 'STAGING', '--to', '@STAGING']);
    expect([passes, moves]).toEqual([true, [expect.objectContaining({ way: 'stays', missing: [] })]]);
    expect((await on.run(['check', 'advisor', 'STAGING'])).stdout).toBe('no gate is asked\n');
    const unclear = await on.run(['check', 'advisor', '--to', ':2']);
    expect([unclear.code, unclear.stderr]).toEqual([64, expect.stringContaining('which alias is to move?')]);
  });

  it('knows every move that a template asks for before it is deployed', async () => {
    const [second, third] = [await on.digest(2), await on.digest(3)];
    const cases: [AliasTarget, unknown[]][] = [
      [AliasTarget.digest(second), [2, second, 'ApprovalMissing']],
      [AliasTarget.version(9), [null, null, 'NoSuchVersion']],
      [AliasTarget.digest(`pd1:${'ab'.repeat(32)}`), [null, `pd1:${'ab'.repeat(32)}`, 'ApprovalMissing']],
    ];
    for (const [target, expected] of cases) {
      const path = await on.template((prompt) => void prompt.addAlias('NEXT', { target }));
      const { passes, moves } = await on.json(['check', '--template', path]);
      const found = moves.map(({ alias, to, digest, missing }: AskedMove) => [alias, to, digest, missing[0]?.code]);
      expect([passes, found]).toEqual([false, [['NEXT', ...expected]]]);
    }
    const same = await on.run(['check', '--template', await on.template(() => {})]);
    expect([same.code, same.stdout]).toEqual([0, 'no gate is asked\n']);

    await request(`${third}`, 'alice of Author', 'CANARY');
    await approve(3, 'bob of Risk', 'CANARY');
    const missing = async () => (await on.json(['check', 'advisor', 'CANARY', '--to', ':3'])).moves[0].missing;
    expect(await missing()).toEqual([
      { code: 'ApprovalMissing', message: expect.stringContaining('let half, large, newer write it again') },
    ]);
    for (const name of ['half', 'large', 'newer']) await approve(3, `${name} of Risk`, 'CANARY');
    expect(await missing()).toEqual([]);
  });

  it('refuses a file that is none, and one of something else', async () => {
    const missing = await on.run(['check', '--template', '/nowhere.json']);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('there is no such file')]);
    const other = await on.run(['check', '--template', 'package.json']);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('is not a template of the registry')]);
  });
});

describe('a machine whose clock is off', () => {
  const DAY = 86_400_000;

  it.each([
    ['a day ahead', DAY],
    ['a day behind', -DAY],
    ['so far ahead that all would have expired', 30 * DAY],
  ])('%s asks, approves and is answered by S3’s clock', async (_, shift) => {
    const to = await on.digest(1);
    const asked = await on.run(['request', 'advisor', 'CANARY', '--to', to], 'dora of Author', hurried(shift));
    expect(asked.code, asked.stderr).toBe(0);
    const approved = await on.run(['approve', 'advisor', 'CANARY', '--to', to], 'rolf of Risk', hurried(shift));
    expect(approved.stdout, approved.stderr).toContain('nothing is missing');
    const checked = await on.run(['check', 'advisor', 'CANARY', '--to', ':1'], undefined, hurried(shift));
    expect([checked.code, checked.stdout], checked.stderr).toEqual([0, expect.stringContaining('asked by dora')]);
    const { thread } = await on.json(['review', 'advisor', 'CANARY', '--to', ':1'], 'rolf of Risk');
    expect(Math.abs(Date.parse(thread[0].time) - Date.now())).toBeLessThan(DAY / 2);
  });
});

describe('more than anybody reads', () => {
  it('1,000 comments leave an approval what it is, and of whom there are more is said', async () => {
    const digest = await on.digest(1);
    const talker = await session(on.bench.aws, 'Legal', 'tom');
    const Bucket = await on.bench.ledgerBucket();
    const body = JSON.stringify({
      ...{ schema: 1, kind: 'comment', group: 'legal', registry: APPROVALS.parameterPrefix, promptId: on.promptId },
      ...{
        prompt: 'advisor',
        alias: '~',
        digest,
        version: 1,
        live: null,
        comment: 'hm',
        time: new Date().toISOString(),
      },
    });
    const put = (number: number) => {
      const signer = talker.userId;
      const Key = reviewKey({ promptId: on.promptId, alias: '~', digest, group: 'legal', signer, number });
      return talker.s3.send(new PutObjectCommand({ Bucket, Key, Body: body, IfNoneMatch: '*' }));
    };
    for (let from = 1; from <= 1_000; from += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => put(from + index)));
    }
    expect((await on.json(['check', 'advisor', 'CANARY', '--to', ':1'])).passes).toBe(true);
    const { stdout, stderr } = await on.run(['show', 'advisor:1'], 'bob of Risk');
    expect(stdout, stderr).toMatch(/\d+ older: --json shows them\nwhat tom said before that is not read/);
    const { thread } = await on.json(['review', 'advisor', 'CANARY', '--to', ':1'], 'bob of Risk');
    expect(thread.filter(({ person }: { person: string }) => person === 'tom')).toHaveLength(100);
    const again = await on.run(['comment', 'advisor:1', 'one more', '--as', 'legal'], 'tom of Legal');
    expect(again.code, again.stderr).toBe(0);
  });
});

describe('an approval given while another version was live', () => {
  const canary = (to: number, ...more: string[]) => ['review', 'advisor', 'CANARY', '--to', `:${to}`, ...more];
  const warnings = async (to: number) => (await on.json(canary(to), 'bob of Risk')).warnings;

  it('is named by review, its page and its JSON, and still counts', async () => {
    for (const version of [1, 2, 3]) await request(`:${version}`, 'dora of Author', 'CANARY');
    for (const version of [1, 3]) await approve(version, 'rolf of Risk', 'CANARY');
    expect(await warnings(1)).toBeUndefined();
    const promote = (to: number) => on.run(['promote', 'advisor', 'CANARY', '--to', `:${to}`, '--yes']);
    expect((await promote(3)).code).toBe(0);
    await approve(2, 'rolf of Risk', 'CANARY');
    expect(await warnings(2)).toBeUndefined();
    const onThree = ['rolf approved while nothing was live: CANARY is on 3 now'];
    expect(await warnings(1)).toEqual(onThree);
    expect((await promote(1)).code).toBe(0);

    await approve(2, 'carol of Risk', 'CANARY');
    const note = 'rolf approved while version 3 was live: CANARY is on 1 now';
    const { stdout } = await on.run(canary(2), 'bob of Risk');
    expect(stdout).toMatch(/missing +nothing\n/);
    expect(stdout).toContain(`note       ${note}\n`);
    expect(await warnings(2)).toEqual([note]);
    const path = join(mkdtempSync(join(tmpdir(), 'review-')), 'review.html');
    expect((await on.run(canary(2, '--html', path), 'bob of Risk')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain(`<dt>Note</dt><dd>${note}</dd>`);
  });
});

describe('An alias that rolls out', () => {
  const changeSets = () => on.bench.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet').length;
  const digests: string[] = [];
  const say = (what: string, who: string) =>
    on.run([what, 'letters', 'ROLLING', '--to', digests.at(-1) ?? ''], who).then(({ stdout }) => stdout);
  const promote = (to: string) => on.run(['promote', 'letters', 'ROLLING', '--to', to, '--yes']);
  const plan = () => on.json(['plan', 'letters', 'ROLLING', '--to', ':2']);
  /** Past the command, as a pipeline does. */
  const settledByStack = async () => {
    const { names, deployer } = on.bench;
    const { StackName, Parameters = [] } = (await deployer.stack(names.stack)) ?? {};
    await deployer.cloudFormation.send(
      new UpdateStackCommand({
        ...{ StackName, UsePreviousTemplate: true, Capabilities: ['CAPABILITY_NAMED_IAM'] },
        Parameters: Parameters.map(({ ParameterKey }) =>
          ParameterKey === 'LettersRollingVersion'
            ? { ParameterKey, ParameterValue: '2' }
            : { ParameterKey, UsePreviousValue: true },
        ),
      }),
    );
    expect(await deployer.settled(names.stack)).toBe('UPDATE_ROLLBACK_COMPLETE');
    const events = await deployer.events(names.stack);
    const refused = events.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED');
    return `${refused?.LogicalResourceId}: ${refused?.ResourceStatusReason}`;
  };

  it('is judged as the stack judges it: its consent carries a rollout until that is rejected or halted', async () => {
    for (const [index, text] of ['Write to {{name}}.', 'Write a letter to {{name}}.'].entries()) {
      await on.deploy((prompt, registry) => {
        const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
        const letters = new Prompt(prompt.stack, 'Letters', { registry, promptName: 'letters', variant });
        const rollout = Rollout.steps([5, 50], { bake: Duration.minutes(10) });
        letters.addAlias('ROLLING', { target: AliasTarget.parameter(), callableVersions: 3, rollout });
      });
      digests.push((await on.json(['show', `letters:${index + 1}`])).digest);
      await say('request', 'alice of Author');
      await say('approve', 'bob of Risk');
      expect(await promote(`:${index + 1}`)).toMatchObject({ code: 0 });
    }
    expect(await plan()).toMatchObject({ carried: 2, rollout: { change: 'settle' } });
    await say('reject', 'bob of Risk');
    expect(await plan()).toMatchObject({ consent: { missing: [{ code: 'Rejected' }] } });
    expect(await settledByStack()).toMatch(/LettersRolling\w*: .*Rejected/);
    expect(await say('approve', 'bob of Risk')).toContain('nothing is missing');
    expect(await on.run(['rollout', 'halt', 'letters', 'ROLLING'])).toMatchObject({ code: 0 });
    const before = changeSets();
    const { code, stderr } = await promote(':2');
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot move to 2: ApprovalExpired')]);
    expect(changeSets()).toBe(before);
    await say('reject', 'bob of Risk');
    expect(await on.run(['rollback', 'letters', 'ROLLING', '--yes'])).toMatchObject({ code: 0 });
    expect(await on.json(['show', 'letters@ROLLING'])).toMatchObject({ version: 1 });
  });
});
