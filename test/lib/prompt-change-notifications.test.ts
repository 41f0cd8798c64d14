import { createHash } from 'node:crypto';
import { CliCredentialsStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFn } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AliasTarget,
  type Prompt,
  PromptChangeNotifications,
  type PromptChangeNotificationsProps,
  PromptRegistry,
  Rollout,
} from '../../lib';
import { EventPattern } from '../../packages/local-aws/eventbridge/event-pattern';
import { ENV, newApp, onlyResource, promptIn, registryIn, resourcesOf, stackIn, templateOf } from './prompt-app';

const ACCOUNT = 'arn:aws:iam::111122223333';
const EXECUTION = `${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-111122223333-us-east-1`;
const PUBLISHER = `${ACCOUNT}:role/PublisherRole77EA4D21`;
const RELEASER = `${ACCOUNT}:role/ReleaserRole3A9A5F66`;
const TRAIL = 'arn:aws:cloudtrail:us-east-1:111122223333:trail/audit';
const CLOUDFORMATION = 'cloudformation.amazonaws.com';

function notifications(props: Partial<PromptChangeNotificationsProps> = {}, stack = stackIn()): Stack {
  const registry = props.registry ?? registryIn(stack);
  const topic = 'topic' in props ? props.topic : new Topic(stack, 'Topic', { enforceSSL: true });
  new PromptChangeNotifications(stack, 'Notifications', { ...props, registry, topic });
  return stack;
}

/** A value as it would be deployed: a resource's name is its logical id. */
function deployed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(deployed);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return argument === 'AWS::Partition' ? 'aws' : argument;
  if (name === 'Fn::Sub') return String(argument).replace(/\$\{AWS::Partition\}/, 'aws');
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].map(deployed).join('');
  if (name === 'Fn::Select') return 'audit';
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, deployed(member)]));
}

/** The rules by the end of their ids: which of them match an event. */
function rulesOf(stack: Stack): Record<string, EventPattern> {
  const rules = Object.entries(resourcesOf(templateOf(stack), 'AWS::Events::Rule'));
  const withPattern = rules.filter(([, { Properties }]) => Properties.EventPattern !== undefined);
  return Object.fromEntries(
    withPattern.map(([id, { Properties }]) => [
      id.replace(/^Notifications|.{8}$/g, ''),
      new EventPattern(JSON.stringify(deployed(Properties.EventPattern))),
    ]),
  );
}

/** A registry of another app, whose ledger is called as this app's is. */
function importedRegistry(stack: Stack, ledgerBucketName?: string, rolloutControllerRoleName?: string) {
  const handler = 'arn:aws:lambda:us-east-1:111122223333:function:f';
  return PromptRegistry.fromAttributes(stack, 'Imported', {
    ...{ parameterPrefix: '/prompts/prod', publisherRoleName: 'PublisherRole77EA4D21' },
    handlers: { version: handler, plan: handler, alias: handler },
    ...{ releaserRoleName: 'ReleaserRole3A9A5F66', ledgerBucketName, rolloutControllerRoleName },
  });
}

type Identity = Record<string, unknown>;

const user: Identity = { type: 'IAMUser', arn: `${ACCOUNT}:user/eve` };
const session = (role: string, name = 'eve'): Identity => ({
  type: 'AssumedRole',
  arn: `arn:aws:sts::111122223333:assumed-role/${role.split('/').pop()}/${name}`,
  sessionContext: { sessionIssuer: { type: 'Role', arn: role } },
});
const stackItself: Identity = { ...session(EXECUTION, 'AWSCloudFormation'), invokedBy: CLOUDFORMATION };
const publisher = session(PUBLISHER, 'VersionHandler');
const releaser = session(RELEASER, 'AliasHandler');
const otherRole = session(`${ACCOUNT}:role/Developer`);
/** Whoever assumes a role names the session. */
const impostor = session(`${ACCOUNT}:role/Developer`, 'AWSCloudFormation');
const otherStack: Identity = { ...otherRole, invokedBy: CLOUDFORMATION };
const userThroughStack: Identity = { ...user, invokedBy: CLOUDFORMATION };
const withoutCloudFormation = session(EXECUTION, 'AWSCloudFormation');
const sameNameElsewhere = session('arn:aws:iam::444455556666:role/PublisherRole77EA4D21');
const root: Identity = { type: 'Root', arn: `${ACCOUNT}:root` };
const service: Identity = { type: 'AWSService', invokedBy: 'config.amazonaws.com' };
const strangers = [
  ...[user, otherRole, impostor, otherStack, userThroughStack],
  ...[withoutCloudFormation, sameNameElsewhere, root, service],
];

