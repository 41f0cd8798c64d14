import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { isAccessError } from '../../core/contract/access-error';
import { logicalId } from '../../core/contract/names';
import type { HaltAnswer, HaltRequest } from '../../core/contract/rollout-controller';
import { checkReleaseReason } from '../../core/release/release-reason';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { clientsOf } from '../open-registries';
import type { Registry } from '../registry';

/** There is only one controller: while it looks after others, up to a minute, Lambda answers 429. */
const ATTEMPTS = 60;
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
      description: 'the function that moves rollouts: name or ARN. Nothing else is asked then',
    },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'It asks nothing, since it only takes away: no right to deploy is needed, but that to invoke the controller ' +
      '(alias.grants.halt). Clients follow within a minute.',
    "To find the controller it reads the registry's stack. With no right to that, name it: --controller, the " +
      'rolloutControllerArn of the PromptRegistry.',
    'The alias goes on pointing at the stable version. rollback ends the rollout, promote --to another version begins a new one.',
  ],
  examples: [
    'rollout halt financial-analysis PROD --reason "complaints"',
    'rollout halt financial-analysis PROD --controller arn:aws:lambda:us-east-1:111122223333:function:Prompts-Controller',
  ],
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

async function halt(context: CommandContext): Promise<HaltAnswer> {
  const { positionals, values } = context;
  const [promptName = '', aliasName = ''] = positionals;
  const reason = typeof values.reason === 'string' ? values.reason : null;
  if (reason !== null) checkReleaseReason(reason);
  const { lambda, FunctionName } = await controller(context, promptName, aliasName);
  const request: HaltRequest = { halt: { prompt: promptName, alias: aliasName, reason } };
  for (let attempt = 1; ; attempt++) {
    try {
      return await invoke(lambda, FunctionName, request);
    } catch (error) {
      if (attempt === ATTEMPTS || (error as Error).name !== 'TooManyRequestsException') throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** Where it is named, nothing is read: who may halt need not be allowed to look into the registry. */
async function controller(context: CommandContext, promptName: string, aliasName: string) {
  const { values, openRegistry } = context;
  if (typeof values.controller === 'string') {
    return { lambda: (await clientsOf(context)).lambda, FunctionName: values.controller };
  }
  try {
    const registry = await openRegistry(promptName);
    registry.alias(await registry.prompt(promptName), aliasName);
    return { lambda: registry.clients.lambda, FunctionName: controllerOf(registry) };
  } catch (error) {
    if (!isAccessError(error) && !isAccessError((error as Error).cause)) throw error;
    const parts = {
      what: 'the controller of rollouts could not be found: a permission is missing',
      why: (error as Error).message,
      fix: [
        'name it, which needs no right but that to halt: --controller ARN (rolloutControllerArn of the PromptRegistry)',
        'or ask for the permission that it names',
      ],
    };
    throw new CliError(parts, ExitCode.NotAllowed, { cause: error });
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

async function invoke(lambda: LambdaClient, FunctionName: string, request: HaltRequest): Promise<HaltAnswer> {
  const { Payload, FunctionError } = await lambda.send(
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
