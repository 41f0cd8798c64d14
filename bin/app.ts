import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { App, CfnOutput, CfnWaitCondition, CfnWaitConditionHandle, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, CompositePrincipal, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import {
  AliasTarget,
  Gate,
  LangfuseEndpoint,
  ModelCatalog,
  ModelLifecycleWatch,
  Prompt,
  PromptAlias,
  PromptAuditTrail,
  PromptEvaluator,
  PromptRegistry,
  PromptVariant,
  Rollout,
} from '../lib';
import { disposableEnvironment, makeDisposable } from './disposable';

/** An entry of `environments` in cdk.json. */
interface Environment {
  readonly account: string;
  readonly region: string;
  readonly parameterPrefix: string;
  readonly aliases: Readonly<Record<string, 'current' | 'parameter'>>;
}

const TARGETS = { current: AliasTarget.currentVersion, parameter: AliasTarget.parameter };

export const app = new App();
const name: string = app.node.tryGetContext('env') ?? 'dev';
const isDisposable = app.node.tryGetContext('disposable') === 'true';
const environment: Environment = isDisposable ? disposableEnvironment(name) : environmentNamed(name);
const { account, region, parameterPrefix } = environment;
const promptsFolder: string = app.node.tryGetContext('promptsDir') ?? 'prompts';
const propagation = app.node.tryGetContext('propagation');

const stack = new Stack(app, `Prompts-${name}`, {
  env: { account, region },
  description: `Prompts of ${name}: drafts, versions, aliases and the ledger of releases`,
});
/** `-c models=models.lock.json`: models are held to what Bedrock has, and watched. */
const lockFile: string | undefined = app.node.tryGetContext('models');
const approvals = approvalsIn(stack, app.node.tryGetContext('gates'));
const told = isRolledOut() ? new Topic(stack, 'Told') : undefined;
const registry = new PromptRegistry(stack, 'Registry', {
  parameterPrefix,
  ...approvals?.props,
  ...measuredProps(),
  ...(told && { rollouts: { topic: told } }),
  ...(lockFile !== undefined && { models: ModelCatalog.fromLockFile(lockFile) }),
  ...(propagation !== undefined && { policyPropagation: Duration.seconds(Number(propagation)) }),
});
for (const role of approvals?.roles ?? []) {
  role.addManagedPolicy(registry.reviewerPolicy);
  output(stack, `${role.node.id}Arn`, role.roleArn, 'Role of reviewers');
}
output(stack, 'LedgerBucket', registry.ledgerBucket.bucketName, 'Release records and archived versions');

const prompts: Prompt[] = [];
const aliases = promptFiles().flatMap((file) => {
  const prompt = new Prompt(stack, file, { registry, variant: PromptVariant.fromFile(join(promptsFolder, file)) });
  prompts.push(prompt);
  output(stack, `${file}Version`, prompt.currentVersion.version, `Version that holds the content of ${file}`);
  return Object.entries(environment.aliases).map(([aliasName, target]) => {
    const alias = prompt.addAlias(aliasName, { target: TARGETS[target](), ...rolloutProps(target) });
    output(stack, `${file}${aliasName}`, alias.version, `Version that ${alias.parameterName} points to`);
    return alias;
  });
});
if (isMeasured()) measuredIn(stack);
if (lockFile !== undefined) watchedIn(stack);
if (told) rolledOutIn(stack, told);

// The application: another team's stack would look the same, it needs nothing but the alias's names.
const consumer = new Stack(app, `Consumer-${name}`, {
  env: { account, region },
  description: `An application of ${name} that runs the prompts of Prompts-${name}`,
});
consumer.addStackDependency(stack, 'IAM attaches a policy only once it exists');
const role = new Role(consumer, 'Role', {
  // The account as well, so that you can try out what the role may do: aws sts assume-role.
  assumedBy: new CompositePrincipal(new ServicePrincipal('lambda.amazonaws.com'), new AccountRootPrincipal()),
  managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
});
const application = new NodejsFunction(consumer, 'Function', {
  entry: join(__dirname, 'application.ts'),
  runtime: Runtime.NODEJS_24_X,
  role,
  timeout: Duration.minutes(1),
  memorySize: 256,
  description: `Runs a prompt of ${parameterPrefix} by its alias`,
  // The SDK goes into the bundle, so that it is the one that was tested.
  bundling: { externalModules: [], minify: true },
});
for (const { promptName, aliasName } of aliases.filter((alias) => alias.aliasName === callersAlias())) {
  const alias = PromptAlias.fromAliasName(consumer, `${promptName}.${aliasName}`, {
    parameterPrefix,
    promptName,
    aliasName,
  });
  alias.grants.invoke(application);
}
output(consumer, 'RoleArn', role.roleArn, 'Role of the application');
output(consumer, 'FunctionName', application.functionName, 'The application: aws lambda invoke');

if (app.node.tryGetContext('audit') === 'true') {
  auditIn(new Stack(app, `Audit-${name}`, { env: { account, region }, description: `Audit trail of Prompts-${name}` }));
}

if (app.node.tryGetContext('langfuse') === 'true') {
  const description = `What Langfuse's clients read of Prompts-${name}`;
  langfuseIn(new Stack(app, `Langfuse-${name}`, { env: { account, region }, description }));
}

const failing = app.node.tryGetContext('failing');
if (failing === 'true') {
  failAfter(aliases);
} else if (failing === 'beside') {
  failBeside(aliases);
}
if (isDisposable) {
  makeDisposable(app, name);
}

function environmentNamed(key: string): Environment {
  const environments: Record<string, Environment> = app.node.tryGetContext('environments') ?? {};
  const found = environments[key];
  if (found === undefined) {
    throw new Error(
      `expected -c env=… to be one of ${Object.keys(environments).join(', ')}, found ${key}: add it to environments in cdk.json`,
    );
  }
  return found;
}

/** As `prompt-registry types` finds them: those in folders too, and no partials. */
function promptFiles(): string[] {
  return readdirSync(promptsFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.prompt') && !basename(file).startsWith('_'))
    .filter((file) => !statSync(join(promptsFolder, file)).isDirectory())
    .sort();
}

/** The application runs PROD where there is one, else the environment's first alias. */
function callersAlias(): string | undefined {
  const names = Object.keys(environment.aliases);
  return names.includes('PROD') ? 'PROD' : names[0];
}

/** `-c gates=on`: one person asks, another one approves. `-c gates=off` takes the gate away and leaves the reviewers. */
function approvalsIn(scope: Stack, gates: string | undefined) {
  if (gates === undefined) return undefined;
  // Everybody who may assume them chooses the session's name here; synthesis warns of that.
  const reviewer = (id: string) => new Role(scope, id, { assumedBy: new AccountRootPrincipal() });
  const [author, risk] = [reviewer('Author'), reviewer('Risk')];
  const approval = Gate.approval({ askedBy: 'authors', by: 'risk' });
  const reviewers = { authors: [author], risk: [risk] };
  return {
    roles: [author, risk],
    props: { reviewers, ...(gates === 'on' && { gates: { '*': [approval], STAGING: [] } }) },
  };
}

/** `-c evaluate=on`: PROD moves only to what answers the cases well enough. */
function isMeasured(): boolean {
  return app.node.tryGetContext('evaluate') === 'on';
}

function measuredProps() {
  if (!isMeasured()) return undefined;
  const suite = join(promptsFolder, 'financial-analysis.eval.yaml');
  const asked = { atLeast: { mentions: 0.9 }, noWorseThanLive: { mentions: 0.1 } };
  return { reviewers: { measured: [] }, gates: { PROD: [Gate.evaluation({ by: 'measured', suite, ...asked })] } };
}

function measuredIn(scope: Stack): void {
  const suites = prompts.map((prompt) => {
    const named = (name: string) =>
      aliases.find(({ promptName, aliasName }) => promptName === prompt.promptName && aliasName === name);
    const [candidate, live] = [named('STAGING'), named('PROD')];
    if (!candidate || !live) throw new Error(`expected STAGING and PROD of ${prompt.promptName}: -c env=prod`);
    return { prompt, candidate, live, suite: join(promptsFolder, `${prompt.promptName}.eval.yaml`) };
  });
  const topic = new Topic(scope, 'Alerts');
  new PromptEvaluator(scope, 'Quality', { registry, group: 'measured', suites, topic, every: Duration.days(1) });
  output(scope, 'AlertsTopic', topic.topicArn, 'Says what became worse');
}

/** `-c rollout=on`: what goes to PROD goes to a few users first. `-c rollout=split`: both versions stand side by side. */
function isRolledOut(): boolean {
  return ['on', 'split'].includes(app.node.tryGetContext('rollout'));
}

function rolloutProps(target: keyof typeof TARGETS) {
  if (target !== 'parameter' || !isRolledOut()) return undefined;
  const isSplit = app.node.tryGetContext('rollout') === 'split';
  const rollout = isSplit
    ? Rollout.split(50, { for: Duration.days(14), scores: ['helpful', 'clear'] })
    : Rollout.steps([5, 25, 50], { bake: Duration.minutes(1), minimumUses: 5 });
  return { callableVersions: 3, rollout };
}

/** Who calls PROD, and who may halt its rollouts and deploy nothing. */
function rolledOutIn(scope: Stack, topic: Topic): void {
  const [caller, onCall] = ['Application', 'OnCall'].map(
    (id) => new Role(scope, id, { assumedBy: new AccountRootPrincipal() }),
  ) as [Role, Role];
  onCall.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess'));
  for (const alias of aliases.filter(({ aliasName }) => aliasName === callersAlias())) {
    alias.grants.invoke(caller);
    alias.grants.halt(onCall);
  }
  output(scope, 'ApplicationArn', caller.roleArn, 'Role of the application');
  output(scope, 'OnCallArn', onCall.roleArn, 'Role of who may halt');
  output(scope, 'AlertsTopic', topic.topicArn, 'Says how rollouts go');
}

function watchedIn(scope: Stack): void {
  const topic = new Topic(scope, 'Alerts');
  new ModelLifecycleWatch(scope, 'Watch', { registry, topic });
  output(scope, 'AlertsTopic', topic.topicArn, 'Says which models end');
}

/** Evidence has a stack of its own, so that no failure of it holds up a release. */
function auditIn(audit: Stack): void {
  const trail = new PromptAuditTrail(audit, 'Trail', { registries: [registry] });
  const auditor = new Role(audit, 'Auditor', { assumedBy: new AccountRootPrincipal() });
  trail.grants.audit(auditor);
  output(audit, 'TrailBucket', trail.bucket.bucketName, 'Log files of the audit trail');
  output(audit, 'AuditorArn', auditor.roleArn, 'Role that reads and verifies, and nothing else');
}

/** A door has a stack of its own as well: it only reads. */
function langfuseIn(door: Stack): void {
  const endpoint = new LangfuseEndpoint(door, 'Endpoint', { registry, aliases });
  const key = endpoint.addKey('Application', { read: aliases });
  output(door, 'Url', endpoint.url, 'LANGFUSE_BASE_URL');
  output(door, 'Keys', key.secretArn, 'Secret with LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY');
}

/** Ids are words: `financial-analysis.prompt` and `PROD` become `FinancialAnalysisPROD`. */
function output(scope: Stack, id: string, value: string, description: string): void {
  const words = id.replace('.prompt', '').split(/[^A-Za-z0-9]+/);
  new CfnOutput(scope, words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(''), {
    value,
    description,
  });
}

/** A resource next to the aliases that cannot be created, to see what a failed deployment does to them. */
function failAfter(moved: PromptAlias[]): void {
  const refused = new CfnParameter(stack, 'FailsOnPurpose', {
    type: 'String',
    value: moved[0]?.version ?? 'none',
    allowedPattern: '^not a version$',
  });
  refused.node.addDependency(...moved);
}

/** One that fails while the aliases wait to be recorded: it starts with them, and nobody signals what it waits for. */
function failBeside(moving: PromptAlias[]): void {
  const handle = new CfnWaitConditionHandle(stack, 'NobodySignals').ref;
  const unheard = new CfnWaitCondition(stack, 'FailsOnPurpose', { handle, count: 1, timeout: '6' });
  unheard.node.addDependency(...moving.map(({ callerPolicy }) => callerPolicy));
}
