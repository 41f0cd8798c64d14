import { Duration, type Stack } from 'aws-cdk-lib';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../lib';
import { startLocalAws } from '../packages/local-aws';
import { StackDeployer } from '../test/stack-deployer';

export interface ScaleSettings {
  readonly prompts: number;
  /** Seconds. */
  readonly policyPropagation: number;
}

/** Calls of one operation that were served, and those that were throttled. */
export interface Calls {
  readonly calls: number;
  readonly throttled: number;
}

export interface ScaleStep {
  readonly name: string;
  readonly seconds: number;
  /** The least that the rates allow, and the operation that allows no less. */
  readonly floor: { readonly seconds: number; readonly setBy: string };
  readonly calls: Record<string, Calls>;
  readonly functions: { readonly highest: number; readonly throttled: number };
  readonly status: string;
  readonly failures: readonly string[];
}

const STACK = 'Scale';

/** Per second: https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock, …/ssm.html */
const RATES: Record<string, number> = {
  CreatePrompt: 2,
  CreatePromptVersion: 2,
  UpdatePrompt: 2,
  DeletePrompt: 2,
  GetPrompt: 10,
  ListPrompts: 10,
  PutParameter: 40,
  GetParameter: 40,
};
/** Of a new account: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const CONCURRENCY = 10;

/** Deploys so many prompts with two aliases each under AWS's rates, changes the content of all, and releases all. */
export async function measureScale({ prompts, policyPropagation }: ScaleSettings): Promise<ScaleStep[]> {
  const aws = await startLocalAws({
    bedrock: { rateLimits: true },
    ssm: { rateLimits: true },
    lambda: { concurrency: CONCURRENCY },
  });
  try {
    const deployer = new StackDeployer(aws);
    const names = Array.from({ length: prompts }, (_, index) => `prompt${index + 1}`);
    const template = (text: string) =>
      deployer.synthesize(STACK, (stack) => fill(stack, names, text, Duration.seconds(policyPropagation)));
    const step = async (name: string, body: string, parameters: Record<string, string>): Promise<ScaleStep> => {
      const from = aws.calls.length;
      const throttledBefore = aws.lambdaConcurrency.throttled;
      const started = performance.now();
      const { status, failures } = await deployer.deployTemplate(STACK, body, { parameters });
      const seconds = (performance.now() - started) / 1000;
      await aws.idle();
      const calls = byOperation(aws.calls.slice(from));
      const { highest, throttled } = aws.lambdaConcurrency;
      const functions = { highest, throttled: throttled - throttledBefore };
      return { name, seconds, floor: floorOf(calls, policyPropagation), calls, functions, status, failures };
    };
    const released = Object.fromEntries(
      names.map((name) => [`${name[0]?.toUpperCase()}${name.slice(1)}ProdVersion`, '2']),
    );
    const changed = await template('Explain {{ticker}} well');
    return [
      await step('first deploy', await template('Explain {{ticker}}'), {}),
      await step('new content everywhere', changed, {}),
      await step('release of all', changed, released),
    ];
  } finally {
    await aws.stop();
  }
}

function fill(stack: Stack, names: readonly string[], text: string, policyPropagation: Duration): void {
  const registry = new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/scale', policyPropagation });
  for (const promptName of names) {
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, promptName, { registry, promptName, variant });
    prompt.addAlias('STAGING');
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  }
}

interface Call {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly errorCode?: string;
}

function byOperation(calls: readonly Call[]): Record<string, Calls> {
  const found: Record<string, Calls> = {};
  for (const { service, operation, errorCode } of calls) {
    // The deployer's own looking.
    if (service === 'cloudformation' && !operation.startsWith('DescribeStackEvents')) continue;
    const { calls: served, throttled } = found[operation] ?? { calls: 0, throttled: 0 };
    const isThrottled = /Throttling|TooManyRequests/.test(errorCode ?? '');
    found[operation] = { calls: served + (isThrottled ? 0 : 1), throttled: throttled + (isThrottled ? 1 : 0) };
  }
  return found;
}

/**
 * Each operation's calls divided by its rate: they run side by side, so the slowest sets the floor. An update that moves
 * aliases waits once for IAM on top of that.
 */
function floorOf(calls: Record<string, Calls>, policyPropagation: number): ScaleStep['floor'] {
  const times = Object.entries(RATES).map(([operation, rate]) => ({
    setBy: `${calls[operation]?.calls ?? 0} ${operation} at ${rate} a second`,
    seconds: (calls[operation]?.calls ?? 0) / rate,
  }));
  const slowest = times.reduce((most, each) => (each.seconds > most.seconds ? each : most));
  return { seconds: slowest.seconds + policyPropagation, setBy: `${slowest.setBy}, ${policyPropagation} s for IAM` };
}