interface Call {
  readonly source: string;
  readonly eventName: string;
  readonly requestParameters: Record<string, unknown>;
  readonly more?: Record<string, unknown>;
}

function eventOf({ source, eventName, requestParameters, more }: Call, userIdentity: Identity): object {
  return {
    ...{ source, 'detail-type': 'AWS API Call via CloudTrail' },
    detail: { eventName, requestParameters, userIdentity, readOnly: false, ...more },
  };
}

const ssm = (eventName: string, requestParameters: Record<string, unknown>): Call => ({
  ...{ source: 'aws.ssm', eventName, requestParameters },
});
const bedrock = (eventName: string, requestParameters: Record<string, unknown>): Call => ({
  ...{ source: 'aws.bedrock', eventName, requestParameters },
});
const s3 = (eventName: string, bucketName = 'Ledger4DA7084A', more = {}): Call => ({
  ...{ source: 'aws.s3', eventName, requestParameters: { bucketName, key: 'ledger/a' }, more },
});
const cloudTrail = (eventName: string, requestParameters: Record<string, unknown>): Call => ({
  ...{ source: 'aws.cloudtrail', eventName, requestParameters },
});

const ALIAS = '/prompts/prod/advisor/PROD';
const putAlias = ssm('PutParameter', { name: ALIAS });
const deleteAlias = ssm('DeleteParameter', { name: ALIAS });
const deleteAliases = ssm('DeleteParameters', { names: ['/other', ALIAS] });
const PROMPT_ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ';

const rules = rulesOf(notifications({ trailArn: TRAIL }));

/** Names of the rules that match. */
function told(call: Call, by: Identity, among = rules): string[] {
  const event = eventOf(call, by);
  return Object.entries(among).flatMap(([name, pattern]) => (pattern.matches(event) ? [name] : []));
}

