import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, type IManagedPolicy, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reviewKey } from '../../core/ledger/layout';
import { AliasTarget, Gate, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { AwsError } from '../../packages/local-aws/aws-error';
import { startCommand } from '../cli/command-process';
import { bucketPolicyOf } from './bucket-policy-of';
import { type Verdict, verdictOf } from './clients';
import { IamDocuments, type Question } from './iam-documents';
import { presignedPut } from './presigned-put';
import { idOf, RegistryBench } from './registry-bench';
import { type Person, review, session } from './reviewers';

const PREFIX = '/prompts/prod';
const NAMES = { stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' };
const APPROVAL = Gate.approval({ askedBy: 'authors', by: 'risk' });

let bench: RegistryBench;
let template: string;
let promptId: string;
let bucket: string;

const app = (text: string) => (stack: Stack) => {
  const everything = ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess');
  // With an administrator's rights beside them nothing but the bucket's own policy is in the way.
  const role = (roleName: string, ...policies: IManagedPolicy[]) =>
    new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal(), managedPolicies: policies });
  const reviewer = role('Reviewer');
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: PREFIX,
    policyPropagation: Duration.seconds(0),
    reviewers: {
      authors: [role('Author', everything), role('Both', everything)],
      risk: [role('Risk', everything), `arn:aws:iam::${stack.account}:role/Bo*`, reviewer],
      measured: [role('Pipeline', everything)],
    },
    gates: { '*': [APPROVAL], STAGING: [] },
  });
  reviewer.addManagedPolicy(registry.reviewerPolicy);
  role('Administrator', everything);
  role('Auditor', ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess'));
  for (const writer of ['Releaser', 'Publisher']) {
    const handler = registry.node.findChild(writer) as Role;
    handler.addManagedPolicy(everything);
    handler.assumeRolePolicy?.addStatements(
      new PolicyStatement({ actions: ['sts:AssumeRole'], principals: [new AccountRootPrincipal()] }),
    );
  }
  const prompt = new Prompt(stack, 'Advisor', {
    ...{ registry, promptName: 'advisor' },
    variant: PromptVariant.text({ text: `${text} {{ticker}}`, model: 'amazon.nova-pro-v1:0' }),
  });
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() }).grants.invoke(role('Caller'));
  const outputs = { ...registry.handlers, releaser: registry.releaserRoleName, publisher: registry.publisherRoleName };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, `Out${name}`, { value });
};

const PARAMETER = 'AdvisorProdVersion';
const outputs: Record<string, string> = {};
let [alice, bob]: Person[] = [];

async function digestOf(version: number): Promise<string> {
  const found = (await (await bench.reader()).versions(promptId)).find((published) => published.version === version);
  return found?.digest ?? '';
}

/** Puts a review as the command does. */
async function say(who: Person | undefined, group: string, kind: 'request' | 'approve' | 'reject', version: number) {
  if (who === undefined) throw new Error('expected somebody');
  const said = { registry: PREFIX, prompt: 'advisor', promptId, alias: 'PROD', digest: await digestOf(version), group };
  const object = review(who, ++numbers, { ...said, kind });
  await who.s3.send(new PutObjectCommand({ Bucket: bucket, ...object, IfNoneMatch: '*' }));
}
let numbers = 0;

const release = async (target: string) => (await bench.deploy(template, { [PARAMETER]: target })).failures;

beforeAll(async () => {
  bench = await RegistryBench.start(NAMES);
  expect((await bench.deploy(await bench.synthesize(app('Explain')))).failures).toEqual([]);
  template = await bench.synthesize(app('Please explain'));
  expect((await bench.deploy(template)).failures).toEqual([]);
  promptId = idOf(await bench.promptArn());
  bucket = await bench.ledgerBucket();
  const { Outputs = [] } = (await bench.deployer.stack(NAMES.stack)) ?? {};
  for (const { OutputKey = '', OutputValue = '' } of Outputs)
    outputs[OutputKey.slice(3)] = OutputValue.split('/').at(-1) ?? '';
  [alice, bob] = [await session(bench.aws, 'Author', 'alice'), await session(bench.aws, 'Risk', 'bob')];
});
afterAll(() => bench.aws.stop());

