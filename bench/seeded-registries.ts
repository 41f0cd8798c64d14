import { createHash } from 'node:crypto';
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { aliasParameterId, logicalId } from '../core/contract/names';
import { archiveKey, ledgerKey } from '../core/ledger/layout';
import { type LedgerRecord, recordDigest, serializeRecord } from '../core/ledger/record';
import type { LocalAws } from '../packages/local-aws';
import { fillRegistry } from '../test/cli/registries-world';
import { StackDeployer } from '../test/stack-deployer';

/** What a seeded stack really has; the rest of its template is as synthesized and not made. */
const MADE = ['AWS::Bedrock::Prompt', 'AWS::SSM::Parameter', 'AWS::S3::Bucket'];
const ALIASES = ['STAGING', 'PROD'];
const AT_ONCE = 32;

type Resource = { Type: string; Properties?: Record<string, unknown>; DependsOn?: unknown; Condition?: string };

/** Registries whose templates, parameters, ledgers and archives are as after two releases of each alias, without the hour that the releases would take. */
export async function seedRegistries(aws: LocalAws, registries: Readonly<Record<string, readonly string[]>>) {
  const deployer = new StackDeployer(aws);
  const { endpoint, region, operator: credentials } = aws;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  for (const [stackName, prompts] of Object.entries(registries)) {
    const prefix = `/prompts/${stackName}`;
    const template = JSON.parse(
      await deployer.synthesize(stackName, (stack) => fillRegistry(stack, prompts, 'Explain')),
    );
    const parameters = Object.fromEntries(prompts.map((name) => [aliasParameterId(name, 'PROD'), '2']));
    const { status, failures } = await deployer.deployTemplate(stackName, seeded(template, prefix, prompts), {
      parameters,
    });
    if (status !== 'CREATE_COMPLETE') throw new Error(failures.join('\n'));
    const ids = new Map<string, string>();
    const query = { StackName: stackName };
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client: deployer.cloudFormation },
      query,
    )) {
      for (const one of StackResourceSummaries) ids.set(one.LogicalResourceId ?? '', one.PhysicalResourceId ?? '');
    }
    const bucket = ids.get(logicalId(prefix, undefined, undefined, 'Ledger')) ?? '';
    const objects = prompts.flatMap((prompt) => {
      const promptId =
        ids
          .get(logicalId(prefix, prompt, undefined, 'Prompt'))
          ?.split('/')
          .pop() ?? '';
      return objectsOf(prefix, prompt, promptId);
    });
    for (let start = 0; start < objects.length; start += AT_ONCE) {
      const batch = objects.slice(start, start + AT_ONCE);
      await Promise.all(
        batch.map(({ key, body }) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))),
      );
    }
  }
}

function seeded(template: { Resources: Record<string, Resource> }, prefix: string, prompts: readonly string[]): string {
  const { Outputs, Rules, ...kept } = template as Record<string, unknown>;
  const resources = Object.entries(template.Resources).map(([id, { DependsOn, ...resource }]) => {
    if (!MADE.includes(resource.Type)) return [id, { ...resource, Condition: 'Never' }];
    if (resource.Type === 'AWS::S3::Bucket') return [id, { Type: resource.Type }];
    if (resource.Type !== 'AWS::SSM::Parameter') return [id, resource];
    const prompt = prompts.find((name) => String(resource.Properties?.Name).startsWith(`${prefix}/${name}/`)) ?? '';
    const arn = { 'Fn::GetAtt': [logicalId(prefix, prompt, undefined, 'Prompt'), 'Arn'] };
    return [id, { ...resource, Properties: { ...resource.Properties, Value: { 'Fn::Join': ['', [arn, ':2']] } } }];
  });
  const Conditions = { ...(kept.Conditions as object), Never: { 'Fn::Equals': ['a', 'b'] } };
  return JSON.stringify({ ...kept, Conditions, Resources: Object.fromEntries(resources) });
}

function objectsOf(registry: string, prompt: string, promptId: string): { key: string; body: string }[] {
  const place = (version: number) => ({
    version,
    model: 'amazon.nova-pro-v1:0',
    digest: `pd1:${createHash('sha256').update(`${prompt} ${version}`).digest('hex')}`,
  });
  const records = ALIASES.flatMap((alias) => {
    const first: LedgerRecord = {
      schema: 1,
      registry,
      prompt,
      promptId,
      alias,
      sequence: 1,
      kind: 'promote',
      undo: false,
      withdrawn: [],
      from: null,
      to: place(1),
      stackId: 's',
      logicalId: 'l',
      requestId: 'r',
      operation: null,
      reason: null,
      time: new Date().toISOString(),
      previous: null,
    };
    const previous = recordDigest(serializeRecord(first));
    return [first, { ...first, sequence: 2, from: place(1), to: place(2), previous }];
  });
  return [
    ...records.map((one) => ({ key: ledgerKey(promptId, one.alias, one.sequence), body: serializeRecord(one) })),
    ...[1, 2].map((version) => ({ key: archiveKey(promptId, version, place(version).digest), body: '{}' })),
  ];
}
