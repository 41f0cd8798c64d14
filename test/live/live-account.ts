import { BedrockAgentClient, ListPromptsCommand } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { CliError } from '../../cli/cli-error';
import { ExitCode } from '../../cli/exit-code';

export interface AccountChoice {
  readonly profile?: string;
  readonly region?: string;
}

interface Settings {
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
const AWS_HOST = /\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)$/;
/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** Where the checks run and as whom, told from the requests themselves. */
export class LiveAccount {
  private constructor(
    readonly account: string,
    readonly region: string,
    readonly principal: string,
    readonly profile: string | undefined,
    readonly hosts: Set<string>,
    readonly clients: LiveClients,
  ) {}

  /** Asks who the credentials belong to; throws what `explained` can explain. */
  static async open({ profile, region: wanted }: AccountChoice): Promise<LiveAccount> {
    // As with the AWS CLI, --profile wins over keys in the environment, for the `cdk` command as well.
    if (profile) for (const name of KEYS) delete process.env[name];
    await requireProfile(profile);
    const hosts = new Set<string>();
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    const named = wanted || AWS_REGION || AWS_DEFAULT_REGION;
    const sts = watched(new STSClient({ ...(named && { region: named }), ...(profile && { profile }) }), hosts);
    const region = await sts.config.region();
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
    return new LiveAccount(Account, region, Arn, profile, hosts, clientsOf({ region, profile }, hosts));
  }

  /** All that answered so far was AWS itself. */
  get isAws(): boolean {
    return [...this.hosts].every((host) => AWS_HOST.test(new URL(host).hostname));
  }

  /** What `cdk` is told about account and Region. */
  get cdkArguments(): string[] {
    return this.profile ? ['--profile', this.profile] : [];
  }

  /** How the user names account and Region in a command of the AWS CLI. */
  get awsArguments(): string {
    return `--region ${this.region}${this.profile ? ` --profile ${this.profile}` : ''}`;
  }

  /** Reads one thing of each service that the checks write to, so that a missing right shows before anything is made. */
  async requireReadable(needsRegistry: boolean): Promise<void> {
    const { bedrock, cloudFormation, s3, ssm } = this.clients;
    await bedrock.send(new ListPromptsCommand({ maxResults: 1 }));
    await cloudFormation.send(new ListStacksCommand({}));
    await s3.send(new ListBucketsCommand({}));
    try {
      await ssm.send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
    } catch (error) {
      if ((error as Error).name !== 'ParameterNotFound') throw error;
      if (!needsRegistry) return;
      throw new CliError({
        what: `${this.account} in ${this.region} is not bootstrapped for the CDK`,
        why: `there is no parameter ${BOOTSTRAP_PARAMETER}`,
        fix: `npx cdk bootstrap aws://${this.account}/${this.region}${this.profile ? ` --profile ${this.profile}` : ''}`,
      });
    }
  }

  /** The same endpoint with a role's credentials. */
  async assume(RoleArn: string, RoleSessionName: string): Promise<LiveClients> {
    const { Credentials } = await this.clients.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    return clientsOf({ region: this.region, credentials }, this.hosts);
  }
}

export type LiveClients = ReturnType<typeof clientsOf>;

function clientsOf(choice: Settings, hosts: Set<string>) {
  const settings = { ...choice, retryMode: 'adaptive', maxAttempts: 8 };
  const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL ?? process.env.AWS_ENDPOINT_URL_S3);
  return {
    bedrock: watched(new BedrockAgentClient(settings), hosts),
    runtime: watched(new BedrockRuntimeClient(settings), hosts),
    cloudFormation: watched(new CloudFormationClient(settings), hosts),
    iam: watched(new IAMClient(settings), hosts),
    lambda: watched(new LambdaClient(settings), hosts),
    s3: watched(new S3Client({ ...settings, forcePathStyle }), hosts),
    ssm: watched(new SSMClient(settings), hosts),
    sts: watched(new STSClient(settings), hosts),
  };
}

/** A name that is mistyped would lead on to the machine's own credentials, and so perhaps to another account. */
async function requireProfile(profile: string | undefined): Promise<void> {
  if (profile === undefined) return;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])];
  if (known.includes(profile)) return;
  throw new CliError(
    {
      what: `no profile ${profile}`,
      why: `there are: ${known.join(', ') || 'none'}`,
      fix: 'aws configure list-profiles',
    },
    ExitCode.NotAllowed,
  );
}

interface Watchable {
  readonly middlewareStack: { add(middleware: Middleware, options: object): void };
}

type Middleware = (next: Handler) => Handler;
type Handler = (args: { request: { protocol: string; hostname: string; port?: number } }) => unknown;

/** Notes where each request goes: AWS_ENDPOINT_URL, or an `endpoint_url` of the profile, may lead anywhere. */
function watched<Client>(client: Client, hosts: Set<string>): Client {
  const note: Middleware = (next) => (args) => {
    const { protocol, hostname, port } = args.request;
    hosts.add(`${protocol}//${hostname}${port ? `:${port}` : ''}`);
    return next(args);
  };
  (client as Watchable).middlewareStack.add(note, { step: 'finalizeRequest', priority: 'low', name: 'whereItGoes' });
  return client;
}