describe('The rules of PromptChangeNotifications', () => {
  it('tell of an alias that the stack moves or removes, as a release', () => {
    for (const call of [putAlias, deleteAlias, deleteAliases]) {
      expect(told(call, stackItself)).toEqual(['Release']);
    }
    expect(told(ssm('AddTagsToResource', { resourceId: ALIAS }), stackItself)).toEqual([]);
  });

  it.each([
    putAlias,
    deleteAlias,
    deleteAliases,
    ssm('LabelParameterVersion', { name: ALIAS }),
    ssm('UnlabelParameterVersion', { name: ALIAS }),
    ssm('AddTagsToResource', { resourceId: ALIAS, resourceType: 'Parameter' }),
    ssm('RemoveTagsFromResource', { resourceId: ALIAS, resourceType: 'Parameter' }),
  ])('tell of $eventName on an alias by anyone else, the registry’s own roles too', (call) => {
    for (const who of [...strangers, publisher, releaser]) {
      expect(told(call, who), JSON.stringify(who)).toEqual(['AliasChange']);
    }
  });

  it('do not tell of other parameters, of reading, or of what was refused', () => {
    expect(told(ssm('PutParameter', { name: '/prompts/production/a' }), user)).toEqual([]);
    expect(told(ssm('GetParameter', { name: ALIAS }), user)).toEqual([]);
    expect(told({ ...putAlias, more: { errorCode: 'AccessDenied' } }, user)).toEqual([]);
    expect(told({ ...putAlias, more: { errorCode: 'TooManyUpdates' } }, stackItself)).toEqual([]);
  });

  it.each([
    bedrock('CreatePrompt', { name: 'advisor' }),
    bedrock('UpdatePrompt', { promptIdentifier: 'ABCDEFGHIJ', name: 'advisor' }),
    bedrock('DeletePrompt', { promptIdentifier: PROMPT_ARN }),
    bedrock('CreatePromptVersion', { promptIdentifier: 'ABCDEFGHIJ' }),
    bedrock('TagResource', { resourceArn: PROMPT_ARN }),
    bedrock('UntagResource', { resourceArn: `${PROMPT_ARN}:3` }),
    { ...bedrock('UpdatePrompt', { promptIdentifier: 'ABCDEFGHIJ' }), source: 'aws.bedrock-agent' },
  ])('tell of $eventName by anyone but the publisher and the stack', (call) => {
    for (const who of [...strangers, releaser]) {
      expect(told(call, who), JSON.stringify(who)).toEqual(['PromptChange']);
    }
    expect(told(call, publisher)).toEqual([]);
    expect(told(call, stackItself)).toEqual([]);
  });

  it('do not tell of tags on what is no prompt, nor of reading prompts', () => {
    expect(told(bedrock('TagResource', { resourceArn: PROMPT_ARN.replace('prompt/', 'agent/') }), user)).toEqual([]);
    expect(told(bedrock('GetPrompt', { promptIdentifier: 'ABCDEFGHIJ' }), user)).toEqual([]);
  });

  it.each([
    's3 PutObject',
    's3 DeleteObject',
    's3 DeleteObjects',
    's3 PutObjectRetention',
    's3 PutObjectLegalHold',
    's3 PutBucketPolicy',
    's3 DeleteBucketPolicy',
    's3 PutBucketVersioning',
    's3 PutBucketObjectLockConfiguration',
    's3 PutBucketLifecycle',
    's3 AnOperationOfTomorrow',
  ])('tell of %s on the ledger by anyone but the registry’s roles and the stack', (name) => {
    const call = s3(name.slice(3));
    for (const who of strangers) {
      expect(told(call, who), JSON.stringify(who)).toEqual(['LedgerChange']);
    }
    for (const own of [publisher, releaser, stackItself]) {
      expect(told(call, own)).toEqual([]);
    }
  });

  it('tell of the ledger reached through an access point, not of other buckets or of reading', () => {
    const resources = [{ type: 'AWS::S3::Object' }, { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::Ledger4DA7084A' }];
    expect(told(s3('DeleteObject', 'arn:aws:s3:us-east-1:1:accesspoint/a', { resources }), user)).toEqual([
      'LedgerChange',
    ]);
    expect(told(s3('DeleteObject', 'other'), user)).toEqual([]);
    expect(told(s3('GetObject', 'Ledger4DA7084A', { readOnly: true }), user)).toEqual([]);
    expect(told(s3('PutObject', 'Ledger4DA7084A', { readOnly: undefined }), user)).toEqual(['LedgerChange']);
  });

  it.each(['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'])('tell of %s by anybody', (name) => {
    for (const who of [...strangers, stackItself, releaser]) {
      for (const trail of ['audit', TRAIL]) {
        const parameter = name === 'PutEventSelectors' ? 'trailName' : 'name';
        expect(told(cloudTrail(name, { [parameter]: trail }), who)).toEqual(['TrailChange']);
      }
    }
    expect(told(cloudTrail(name, { name: 'another' }), user)).toEqual([]);
  });

  it('tell of every trail where none is named, and not of starting one', () => {
    const all = rulesOf(notifications());
    expect(told(cloudTrail('StopLogging', { name: 'another' }), user, all)).toEqual(['TrailChange']);
    expect(told(cloudTrail('StartLogging', { name: 'audit' }), user)).toEqual([]);
  });

  it('tell exactly once of each write on an alias, whoever it was', () => {
    const text = fc.string({ minLength: 1, maxLength: 12 });
    const role = fc.oneof(
      fc.constantFrom(EXECUTION, PUBLISHER, RELEASER),
      text.map((name) => `${ACCOUNT}:role/${name}`),
    );
    const identity = fc.record(
      {
        type: fc.constantFrom('AssumedRole', 'IAMUser', 'Root', 'AWSService'),
        arn: text,
        invokedBy: fc.oneof(fc.constantFrom(CLOUDFORMATION, 'AWS Internal'), text),
        sessionContext: fc.record(
          { sessionIssuer: fc.record({ arn: role }, { requiredKeys: [] }) },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(putAlias, deleteAlias, deleteAliases), identity, (call, who) => {
        const isStack = who.invokedBy === CLOUDFORMATION && who.sessionContext?.sessionIssuer?.arn === EXECUTION;
        expect(told(call, who)).toEqual([isStack ? 'Release' : 'AliasChange']);
      }),
      { numRuns: 500 },
    );
  });

  it('take editors for prompts only', () => {
    const stack = stackIn();
    const editor = Role.fromRoleArn(stack, 'Editor', `${ACCOUNT}:role/team/Developer`);
    const edited = rulesOf(notifications({ promptEditors: [editor] }, stack));
    const developer = session(`${ACCOUNT}:role/team/Developer`);
    expect(told(bedrock('UpdatePrompt', { promptIdentifier: 'A' }), developer, edited)).toEqual([]);
    expect(told(putAlias, developer, edited)).toEqual(['AliasChange']);
    expect(told(s3('DeleteObject'), developer, edited)).toEqual(['LedgerChange']);
  });
});

describe('A registry with rollouts', () => {
  const progress: Call = ssm('PutParameter', { name: '/prompts/prod/financial-analysis/PROD/rollout-progress' });
  const step = (bucket: string): Call => s3('PutObject', bucket);
  const controllerOf = (stack: Stack) => {
    const roles = Object.keys(resourcesOf(templateOf(stack), 'AWS::IAM::Role'));
    return session(`${ACCOUNT}:role/${roles.find((id) => id.startsWith('Controller'))}`, 'Controller');
  };
  const addRollout = (prompt: Prompt) =>
    prompt.addAlias('PROD', {
      ...{ target: AliasTarget.parameter(), callableVersions: 3 },
      rollout: Rollout.steps([5, 50], { bake: Duration.minutes(10) }),
    });

  it('is not reported for what its controller writes, also where an alias gets the rollout afterwards', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    const prompt = promptIn(stack, { registry });
    notifications({ registry }, stack);
    addRollout(prompt);
    const rolling = rulesOf(stack);
    const controller = controllerOf(stack);
    const ledger = Object.keys(resourcesOf(templateOf(stack), 'AWS::S3::Bucket'))[0] ?? '';
    expect(told(progress, controller, rolling)).toEqual([]);
    expect(told(step(ledger), controller, rolling)).toEqual([]);
    expect(told(bedrock('UpdatePrompt', { promptIdentifier: 'A' }), controller, rolling)).toEqual(['PromptChange']);
    expect(told(cloudTrail('StopLogging', { name: 'audit' }), controller, rolling)).toEqual(['TrailChange']);
    for (const who of strangers) {
      expect(told(progress, who, rolling)).toEqual(['AliasChange']);
      expect(told(step(ledger), who, rolling)).toEqual(['LedgerChange']);
    }
    expect(told(progress, stackItself, rolling), 'the start of a rollout').toEqual(['Release']);
  });

  it.each([true, false])('knows its controller in another stack of the app and in another app (%s)', (isOther) => {
    const app = newApp();
    const owner = new PromptRegistry(stackIn(app, 'Owner'), 'Registry', {
      parameterPrefix: '/prompts/prod',
      rollouts: {},
    });
    const stack = stackIn(app);
    const name = 'ControllerRole1A2B3C4D';
    notifications({ registry: isOther ? importedRegistry(stack, 'Ledger4DA7084A', name) : owner }, stack);
    const sources = JSON.stringify(resourcesOf(templateOf(stack), 'AWS::Events::Rule'));
    expect(sources.split(isOther ? name : 'ExportsOutputRefControllerRole').length - 1, 'alias and ledger').toBe(2);
  });

  it('changes no rule of a registry that has none, to the byte', () => {
    const stack = notifications({ trailArn: TRAIL });
    const rules = Object.values(resourcesOf(templateOf(stack), 'AWS::Events::Rule'));
    const text = JSON.stringify(rules.map(({ Properties }) => Properties.EventPattern));
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      'e5999f21c16a3b49c8cb4398bc4f94d883e9f401896583c1903971bc70f6e9a8',
    );
  });
});

describe('A registry with reviewers', () => {
  const stack = stackIn();
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/prod',
    reviewers: { risk: [`${ACCOUNT}:role/Risk`] },
  });
  const gated = rulesOf(notifications({ registry }, stack));
  const [bucketName = ''] = Object.keys(resourcesOf(templateOf(stack), 'AWS::S3::Bucket'));
  const bob = session(`${ACCOUNT}:role/Risk`, 'bob@bank.example');
  const key = `reviews/ABCDEFGHIJ/PROD/pd1:${'3'.repeat(64)}/@risk/AROARISK000000000001:bob@bank.example/99999998.json`;
  const call = (eventName: string, requestParameters: object, more = {}): Call => ({
    ...{ source: 'aws.s3', eventName, requestParameters: { bucketName, ...requestParameters }, more },
  });
  const throughAccessPoint = { resources: { ARN: `arn:aws:s3:::${bucketName}` } };

  it('tells once of each review, whoever wrote it, and of nothing else about it', () => {
    for (const who of [bob, root, publisher]) {
      expect(told(call('PutObject', { key }), who, gated)).toEqual(['Review']);
      expect(told(call('PutObject', { bucketName: 'arn:point', key }, throughAccessPoint), who, gated)).toEqual([
        'Review',
      ]);
    }
    expect(told(call('PutObject', { key }, { errorCode: 'AccessDenied' }), bob, gated)).toEqual([]);
    expect(told(call('PutObject', { key, bucketName: 'other' }), bob, gated)).toEqual([]);
  });

  it('tells of what else is done to a review as of a change of the ledger', () => {
    for (const name of [
      'DeleteObject',
      'PutObjectRetention',
      'CopyObject',
      'CompleteMultipartUpload',
      'PutBucketPolicy',
    ]) {
      expect(told(call(name, name === 'PutBucketPolicy' ? {} : { key }), bob, gated), name).toEqual(['LedgerChange']);
      expect(told(call(name, { bucketName: 'arn:point', key }, throughAccessPoint), bob, gated), name).toEqual([
        'LedgerChange',
      ]);
    }
    expect(told(call('PutObject', { key: 'ledger/a' }), bob, gated)).toEqual(['LedgerChange']);
    expect(
      told(call('PutObject', { bucketName: 'arn:point', key: 'ledger/a' }, throughAccessPoint), bob, gated),
    ).toEqual(['LedgerChange']);
  });

  it('may have a queue of another stack for what the function or the topic does not take', () => {
    const app = newApp();
    const owner = stackIn(app, 'Owner');
    const other = stackIn(app);
    const reviewed = new PromptRegistry(other, 'Registry', { reviewers: { risk: [`${ACCOUNT}:role/Risk`] } });
    notifications({ registry: reviewed, deadLetterQueue: new Queue(owner, 'Queue') }, other);
    const rules = Object.values(resourcesOf(templateOf(other), 'AWS::Events::Rule'));
    for (const { Properties } of rules) expect(Properties.Targets[0].DeadLetterConfig.Arn).toBeDefined();
    const { Statement } = onlyResource(templateOf(owner), 'AWS::SQS::QueuePolicy').Properties.PolicyDocument;
    for (const { Condition } of Statement) {
      expect(JSON.stringify(Condition.ArnLike)).toContain(':events:us-east-1:111122223333:rule/*');
    }
  });

  it('has a function say what it is, which may read reviews and publish to the topic, and nothing else', () => {
    const template = templateOf(stack);
    const [, rule] = Object.entries(resourcesOf(template, 'AWS::Events::Rule')).find(([id]) => /Review/.test(id)) ?? [];
    const [target, ...others] = rule?.Properties.Targets ?? [];
    expect(others).toEqual([]);
    const functions = Object.entries(resourcesOf(template, 'AWS::Lambda::Function'));
    const [id, words] = functions.find(([, { Properties }]) => Properties.Description.includes('review-message')) ?? [];
    expect(target).toEqual(expect.objectContaining({ Arn: { 'Fn::GetAtt': [id, 'Arn'] } }));
    expect(target.InputTransformer).toBeUndefined();
    const [roleId] = words?.Properties.Role['Fn::GetAtt'] ?? [];
    const inline = resourcesOf(template, 'AWS::IAM::Role')[roleId]?.Properties.Policies ?? [];
    const attached = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter(({ Properties }) =>
      JSON.stringify(Properties.Roles).includes(roleId),
    );
    const documents = [...inline, ...attached.map(({ Properties }) => Properties)];
    const actions = documents.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action),
    );
    expect(actions.sort()).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents', 's3:GetObject', 'sns:Publish']);
    expect(JSON.stringify(inline)).toContain('/reviews/*');
  });
});

