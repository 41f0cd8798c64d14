import { withPlainNumbers } from '../core/content/plain-numbers';
import type { PromptVariantContent } from '../core/content/prompt-content';
import type { PromptClientSettings } from './prompt-client-options';
import { VERSION_CODES } from './refusal';
import { missingSdk, sdkCall } from './sdk-call';

/** What `GetPrompt` answers, as far as it is read here. */
export interface PromptAnswer {
  readonly variant: PromptVariantContent;
  /** The registry writes the content digest to its beginning: `pd1:… note`. */
  readonly description?: string;
}

/**
 * Asks Bedrock, with retries, for a version's content. Rejects with a RegistryError if the answer is a refusal, with
 * anything else on an outage.
 */
export type ContentReader = (versionArn: string) => Promise<PromptAnswer>;

export function contentReader(settings: PromptClientSettings): ContentReader {
  const getPrompt = sdkCall<GetPromptInput, { description?: string; variants?: PromptVariantContent[] }>(
    settings,
    VERSION_CODES,
    async (sdkSettings) => {
      const { BedrockAgentClient, GetPromptCommand } = await loadSdk();
      return [
        settings.bedrockAgent ?? new BedrockAgentClient(sdkSettings),
        (input) => new GetPromptCommand(input as never),
      ];
    },
  );
  return async (versionArn) => {
    // The id and not the ARN: the API's pattern for ARNs knows the partition aws only.
    const [, promptIdentifier, promptVersion] = versionArn.split(/prompt\/|:(?=\d+$)/);
    const input = { promptIdentifier, promptVersion };
    const { value } = await getPrompt(versionArn, input, ({ description, variants }) => {
      if (!variants?.[0]) throw new Error('empty');
      return { variant: withPlainNumbers(variants[0]) as PromptVariantContent, description };
    });
    return value;
  };
}

interface GetPromptInput {
  readonly promptIdentifier: string | undefined;
  readonly promptVersion: string | undefined;
}

/** With `try` and `await`, as in alias-reader.ts. */
async function loadSdk() {
  try {
    return await import('@aws-sdk/client-bedrock-agent');
  } catch (cause) {
    return missingSdk(cause);
  }
}
