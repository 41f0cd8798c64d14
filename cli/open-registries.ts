import type { AwsChoice, AwsClients } from './aws-clients';
import { reasonOf } from './aws-failure';
import type { CommandContext } from './command';
import { inOrder } from './in-order';
import type { Registry } from './registry';

/** Registries read at once: the first is to be shown soon, and AWS's rates are shared by all. */
const AT_ONCE = 4;

interface Refused {
  readonly stackName: string;
  /** Why it could not be looked into. */
  readonly refusal: unknown;
}

type Found<Result> = { readonly result: Result } | Refused;

/** Clients as the options of a command choose them. */
export async function clientsOf({ values }: Pick<CommandContext, 'values'>): Promise<AwsClients> {
  const { awsClients } = await import('./aws-clients');
  const { checkProfile } = await import('./aws-profile');
  const choice = values as AwsChoice;
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID } = process.env;
  // Keys in the environment do without the profile that the environment names.
  const profile = choice.profile ?? (AWS_ACCESS_KEY_ID ? undefined : AWS_PROFILE);
  if (profile) await checkProfile(profile);
  return awsClients(choice);
}

/**
 * Reads every registry of the account and Region, or the one that `--stack` or `PROMPT_REGISTRY_STACK` names, in the order
 * of the stacks' names. A stack that cannot be looked into is reported and keeps nobody from the others.
 *
 * @throws CliError where there is none, and what kept every one from being read
 */
export async function* openRegistries<Result>(
  context: CommandContext,
  read: (registry: Registry) => Promise<Result>,
): AsyncGenerator<Result> {
  const { possibleRegistries, isOthersStack, noRegistry } = await import('./stack-finder');
  const { Registry: Opened } = await import('./registry');
  const clients = await clientsOf(context);
  const choice = stackChoice(context.values);
  const possible = await possibleRegistries(clients, choice);
  const found = async (one: (typeof possible)[number]): Promise<Found<Result> | undefined> => {
    try {
      const stack = await one.read();
      return stack && { result: await read(new Opened(clients, stack)) };
    } catch (refusal) {
      if (choice.stackName !== undefined || !isOthersStack(refusal)) throw refusal;
      return { stackName: one.stackName, refusal };
    }
  };
  const refused: Refused[] = [];
  let isAnyRead = false;
  for await (const one of inOrder(possible, AT_ONCE, found)) {
    if (one === undefined) continue;
    if ('refusal' in one) refused.push(one);
    else isAnyRead = true;
    // Where none can be read, that is no answer but an error.
    if (isAnyRead) for (const stack of refused.splice(0)) noticeRefused(stack, context);
    if ('result' in one) yield one.result;
  }
  if (!isAnyRead) throw refused[0]?.refusal ?? noRegistry(await clients.cloudFormation.config.region());
}

function noticeRefused({ stackName, refusal }: Refused, { terminal }: CommandContext): void {
  terminal.notice(`${terminal.glyphs.note} stack ${stackName} could not be looked into: ${reasonOf(refusal)}`);
}

/** Which stack the options and the environment name. */
export function stackChoice(values: CommandContext['values'], env: NodeJS.ProcessEnv = process.env) {
  const text = (name: string) => values[name] as string | undefined;
  return { stackName: text('stack') ?? (env.PROMPT_REGISTRY_STACK || undefined), ledgerBucket: text('ledger-bucket') };
}