describe('What CloudFormation does', () => {
  it('is the stack’s, whoever deploys, where the CLI’s own credentials do', () => {
    const stack = new Stack(newApp(), 'Prompts', { env: ENV, synthesizer: new CliCredentialsStackSynthesizer() });
    const open = rulesOf(notifications({ registry: importedRegistry(stack, 'Ledger4DA7084A') }, stack));
    for (const who of [otherStack, userThroughStack, stackItself]) {
      expect(told(putAlias, who, open)).toEqual(['Release']);
      expect(told(bedrock('UpdatePrompt', { promptIdentifier: 'A' }), who, open)).toEqual([]);
      expect(told(s3('PutBucketPolicy'), who, open)).toEqual([]);
    }
    for (const who of [user, otherRole, impostor, root, service]) {
      expect(told(putAlias, who, open)).toEqual(['AliasChange']);
      expect(told(s3('PutBucketPolicy'), who, open)).toEqual(['LedgerChange']);
    }
    expect(told(s3('PutObject'), releaser, open)).toEqual([]);
  });

  it('is the stack’s only with the roles that are named', () => {
    const stack = stackIn();
    const pipeline = Role.fromRoleArn(stack, 'Pipeline', `${ACCOUNT}:role/Pipeline`);
    const named = rulesOf(notifications({ executionRoles: [pipeline] }, stack));
    const deployment = { ...session(`${ACCOUNT}:role/Pipeline`), invokedBy: CLOUDFORMATION };
    expect(told(putAlias, deployment, named)).toEqual(['Release']);
    expect(told(putAlias, stackItself, named)).toEqual(['AliasChange']);
  });

  it('is known in a stack that does not know its account', () => {
    const stack = new Stack(newApp(), 'Anywhere');
    notifications({}, stack);
    const [rule] = Object.values(resourcesOf(templateOf(stack), 'AWS::Events::Rule'));
    const [role] = rule?.Properties.EventPattern.detail.userIdentity.sessionContext.sessionIssuer.arn ?? [];
    expect(role['Fn::Sub'].replace(/\$\{AWS::(\w+)\}/g, '$1')).toBe(
      'arn:Partition:iam::AccountId:role/cdk-hnb659fds-cfn-exec-role-AccountId-Region',
    );
  });
});

