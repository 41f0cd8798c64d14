import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyContexts } from '../../core/audit/key-contexts';
import { type AliasAccess, type PolicyKind, policyProblems } from '../../core/audit/policy-shape';
import * as today from '../../lib';
import { synthesized } from '../previous/app';
import { frozenPath } from '../previous/frozen-files';
import { templateFacts } from '../previous/template-facts';
import { longestDocument } from './longest-document';
import { newApp, resourcesOf, type TemplateJson, templateOf } from './prompt-app';

const template: TemplateJson = JSON.parse(readFileSync(frozenPath('template'), 'utf8'));
const before = templateFacts(template);
const now = templateFacts(templateOf(synthesized(today, newApp().outdir)));

/**
 * All that an upgrade changes in a stack, `-` gone and `+` new. Every line has one in CHANGELOG.md, and changes nothing
 * that other stacks, pipelines or callers hold.
 */
const CHANGES: Record<string, RegExp> = {
  'the code of the handlers': /^[-+] Resources\.(Version|Plan|Alias)Handler\w{8}\.Properties\.Code\.S3Key = /,
  'callers and readers may read what is below the parameter of their alias':
    /^\+ Resources\.((Advisor|Sorter)(Staging|Prod)(Caller|Reader)Policy\w{8}|CombinedPolicy\w{8})\.[\w.]+: Allow ssm:GetParameters? on arn:\{AWS::Partition\}:ssm:us-east-1:111122223333:parameter\/prompts\/prod\/(advisor|sorter)\/(STAGING|PROD)\/\*$/,
  'the ledger is closed to more':
    /^\+ Resources\.LedgerPolicy\w{8}\.Properties\.PolicyDocument\.Statement: Deny s3:(PutObject|PutObjectRetention|PutObjectLegalHold|PutReplicationConfiguration|PutBucketOwnershipControls) on /,
  'the ledger has a folder more, of tags':
    /^- Resources\.LedgerPolicy\w{8}\.Properties\.PolicyDocument\.Statement: Deny s3:PutObject on all but (\S+\/(ledger|versions|reasons)\/\* ){3}with /,
  'the publisher may read and write tags':
    /^\+ Resources\.PublisherRole\w{8}\.[\w.[\]]+: Allow s3:(GetObject|PutObject) on \{Ledger\w{8}\.Arn\}\/tags\/\*$/,
  'free JSON is declared with its types': /^\+ Resources\.AdvisorVersion\w{8}\.Properties\.FreeJson = /,
  'the publisher may write a draft that holds free JSON':
    /^\+ Resources\.PublisherPrompts\w{8}\.[\w.]+: Allow bedrock:UpdatePrompt on \{AdvisorPrompt\w{8}\.Arn\}$/,
  'the publisher may ask what its stack is doing':
    /^\+ Resources\.PublisherPrompts\w{8}\.[\w.]+: Allow cloudformation:DescribeStackEvents on \{AWS::StackId\}$/,
  'the releaser may read lifecycles of models':
    /^\+ Resources\.ReleaserRole\w{8}\.[\w.[\]]+: Allow bedrock:GetFoundationModel on arn:\{AWS::Partition\}:bedrock:us-east-1::foundation-model\/\*$/,
  'a pointer may be of a prompt whose id has small letters':
    /^[-+] Resources\.(Advisor|Sorter)(Staging|Prod)Parameter\w{8}\.Properties\.AllowedPattern = /,
  'the parameter of withdrawn versions says more':
    /^[-+] Parameters\.(Advisor|Sorter)WithdrawnVersions\.Description = /,
};

describe('The template of the release before and today’s', () => {
  const changes = [
    ...[...before].filter((fact) => !now.has(fact)).map((fact) => `- ${fact}`),
    ...[...now].filter((fact) => !before.has(fact)).map((fact) => `+ ${fact}`),
  ];

  it.each(Object.entries(CHANGES))('differ in this: %s', (_, pattern) => {
    expect(changes.filter((change) => pattern.test(change)).length).toBeGreaterThan(0);
  });

  it('differ in nothing else: what stands here needs a line above and one in CHANGELOG.md', () => {
    const known = Object.values(CHANGES);
    expect(changes.filter((change) => !known.some((pattern) => pattern.test(change)))).toEqual([]);
    expect(before.size).toBeGreaterThan(300);
  });

  it('differ by one parameter ARN for each alias of each policy', () => {
    const below = changes.filter((change) => /Allow ssm:GetParameter on .*\/\*$/.test(change));
    const policies = below.map((change) => change.replace(/^\+ Resources\.(\w+?)\w{8}\..*prod\/(.*)\/\*$/, '$1 $2'));
    expect(policies.sort()).toEqual([
      'AdvisorProdCallerPolicy advisor/PROD',
      'AdvisorProdReaderPolicy advisor/PROD',
      'AdvisorStagingCallerPolicy advisor/STAGING',
      'AdvisorStagingReaderPolicy advisor/STAGING',
      'CombinedPolicy advisor/PROD',
      'CombinedPolicy advisor/STAGING',
      'CombinedPolicy sorter/PROD',
      'SorterProdCallerPolicy sorter/PROD',
      'SorterProdReaderPolicy sorter/PROD',
    ]);
  });
});

describe('The policies of a stack that was last deployed by the release before', () => {
  const access = (alias: string): AliasAccess => ({
    promptArn: 'arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ',
    parameterArn: `arn:aws-us-gov:ssm:us-gov-west-1:111122223333:parameter/prompts/prod/${alias}`,
    ...{ required: [{ version: 12345, model: 'm'.repeat(50) }], permitted: null },
  });
  const ALIASES = { AdvisorStaging: 'advisor/STAGING', AdvisorProd: 'advisor/PROD', SorterProd: 'sorter/PROD' };
  const KINDS: Record<string, PolicyKind> = {
    Combined: 'combined',
    Guard: 'guard',
    Caller: 'caller',
    Reader: 'reader',
  };
  const policies = Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap(([id, { Properties }]) => {
    const kind = Object.keys(KINDS).find((word) => id.includes(word));
    const own = Object.entries(ALIASES).filter(([words]) => id.startsWith(words));
    const aliases = (own.length > 0 ? own : Object.entries(ALIASES)).map(([, alias]) => access(alias));
    const document = longestDocument(Properties.PolicyDocument);
    return kind === undefined ? [] : [{ id, kind: KINDS[kind] as PolicyKind, aliases, document }];
  });

  it.each(policies)('are in order: $id', ({ kind, aliases, document }) => {
    expect(document).not.toContain('/PROD/*');
    expect(policyProblems(kind, document, aliases, keyContexts(JSON.parse(document)))).toEqual([]);
  });

  it('are of every kind', () => {
    expect(policies.map(({ kind }) => kind).sort()).toEqual([
      ...['caller', 'caller', 'caller', 'combined', 'guard', 'reader', 'reader', 'reader'],
    ]);
  });
});
