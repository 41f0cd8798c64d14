import { environmentFor } from '../environment';
import { type LocalAws, startLocalAws } from '../index';
import { type Arguments, readArguments, USAGE, UsageError } from './arguments';
import { bootstrap } from './bootstrap';
import { exportText } from './shell-exports';

/** `local-aws`: starts an endpoint and runs until it is interrupted. Answers the exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  try {
    const asked = readArguments(args);
    if (asked.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    await serve(asked);
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(`${(error as Error).message}\n${isUsage ? 'local-aws --help lists all options\n' : ''}`);
    return isUsage ? 64 : 1;
  }
}

async function serve({ endpoint: options, bootstrap: isAsked, json }: Arguments): Promise<void> {
  const interruption = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    interruption.signal.addEventListener('abort', () => resolve());
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());
  const aws = await startLocalAws(options);
  try {
    if (isAsked) process.stderr.write('cdk bootstrap, which takes some seconds …\n');
    if (isAsked) await bootstrap(aws.account, aws.region, aws.environment(), interruption.signal);
    process.stdout.write(json ? asJson(aws) : asText(aws, isAsked));
    await interrupted;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  } finally {
    await aws.stop();
  }
}

function asJson({ endpoint, account, region, operator }: LocalAws): string {
  const environment = environmentFor(endpoint, region, operator);
  const unset = Object.keys(environment).filter((name) => environment[name] === undefined);
  return `${JSON.stringify({ endpoint, account, region, environment, unset })}\n`;
}

function asText({ endpoint, account, region, operator }: LocalAws, isBootstrapped: boolean): string {
  return `local-aws  ${endpoint}  account ${account}  ${region}${isBootstrapped ? '  bootstrapped' : ''}
IAM is enforced. All is in memory, and gone after Ctrl-C.

${exportText(environmentFor(endpoint, region, operator))}`;
}