describe('The topic', () => {
  it('needs no warning when it is this app’s', () => {
    const stack = notifications();
    templateOf(stack);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  it('gets one line for each event, with the event’s id', () => {
    const targets = Object.values(resourcesOf(templateOf(notifications()), 'AWS::Events::Rule')).flatMap(
      ({ Properties }) => Properties.Targets,
    );
    expect(targets).toHaveLength(5);
    for (const { InputTransformer } of targets) {
      expect(InputTransformer.InputTemplate).toMatch(
        /^"[^"\n]* Event: <detail-eventID>, account <detail-recipientAccountId>/,
      );
      expect(InputTransformer.InputPathsMap['detail-eventID']).toBe('$.detail.eventID');
    }
  });

  it('ends with what the caller chooses freely, so that it cannot be taken for the rest', () => {
    const rule = resourcesOf(templateOf(notifications()), 'AWS::Events::Rule');
    const [, ledger] = Object.entries(rule).find(([id]) => id.includes('LedgerChange')) ?? [];
    expect(ledger?.Properties.Targets[0].InputTransformer.InputTemplate).toMatch(
      / Object: <detail-requestParameters-key>"$/,
    );
  });

  it('lets EventBridge publish for these rules of this account, and for no others', () => {
    const template = templateOf(notifications());
    const [statement, ...others] = onlyResource(
      template,
      'AWS::SNS::TopicPolicy',
    ).Properties.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      ...{ Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'events.amazonaws.com' } },
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    });
    const arns = statement.Condition.ArnLike['aws:SourceArn'];
    expect(arns).toEqual(
      Object.keys(resourcesOf(template, 'AWS::Events::Rule')).map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })),
    );
  });

  it('may be of another stack, which then names the account’s rules', () => {
    const app = newApp();
    const other = new Stack(app, 'Topics', { env: ENV });
    const topic = new Topic(other, 'Topic');
    const stack = notifications({ topic }, stackIn(app));
    expect(() => app.synth()).not.toThrow();
    expect(stack.dependencies).toEqual([other]);
    const { Statement } = onlyResource(templateOf(other), 'AWS::SNS::TopicPolicy').Properties.PolicyDocument;
    expect(JSON.stringify(Statement[0].Condition.ArnLike)).toContain(':events:us-east-1:111122223333:rule/*');
  });

  it('that is imported has to be opened by hand, which a warning says', () => {
    const stack = stackIn();
    notifications({ topic: Topic.fromTopicArn(stack, 'Imported', 'arn:aws:sns:us-east-1:111122223333:t') }, stack);
    Annotations.fromStack(stack).hasWarning(
      '/Prompts/Notifications',
      Match.stringLikeRegexp('allow events.amazonaws.com'),
    );
  });

  it('may have a queue for what it does not take', () => {
    const stack = stackIn();
    notifications({ deadLetterQueue: new Queue(stack, 'Queue') }, stack);
    const template = templateOf(stack);
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Events::Rule'))) {
      expect(Properties.Targets[0].DeadLetterConfig.Arn['Fn::GetAtt'][1]).toBe('Arn');
    }
    const { Statement } = onlyResource(template, 'AWS::SQS::QueuePolicy').Properties.PolicyDocument;
    expect(Statement[0]).toMatchObject({ Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' } });
    expect(Statement[0].Condition.ArnLike['aws:SourceArn']).toHaveLength(5);
  });
});

