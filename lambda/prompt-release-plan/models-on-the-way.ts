import { isAccessError } from '../../core/contract/access-error';
import { RegistryError } from '../../core/registry-error';
import { askAgain } from '../ask-again';
import type { HandlerClock } from '../clock';
import { errorCode } from '../error-code';
import type { InferenceProfiles } from '../inference-profiles';
import type { Log } from '../log';
import { guessedModelArns, type ModelArns, modelArns } from '../model-arns';
import type { PromptAddress } from '../prompt-address';

export interface ModelDeps {
  readonly profiles: InferenceProfiles;
  readonly clock: HandlerClock;
  readonly log: Log;
}

/** Which way a plan goes. */
export interface Way {
  readonly goingBack: boolean;
  /** The version that callers get from now on; null where the alias brings none. */
  readonly asked: number | null;
  /** Whether a plan that goes forward takes something back, which nobody may be in the way of. */
  readonly isReturn: () => Promise<boolean>;
  /** Whether there is no more time to ask. */
  readonly isLate: () => boolean;
}

/** What callers of a version must be allowed to invoke. Only the version that they begin to get may refuse. */
export async function modelsOnTheWay(
  version: number,
  model: string | null,
  address: PromptAddress,
  { goingBack, asked, isReturn, isLate }: Way,
  deps: ModelDeps,
): Promise<ModelArns> {
  if (goingBack) return modelsOnTheWayBack(version, model, address, isLate, deps);
  const ask = version === asked ? targetModels : modelsAsKnown;
  return ask(version, model, address, deps).catch(async (error) => {
    // Nor must it keep the alias from a return: the whole history is only read where something is wrong.
    if (!(await isReturn())) throw error;
    return modelsOnTheWayBack(version, model, address, isLate, deps);
  });
}

async function targetModels(
  version: number,
  model: string | null,
  address: PromptAddress,
  { profiles }: ModelDeps,
): Promise<ModelArns> {
  try {
    return await modelArns(model, address, profiles);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new RegistryError(error.code, `version ${version}: ${error.message}`, { cause: error });
  }
}

/**
 * The models of a version that may not refuse. A guess stands in only where Bedrock has answered: callers of the version left
 * behind must not lose rights to an outage of a minute.
 */
async function modelsAsKnown(
  version: number,
  model: string | null,
  address: PromptAddress,
  { profiles, log }: ModelDeps,
): Promise<ModelArns> {
  try {
    return await modelArns(model, address, profiles);
  } catch (error) {
    if (!(error instanceof RegistryError) && !isAccessError(error)) throw error;
    return guessed(version, model, address, error, log);
  }
}

/** @param isLate whether there is no more time to ask */
async function modelsOnTheWayBack(
  version: number,
  model: string | null,
  address: PromptAddress,
  isLate: () => boolean,
  { profiles, clock, log }: ModelDeps,
): Promise<ModelArns> {
  if (isLate()) return guessedModelArns(model, address);
  return askAgain(() => modelArns(model, address, profiles), clock).catch((error: unknown) =>
    guessed(version, model, address, error, log),
  );
}

function guessed(version: number, model: string | null, address: PromptAddress, error: unknown, log: Log): ModelArns {
  log('WARN', 'model guessed from its id', { version, model, error: errorCode(error) });
  return guessedModelArns(model, address);
}