describe('who may write what in the ledger bucket of a gated registry', () => {
  const PRINCIPALS = [
    ...['alice of Author', 'bob of Risk', 'alice of Risk', 'carol of Both', 'ci of Pipeline', 'dave of Reviewer'],
    ...[
      'bob of Administrator',
      'root of Administrator',
      'eve of Caller',
      'aud of Auditor',
      'x of Releaser',
      'x of Publisher',
    ],
  ];
  const GROUPS: Readonly<Record<string, readonly string[]>> = {
    Author: ['authors'],
    Risk: ['risk'],
    Both: ['authors', 'risk'],
    Pipeline: ['measured'],
    Reviewer: ['risk'],
  };
  /** What a principal tries; the number makes each key another one. */
  interface Try {
    readonly question: Question;
    readonly send: () => Promise<unknown>;
  }
  const OTHER = 'AROAOTHER00000000001:zoe';
  const ACTIONS = [
    ...[
      'sign as authors',
      'sign as risk',
      'sign as measured',
      'sign as nobody’s group',
      'sign for zoe',
      'sign in two groups',
    ],
    ...[
      'comment as risk',
      'write a note',
      'write elsewhere',
      'record',
      'archive',
      'give a reason',
      'overwrite',
      'lend a signature',
    ],
    ...['delete', 'lock', 'read'],
  ] as const;
  type Action = (typeof ACTIONS)[number];

  /** By the rules, in the words of the design. */
  function expected(role: string, action: Action): Verdict {
    const groups = GROUPS[role] ?? [];
    const may = (isAllowed: boolean): Verdict => (isAllowed ? 'allowed' : 'refused');
    switch (action) {
      case 'sign as authors':
        return may(groups.includes('authors'));
      case 'sign as risk':
      case 'comment as risk':
        return may(groups.includes('risk'));
      case 'sign as measured':
        return may(groups.includes('measured'));
      case 'sign in two groups':
        // Such a key is no review's, so it counts for nobody.
        return may(groups.includes('authors') && groups.includes('risk'));
      case 'record':
      case 'give a reason':
        return may(role === 'Releaser');
      case 'archive':
        return may(role === 'Publisher');
      case 'read':
        return may(role !== 'Caller');
      default:
        return 'refused';
    }
  }

  function attempt(who: Person, action: Action, number: number): Try {
    const digits = String(number).padStart(8, '0');
    const content = `${promptId}/PROD/pd1:${'a1'.repeat(32)}`;
    const own = (group: string) => `reviews/${content}/@${group}/${who.userId}/${digits}.json`;
    const keys: Record<Action, string> = {
      'sign as authors': own('authors'),
      'sign as risk': own('risk'),
      'sign as measured': own('measured'),
      'sign as nobody’s group': own('nobody'),
      'sign for zoe': `reviews/${content}/@risk/${OTHER}/${digits}.json`,
      'sign in two groups': `reviews/${content}/@risk/${OTHER}/@authors/${who.userId}/${digits}.json`,
      'comment as risk': own('risk').replace('/PROD/', '/~/'),
      'write a note': own('risk').replace('.json', '.txt'),
      'write elsewhere': `approvals/${digits}.json`,
      record: `ledger/${promptId}/CANARY/${digits}.json`,
      archive: `versions/${promptId}/${number}-pd1:${'b2'.repeat(32)}.json`,
      'give a reason': `reasons/${'c3'.repeat(32)}/00000${digits}.json`,
      overwrite: own('risk'),
      'lend a signature': own('risk'),
      delete: first.Key,
      lock: first.Key,
      read: first.Key,
    };
    const Key = keys[action];
    const where = { Bucket: bucket, Key };
    const context = { 'aws:userid': who.userId, 's3:authType': 'REST-HEADER', 's3:if-none-match': '*' };
    const question = (name: string, more: Record<string, string> = {}): Question => {
      const { 's3:if-none-match': condition, ...common } = context;
      const isPut = name === 'PutObject' && action !== 'overwrite';
      const sent = { ...common, ...(isPut && { 's3:if-none-match': condition }), ...more };
      return { action: `s3:${name}`, resource: `arn:aws:s3:::${bucket}/${Key}`, context: sent };
    };
    switch (action) {
      case 'delete':
        return { question: question('DeleteObject'), send: () => who.s3.send(new DeleteObjectCommand(where)) };
      case 'lock': {
        const Retention = { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 86_400_000) } as const;
        const send = () => who.s3.send(new PutObjectRetentionCommand({ ...where, Retention }));
        return { question: question('PutObjectRetention'), send };
      }
      case 'read':
        return { question: question('GetObject'), send: () => who.s3.send(new GetObjectCommand(where)) };
      case 'lend a signature':
        return {
          question: question('PutObject', { 's3:authType': 'REST-QUERY-STRING' }),
          send: () => presignedPut(bench.aws, bucket, who.credentials, Key),
        };
      case 'overwrite':
        return {
          question: question('PutObject'),
          send: () => who.s3.send(new PutObjectCommand({ ...where, Body: '{}' })),
        };
      default: {
        const put = new PutObjectCommand({ ...where, Body: '{}', IfNoneMatch: '*' });
        return { question: question('PutObject'), send: () => who.s3.send(put) };
      }
    }
  }

  let first: { Key: string };

  it('is what the groups say, by requests and by simulation: 12 principals, 17 actions', async () => {
    if (alice === undefined) throw new Error('expected alice');
    first = {
      Key: reviewKey({
        promptId,
        alias: 'PROD',
        digest: `pd1:${'a1'.repeat(32)}`,
        group: 'authors',
        signer: alice.userId,
        number: 1,
      }),
    };
    await alice.s3.send(new PutObjectCommand({ Bucket: bucket, ...first, Body: '{}', IfNoneMatch: '*' }));
    const policy = await bucketPolicyOf(bench.operator.s3, bucket);
    const differences: string[] = [];
    let cells = 0;
    for (const [row, principal] of PRINCIPALS.entries()) {
      const [name = '', role = ''] = principal.split(' of ');
      const roleName = { Releaser: outputs.releaser, Publisher: outputs.publisher }[role] ?? role;
      const who = await session(bench.aws, roleName, name.padEnd(2, '_'));
      const documents = await IamDocuments.of(bench.aws, roleName);
      for (const [column, action] of ACTIONS.entries()) {
        const { question, send } = attempt(who, action, 1_000 + row * 100 + column);
        const [asked, simulated] = [await verdictOf(send()), await documents.verdict([question], policy)];
        const should = expected(role, action);
        if (asked !== should || simulated !== should) {
          differences.push(`${principal} ${action}: expected ${should}, request ${asked}, simulation ${simulated}`);
        }
        cells += 1;
      }
    }
    expect(differences).toEqual([]);
    expect([PRINCIPALS.length, ACTIONS.length, cells]).toEqual([12, 17, 204]);
  }, 120_000);
});

