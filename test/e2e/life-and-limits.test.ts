import {
  CreatePromptCommand,
  CreatePromptVersionCommand,
  DeletePromptCommand,
  GetPromptCommand,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { assumeRole, type Clients, type Verdict, verdictOf } from './clients';
import { IamDocuments, type Question } from './iam-documents';
import { idOf, RegistryBench } from './registry-bench';

const PREFIX = '/prompts/test';
const POINTER = `${PREFIX}/advisor/PROD`;
const FIRST = 'Explain {{ticker}}';
const SECOND = 'Explain {{ticker}} well';
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };

let bench: RegistryBench;
let first: string;
let second: string;
let promptArn: string;
let bucket: string;

function app(text: string) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
    });
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  };
}

/** What lies in the ledger's bucket, each version of each object, delete markers as well. */
async function objects(): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await bench.operator.s3.send(
    new ListObjectVersionsCommand({ Bucket: bucket }),
  );
  const kept = Versions.map(({ Key, VersionId, ETag }) => `${Key} ${VersionId} ${ETag}`);
  return [...kept, ...DeleteMarkers.map(({ Key }) => `${Key} deleted`)].sort();
}

async function newestKey(Prefix: string): Promise<string> {
  const { Contents = [] } = await bench.operator.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
  return Contents[0]?.Key ?? '';
}

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' });
  first = await bench.synthesize(app(FIRST));
  second = await bench.synthesize(app(SECOND));
  expect((await bench.deploy(first)).failures).toEqual([]);
  expect(await bench.deploy(second, { AdvisorProdVersion: '1' })).toEqual(COMPLETE);
  promptArn = await bench.promptArn();
  bucket = await bench.ledgerBucket();
}, 120_000);

afterAll(() => bench.aws.stop());

describe('A record of the ledger', () => {
  it('can be deleted by nobody, an administrator included', async () => {
    const { s3 } = bench.operator;
    const before = await objects();
    const Key = await newestKey('ledger/');
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: Key }));
    const VersionId = Versions[0]?.VersionId;
    const expired = { Rules: [{ ID: 'all', Status: 'Enabled' as const, Filter: {}, Expiration: { Days: 1 } }] };

    expect({
      object: await verdictOf(s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }))),
      version: await verdictOf(s3.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }))),
      byLifecycle: await verdictOf(
        s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: expired })),
      ),
    }).toEqual({ object: 'refused', version: 'refused', byLifecycle: 'refused' });
    const { Deleted, Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key }, { Key, VersionId }] } }),
    );
    expect(Deleted ?? []).toEqual([]);
    expect(Errors.map(({ Code }) => Code)).toEqual(['AccessDenied', 'AccessDenied']);
    expect(await objects()).toEqual(before);
  });

  it('can be overwritten by nobody, an administrator included', async () => {
    const { s3 } = bench.operator;
    const before = await objects();
    const record = { Bucket: bucket, Key: await newestKey('ledger/'), Body: '{}' };

    expect(await verdictOf(s3.send(new PutObjectCommand(record)))).toBe('refused');
    expect(await verdictOf(s3.send(new PutObjectCommand({ ...record, IfMatch: '*' })))).toBe('refused');
    expect(await verdictOf(s3.send(new PutObjectCommand({ ...record, IfNoneMatch: '*' })))).toBe('refused');
    expect(await objects()).toEqual(before);
  });

  it.each(['ledger', 'versions'])('gets nothing new under %s/ from anybody but its own writer', async (folder) => {
    const before = await objects();
    const forged = { Bucket: bucket, Key: `${folder}/ABCDEFGHIJ/forged.json`, Body: '{}', IfNoneMatch: '*' };

    expect(await verdictOf(bench.operator.s3.send(new PutObjectCommand(forged)))).toBe('refused');
    expect(await objects()).toEqual(before);
  });
});

