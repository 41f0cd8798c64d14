import { RegistryError } from '../core/registry-error';
import type { RegistryErrorCode } from '../core/registry-error-codes';
import { type Answer, withAttempts } from './attempts';
import type { PromptClientSettings } from './prompt-client-options';
import { refusal } from './refusal';
import type { SdkClient } from './sdk-client';

/** A client and the commands to send with it, from an SDK package. */
export type LoadedSdk<I> = readonly [client: SdkClient, command: (input: I) => object];

/**
 * A question to AWS, with retries. The SDK package is loaded at the first call: it costs a cold start some 100 ms.
 *
 * @param codes of the errors for what does not exist and for what may not be used
 * @throws RegistryError one of those, or `MissingSdk`; on an outage something else
 */
export function sdkCall<I, O>(
  { clock, timeout }: PromptClientSettings,
  codes: readonly [gone: RegistryErrorCode, refused: RegistryErrorCode],
  load: (settings: object) => Promise<LoadedSdk<I>>,
) {
  let loading: Promise<LoadedSdk<I>> | undefined;
  return <T>(subject: string, input: I, read: (output: O) => T): Promise<Answer<T>> =>
    withAttempts(clock, timeout, async (abortSignal) => {
      // The retries are ours, and a body that stalls must give its socket back.
      const requestHandler = { connectionTimeout: timeout, socketTimeout: timeout };
      loading ??= load({ maxAttempts: 1, requestHandler });
      const [client, command] = await loading;
      const output = await client.send(command(input), { abortSignal }).catch((cause) => {
        throw refusal(subject, ...codes, cause);
      });
      return read(output as O);
    });
}

/** For the `catch` around the `import` of a package that may be missing. */
export function missingSdk(cause: unknown): never {
  throw new RegistryError('MissingSdk', `npm install the AWS SDK, found ${cause}`, { cause });
}