describe('Other targets', () => {
  it('get the event itself, with or without a topic', () => {
    const stack = stackIn();
    const handler = LambdaFn.fromFunctionAttributes(stack, 'Handler', {
      functionArn: 'arn:aws:lambda:us-east-1:111122223333:function:pager',
      sameEnvironment: true,
    });
    notifications({ topic: undefined, targets: [new LambdaFunction(handler)] }, stack);
    const found = Object.values(resourcesOf(templateOf(stack), 'AWS::Events::Rule'));
    expect(found.map(({ Properties }) => Properties.Targets)).toEqual(
      found.map(() => [{ Arn: 'arn:aws:lambda:us-east-1:111122223333:function:pager', Id: 'Target0' }]),
    );
  });
});

describe('PromptChangeNotifications are refused', () => {
  it('without a topic and targets, and with more than five', () => {
    expect(() => notifications({ topic: undefined })).toThrow(
      'Prompts/Notifications: expected 1 to 5 receivers (a topic and targets), found 0: pass a topic or targets',
    );
    const stack = stackIn();
    const handler = LambdaFn.fromFunctionName(stack, 'Handler', 'pager');
    const targets = Array.from({ length: 5 }, () => new LambdaFunction(handler));
    expect(() => notifications({ targets }, stack)).toThrow('found 6: let one of them pass events on');
  });

  it('with a dead-letter queue that nothing would use', () => {
    const stack = stackIn();
    const targets = [new LambdaFunction(LambdaFn.fromFunctionName(stack, 'Handler', 'pager'))];
    const deadLetterQueue = new Queue(stack, 'Queue');
    expect(() => notifications({ topic: undefined, targets, deadLetterQueue }, stack)).toThrow(
      'expected a topic with the deadLetterQueue',
    );
  });

  it('for an imported registry whose ledger nobody names', () => {
    const stack = stackIn();
    expect(() => notifications({ registry: importedRegistry(stack) }, stack)).toThrow(
      'Prompts/Notifications: expected to know the ledger bucket of the registry /prompts/prod, found that it was imported without: add ledgerBucketName',
    );
  });

  it.each(['audit', 'arn:aws:s3:::audit'])('for a trail called %s, which is no ARN of a trail', (trailArn) => {
    expect(() => notifications({ trailArn })).toThrow(
      `Prompts/Notifications: expected the ARN of a trail as trailArn, found '${trailArn}'`,
    );
  });

  it('in another Region or account than the registry', () => {
    const app = newApp();
    const registry = registryIn(stackIn(app));
    const elsewhere = new Stack(app, 'Elsewhere', { env: { ...ENV, region: 'eu-west-1' } });
    expect(() => notifications({ registry }, elsewhere)).toThrow(
      'Elsewhere/Notifications: expected the region of the registry /prompts/prod, us-east-1, found eu-west-1',
    );
    const foreign = new Stack(app, 'Foreign', { env: { ...ENV, account: '444455556666' } });
    expect(() => notifications({ registry }, foreign)).toThrow('expected the account of the registry');
  });

  it('with a pattern that EventBridge would refuse, and pass just below', () => {
    const withRoles = (count: number) => {
      const stack = stackIn();
      const promptEditors = Array.from({ length: count }, (_, index) =>
        Role.fromRoleArn(stack, `Editor${index}`, `${ACCOUNT}:role/${String(index).padStart(60, 'r')}`),
      );
      return notifications({ promptEditors }, stack);
    };
    const longest = Object.values(rulesOf(withRoles(10))).map(({ text }) => text.length);
    expect(Math.max(...longest)).toBeGreaterThan(1_700);
    expect(Math.max(...longest)).toBeLessThanOrEqual(2_048);
    expect(() => withRoles(12)).toThrow(
      /Prompts\/Notifications: expected an event pattern of at most 2048 characters, found up to \d{4}: list fewer promptEditors or executionRoles \(rule PromptChange\)/,
    );
  });
});

it('fits with names as long as they may be', () => {
  const stack = stackIn();
  const registry = registryIn(stack, `/${Array.from({ length: 13 }, () => 'level-of-names').join('/')}`);
  const texts = Object.values(rulesOf(notifications({ registry, trailArn: TRAIL }, stack))).map(({ text }) => text);
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(2_048);
});

it('adds nothing that AwsSolutionsChecks find', () => {
  const app = newApp();
  const stack = stackIn(app);
  const registry = registryIn(stack);
  const findings = () => new AwsSolutionsChecks(app).validateScope(stack).violations.map(({ ruleName }) => ruleName);
  const before = findings();
  notifications({ registry }, stack);
  expect(before).not.toEqual([]);
  expect(findings()).toEqual(before);
});
