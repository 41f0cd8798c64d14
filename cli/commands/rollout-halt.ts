import { InvokeCommand } from '@aws-sdk/client-lambda';
import { logicalId } from '../../core/contract/names';
import type { HaltAnswer, HaltRequest } from '../../core/contract/rollout-controller';
import { checkReleaseReason } from '../../core/release/release-reason';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';

/** There is only one controller: while it looks after others, Lambda answers 429. */
const ATTEMPTS = 20;
const PAUSE_MS = 1_000;

export const rolloutHalt: Command = {
  name: 'rollout halt',
  summary: 'takes the candidate of a rollout back from everybody, at once and for good',
  positionals: ['PROMPT', 'ALIAS'],
  asks: ['prompt', 'alias'],
  options: {
    reason: { type: 'string', value: 'TEXT', description: 'why; kept in the chain of steps' },
    controller: {
      type: 'string',
      value: 'FUNCTION',
      description: "the registry's function, where its stack is another one: name or ARN",
    },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'It asks nothing, since it only takes away: no right to deploy is needed, but that to invoke the controller ' +
      '(alias.grants.halt). Clients follow within a minute.',
    'The alias goes on pointing at the stable version. rollback ends the rollout, promote --to another version begins a new one.',
  ],
  examples: ['rollout halt financial-analysis PROD --reason "complaints"'],
  run: async (context) => {
    const { terminal, values, positionals } = context;
    const [prompt = '', alias = ''] = positionals;
    const answer = await terminal.progress('asking the controller', () => halt(context));
    if (answer.outcome === 'no-rollout') {
      throw new CliError({
        what: `${alias} of ${prompt} has no rollout to halt`,
        fix: `prompt-registry rollout status ${prompt} ${alias}`,
      });
    }
    if (values.json) terminal.json({ prompt, alias, ...answer });
    else {
      const { colors, glyphs } = terminal;
      const done =
        answer.outcome === 'halted' ? 'halted: everybody gets the stable version within a minute' : 'was halted before';
      terminal.line(`${colors.green(glyphs.ok)} ${prompt} ${alias}  rollout #${answer.plan} ${done}`);
    }
    return ExitCode.Done;
  },
};

async function halt({ positionals, values, openRegistry }: CommandContext): Promise<HaltAnswer> {
  const [promptName = '', aliasName = ''] = positionals;
  const reason = typeof values.reason === 'string' ? values.reason : null;
  if (reason !== null) checkReleaseReason(reason);
  const registry = await openRegistry(promptName);
  registry.alias(await registry.prompt(promptName), aliasName);
  const request: HaltRequest = { halt: { prompt: promptName, alias: aliasName, reason } };
  const FunctionName = typeof values.controller === 'string' ? values.controller : controllerOf(registry);
  for (let attempt = 1; ; attempt++) {
    try {
      return await invoke(registry, FunctionName, request);
    } catch (error) {
      if (attempt === ATTEMPTS || (error as Error).name !== 'TooManyRequestsException') throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

function controllerOf({ stack }: Registry): string {
  const id = logicalId(stack.parameterPrefix, undefined, undefined, 'Controller');
  const found = stack.resources.get(id)?.physicalId;
  if (found !== undefined) return found;
  throw usageError(
    `stack ${stack.stackName} has no controller of rollouts`,
    'name the one of its registry: --controller ARN (rolloutControllerArn of the PromptRegistry)',
  );
}

async function invoke({ clients }: Registry, FunctionName: string, request: HaltRequest): Promise<HaltAnswer> {
  const { Payload, FunctionError } = await clients.lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }),
  );
  const answer = JSON.parse(Payload?.transformToString() || 'null');
  if (FunctionError === undefined && typeof answer?.outcome === 'string') return answer;
  throw new CliError({
    what: 'the controller could not halt the rollout',
    why: answer?.errorMessage ?? 'it gave no answer',
    fix: 'try again; to take the candidate away by a stack update: prompt-registry rollback',
  });
}