describe('By request and by simulation,', () => {
  interface Attempt {
    readonly name: string;
    readonly send: (clients: Clients) => Promise<unknown>;
    readonly question: Question;
    readonly verdicts: { readonly publisher: Verdict; readonly releaser: Verdict };
  }

  const both = { publisher: 'refused', releaser: 'refused' } as const;
  const draft = { name: 'advisor', variants: [] };

  function attempts(): Attempt[] {
    const promptIdentifier = promptArn;
    const bedrock = (
      name: string,
      action: string,
      resource: string,
      verdicts: Attempt['verdicts'],
      send: Attempt['send'],
    ) => ({
      ...{ name, verdicts, send, question: { action: `bedrock:${action}`, resource } },
    });
    const s3 = (
      name: string,
      action: string,
      Key: string,
      verdicts: Attempt['verdicts'],
      send: Attempt['send'],
      IfNoneMatch?: string,
    ) => ({
      ...{ name, verdicts, send },
      question: {
        ...{ action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}/${Key}` },
        ...(IfNoneMatch && { context: { 's3:if-none-match': IfNoneMatch } }),
      },
    });
    const put = (name: string, Key: string, verdicts: Attempt['verdicts'], IfNoneMatch?: '*') =>
      s3(
        name,
        'PutObject',
        Key,
        verdicts,
        (clients) => clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '{}', IfNoneMatch })),
        IfNoneMatch,
      );
    const remove = (name: string, Key: string) =>
      s3(name, 'DeleteObject', Key, both, (clients) =>
        clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key })),
      );
    const parameter = (action: string, send: Attempt['send']) => ({
      ...{ name: action, verdicts: both, send },
      question: { action: `ssm:${action}`, resource: `arn:aws:ssm:us-east-1:111122223333:parameter${POINTER}` },
    });
    const ledgerKey = `ledger/${idOf(promptArn)}/OTHER/99999998.json`;
    const archiveKey = `versions/${idOf(promptArn)}/other.json`;
    return [
      bedrock('DeletePrompt, the whole', 'DeletePrompt', promptArn, both, (clients) =>
        clients.bedrock.send(new DeletePromptCommand({ promptIdentifier })),
      ),
      bedrock(
        'DeletePrompt of a version',
        'DeletePrompt',
        `${promptArn}:3`,
        { ...both, publisher: 'allowed' },
        (clients) => clients.bedrock.send(new DeletePromptCommand({ promptIdentifier, promptVersion: '3' })),
      ),
      bedrock('UpdatePrompt', 'UpdatePrompt', promptArn, both, (clients) =>
        clients.bedrock.send(new UpdatePromptCommand({ promptIdentifier, ...draft })),
      ),
      bedrock('CreatePrompt', 'CreatePrompt', '*', both, (clients) =>
        clients.bedrock.send(new CreatePromptCommand({ ...draft, name: 'other' })),
      ),
      bedrock('CreatePromptVersion', 'CreatePromptVersion', promptArn, { ...both, publisher: 'allowed' }, (clients) =>
        clients.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier })),
      ),
      bedrock('GetPrompt of the draft', 'GetPrompt', promptArn, { ...both, publisher: 'allowed' }, (clients) =>
        clients.bedrock.send(new GetPromptCommand({ promptIdentifier })),
      ),
      put('a record', ledgerKey, { ...both, releaser: 'allowed' }, '*'),
      put('a record, unconditionally', ledgerKey, both),
      remove('a record away', ledgerKey),
      put('an archived version', archiveKey, { ...both, publisher: 'allowed' }, '*'),
      put('an archived version, unconditionally', archiveKey, both),
      remove('an archived version away', archiveKey),
      parameter('GetParameter', ({ ssm }) => ssm.send(new GetParameterCommand({ Name: POINTER }))),
      parameter('PutParameter', ({ ssm }) =>
        ssm.send(new PutParameterCommand({ Name: POINTER, Value: `${promptArn}:2`, Overwrite: true })),
      ),
      parameter('DeleteParameter', ({ ssm }) => ssm.send(new DeleteParameterCommand({ Name: POINTER }))),
    ];
  }

  /** The handler's own role; only Lambda may assume it, until its trust is widened here. */
  async function handlerRole(words: string): Promise<string> {
    const roles = await bench.deployer.resources(bench.names.stack, 'AWS::IAM::Role');
    const RoleName = Object.entries(roles).find(([logicalId]) => logicalId.startsWith(words))?.[1] ?? '';
    const Principal = { AWS: `arn:aws:iam::${bench.aws.account}:root` };
    const PolicyDocument = JSON.stringify({
      ...{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] },
    });
    await bench.operator.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    return RoleName;
  }

  it.each(['publisher', 'releaser'] as const)('the %s can do its own work and nothing else', async (who) => {
    await bench.operator.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: promptArn }));
    const roleName = await handlerRole(who === 'publisher' ? 'PublisherRole' : 'ReleaserRole');
    const [clients, documents] = [await assumeRole(bench.aws, roleName), await IamDocuments.of(bench.aws, roleName)];
    const { Policy = '' } = await bench.operator.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    const expected: Record<string, Verdict> = {};
    const requested: Record<string, Verdict> = {};
    const simulated: Record<string, Verdict> = {};
    for (const { name, send, question, verdicts } of attempts()) {
      const isObject = question.action.startsWith('s3:');
      expected[name] = verdicts[who];
      requested[name] = await verdictOf(send(clients));
      simulated[name] = await documents.verdict([question], isObject ? JSON.parse(Policy) : undefined);
    }

    expect(requested).toEqual(expected);
    expect(simulated).toEqual(requested);
  });
});

describe('In the life of a stack', () => {
  it('content that comes back finds its version and publishes nothing', async () => {
    const before = await bench.versions();
    expect(await bench.deploy(first)).toEqual(COMPLETE);

    expect(await bench.versions()).toEqual(before);
    expect(await bench.pointers()).toEqual({ PROD: '1', STAGING: '1' });
  });

  it('its end takes the aliases away and keeps the prompt, its versions and the ledger', async () => {
    const [versions, before, reader] = [await bench.versions(), await objects(), await bench.reader()];
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');

    expect(await reader.aliases()).toEqual([]);
    expect((await reader.versions(idOf(promptArn))).map(({ version }) => version)).toEqual(versions);
    expect(await objects()).toEqual(expect.arrayContaining(before));
    for (const alias of ['PROD', 'STAGING']) {
      const { records, findings } = await reader.ledger(idOf(promptArn), alias);
      expect(findings).toEqual([]);
      expect(records.at(-1)).toMatchObject({ kind: 'remove', from: { version: 1 }, to: null });
    }
  });

  it('its ledger still refuses to be changed', async () => {
    const record = { Bucket: bucket, Key: await newestKey('ledger/') };
    expect(await verdictOf(bench.operator.s3.send(new DeleteObjectCommand(record)))).toBe('refused');
    expect(await verdictOf(bench.operator.s3.send(new PutObjectCommand({ ...record, Body: '{}' })))).toBe('refused');
  });

  it('a stack that comes again is refused the name of the prompt that was kept, and leaves it alone', async () => {
    const { status, failures } = await bench.deploy(first);
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0]).toMatch(/^AdvisorPrompt.*A prompt with the name advisor already exists/);

    await bench.operator.bedrock.send(new GetPromptCommand({ promptIdentifier: promptArn, promptVersion: '1' }));
    expect(await bench.deployer.destroy('Prompts')).toBe('DELETE_COMPLETE');
  });

  it('it comes again with versions of its own once the kept prompt has another name', async () => {
    const { bedrock } = bench.operator;
    const kept = await bedrock.send(new GetPromptCommand({ promptIdentifier: promptArn }));
    const { variants, defaultVariant } = kept;
    await bedrock.send(
      new UpdatePromptCommand({ promptIdentifier: promptArn, name: 'advisor-of-old', variants, defaultVariant }),
    );
    expect((await bench.deploy(first)).failures).toEqual([]);

    expect(await bench.promptArn()).not.toBe(promptArn);
    expect(await bench.pointers()).toEqual({ PROD: 'none', STAGING: '1' });
    expect(await bench.ledger('STAGING')).toMatchObject([{ sequence: 1, kind: 'promote', from: null }]);
    await bedrock.send(new GetPromptCommand({ promptIdentifier: promptArn, promptVersion: '2' }));
  });
});
