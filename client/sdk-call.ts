import { RegistryError } from '../core/registry-error';

/** What the client needs of an AWS SDK v3 client. Any `SSMClient` or `BedrockAgentClient` fits. */
export interface SdkClient {
  send(command: object, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A client and the command to send with it, from an SDK package. */
export type LoadedSdk<I> = readonly [client: SdkClient, Command: new (input: I) => object];

/**
 * One operation of AWS. The SDK package is loaded at the first call: it costs a cold start some 100 ms.
 *
 * @throws RegistryError `MissingSdk`
 */
export function sdkCall<I, O>(packageName: string, load: () => Promise<LoadedSdk<I>>) {
  let loading: Promise<LoadedSdk<I>> | undefined;
  return async (input: I, abortSignal: AbortSignal): Promise<O> => {
    loading ??= load().catch((cause) => {
      throw new RegistryError('MissingSdk', `${packageName} could not be loaded; npm install ${packageName}`, {
        cause,
      });
    });
    const [client, Command] = await loading;
    return client.send(new Command(input), { abortSignal }) as Promise<O>;
  };
}
