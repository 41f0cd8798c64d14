import type { AwsChoice, AwsClients } from './aws-clients';
import { explained } from './aws-failure';
import type { CommandContext } from './command';
import { inOrder } from './in-order';
import type { Registry } from './registry';

/** Registries read at once: the first is to be shown soon, and AWS's rates are shared by all. */
const AT_ONCE = 4;

/** What was found where a registry may be: what came of reading it, or why it could not be read. */
export type RegistryFound<Result> =
  | { readonly stackName: string; readonly result: Result }
  | { readonly stackName: string; readonly unread: string };

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
 * @throws CliError where there is none
 */
export async function* openRegistries<Result>(
  context: CommandContext,
  read: (registry: Registry) => Promise<Result>,
): AsyncGenerator<RegistryFound<Result>> {
  const { possibleRegistries, isOthersStack, noRegistry } = await import('./stack-finder');
  const { Registry: Opened } = await import('./registry');
  const clients = await clientsOf(context);
  const { cloudFormation } = clients;
  const choice = stackChoice(context.values);
  const possible = await possibleRegistries(cloudFormation, choice);
  const found = async (one: (typeof possible)[number]): Promise<RegistryFound<Result> | undefined> => {
    try {
      const stack = await one.read();
      return stack && { stackName: stack.stackName, result: await read(new Opened(clients, stack)) };
    } catch (error) {
      if (choice.stackName !== undefined || !isOthersStack(error)) throw error;
      const { message, why } = explained(error);
      return { stackName: one.stackName, unread: [message, why].filter(Boolean).join(': ') };
    }
  };
  let count = 0;
  for await (const one of inOrder(possible, AT_ONCE, found)) {
    if (one === undefined) continue;
    count += 1;
    yield one;
  }
  if (count === 0) throw noRegistry(await cloudFormation.config.region());
}

/** Which stack the options and the environment name. */
export function stackChoice(values: CommandContext['values'], env: NodeJS.ProcessEnv = process.env) {
  const text = (name: string) => values[name] as string | undefined;
  return { stackName: text('stack') ?? (env.PROMPT_REGISTRY_STACK || undefined), ledgerBucket: text('ledger-bucket') };
}