describe('a release of a gated alias', () => {
  it('is refused before anything changes, with what is missing and the command', async () => {
    const before = await bench.standing();
    const [reason] = await release('1');
    expect(reason).toContain('ApprovalMissing: alias PROD of prompt advisor cannot move to version 1 (pd1:');
    expect(reason).toContain(
      'expected a request by authors and 1 approval by risk, other than who asked, not older than 7 days, found no request; nothing was moved; prompt-registry request advisor PROD --to :1',
    );
    expect(await bench.standing()).toEqual(before);
    expect(before.versions).toEqual([1, 2]);
  }, 120_000);

  it('is refused to who asks and agrees alone, and goes through once another one agreed', async () => {
    await say(alice, 'authors', 'request', 1);
    await say(await session(bench.aws, 'Risk', 'Alice'), 'risk', 'approve', 1);
    expect((await release('1'))[0]).toContain('SelfApproval: ');
    await say(bob, 'risk', 'approve', 1);
    expect(await release('1')).toEqual([]);

    const [record] = (await bench.ledger('PROD')).slice(-1);
    expect(record).toMatchObject({ schema: 2, to: { version: 1 }, passed: { how: 'agreed' } });
    const { reviews = [] } = record?.passed?.how === 'agreed' ? record.passed : {};
    expect(reviews.map(({ key }) => /@(\w+)\/\w+:(\w+)\//.exec(key)?.slice(1))).toEqual([
      ['authors', 'alice'],
      ['risk', 'bob'],
    ]);
  }, 240_000);

  it('goes back with reviews/ out of order, and asks nobody; forward it is refused', async () => {
    await say(alice, 'authors', 'request', 2);
    await say(bob, 'risk', 'approve', 2);
    expect(await release('2')).toEqual([]);
    let isBroken = true;
    bench.aws.interceptors.push(({ service, input }) => {
      const path = String(input.Key ?? input.Prefix ?? '');
      if (isBroken && service === 's3' && path.startsWith('reviews/'))
        throw new AwsError('AccessDenied', 403, 'broken');
    });
    const started = bench.aws.calls.length;
    expect(await release('1')).toEqual([]);
    const asked = bench.aws.calls
      .slice(started)
      .filter(({ input }) => /^reviews\//.test(String(input.Key ?? input.Prefix)));
    expect(asked).toEqual([]);
    expect((await bench.ledger('PROD')).at(-1)).toMatchObject({ kind: 'rollback', passed: { how: 'back' } });
    isBroken = false;
    expect((await release('2'))[0]).toContain('ApprovalExpired: ');
    expect(await bench.pointers()).toEqual({ PROD: '1', STAGING: '2' });
  }, 240_000);

  it('leaves a registry of which status has nothing to say, and which a reviewer can look at', async () => {
    const run = async (args: string, who?: Person) => {
      const environment = bench.aws.environment(who?.credentials) as NodeJS.ProcessEnv;
      return startCommand(args.split(' '), environment).finished;
    };
    const status = await run('status advisor --json');
    const { aliases, registry } = JSON.parse(status.stdout);
    const checks = [...aliases.flatMap((alias: { checks: object[] }) => alias.checks), ...registry.checks];
    expect(checks.flatMap(({ findings }: { findings: string[] }) => findings)).toEqual([]);
    const dave = await session(bench.aws, 'Reviewer', 'dave');
    for (const args of ['list', 'history advisor PROD', 'show advisor@PROD', 'diff advisor @PROD @STAGING']) {
      const { code, stderr } = await run(args, dave);
      expect(code, `${args}: ${stderr}`).toBe(0);
    }
  }, 120_000);

  it('leaves moves that the audit judges alike from the bucket and, by the second verifier, from what was exported', async () => {
    const run = (args: string) => startCommand(args.split(' '), bench.aws.environment() as NodeJS.ProcessEnv).finished;
    const dir = mkdtempSync(join(tmpdir(), 'audit-export-'));
    const signer = alice as Person;
    const content = { promptId, alias: 'PROD', digest: `pd1:${'b2'.repeat(32)}`, group: 'authors' };
    const bad = reviewKey({ ...content, signer: signer.userId, number: 2 });
    await signer.s3.send(new PutObjectCommand({ Bucket: bucket, Key: bad, Body: '{}', IfNoneMatch: '*' }));
    try {
      const exported = await run(`audit export ${dir} --json`);
      expect(exported.stderr).toBe('');
      const verified = JSON.parse((await run('audit verify --json')).stdout);
      // Before, it was tried who may write what: bodies and numbers that no command writes.
      const isJudged = (problem = '') => /^(Review\w+|BadReview|ConsentMissing|NotBack|GateGone)$/.test(problem);
      const found: string[] = verified.findings.flatMap(({ problem, object }: Record<string, string>) =>
        isJudged(problem) ? `${problem} ${object}` : [],
      );
      expect(found.filter((one) => !/^(Review\w+|BadReview) /.test(one))).toEqual([]);
      expect(found).toEqual(expect.arrayContaining([`BadReview ${bad}`, `ReviewGap ${bad}`]));
      const script = join(__dirname, '../../tools/verify-offline.mjs');
      const offline = spawnSync(process.execPath, [script, dir], { encoding: 'utf8' });
      const theirs = offline.stdout.split('\n').flatMap((line) => {
        const [, problem, said = ''] = /^(\w+) (\{.*\})$/.exec(line) ?? [];
        return isJudged(problem) ? `${problem} ${JSON.parse(said).object}` : [];
      });
      expect([offline.status, theirs.sort()]).toEqual([2, found.sort()]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }, 240_000);

  it('of an alias that follows the content is refused in a team’s stack', async () => {
    const attributes = {
      parameterPrefix: PREFIX,
      handlers: { version: arn('version'), plan: arn('plan'), alias: arn('alias') },
      publisherRoleName: outputs.publisher ?? '',
      releaserRoleName: outputs.releaser ?? '',
    };
    const deployed = await bench.deployer.deployStack('Team', (stack) => {
      const registry = PromptRegistry.fromAttributes(stack, 'Registry', attributes);
      const variant = PromptVariant.text({ text: 'Sort {{mail}}', model: 'amazon.nova-pro-v1:0' });
      new Prompt(stack, 'Sorter', { registry, promptName: 'sorter', variant }).addAlias('PROD');
    });
    expect(deployed.failures.join()).toContain('GateOnFollower: alias PROD of prompt sorter');
  }, 240_000);
});

const arn = (name: string) =>
  `arn:aws:lambda:${bench.aws.region}:${bench.aws.account}:function:${outputs[name]?.split(':').at(-1)}`;
