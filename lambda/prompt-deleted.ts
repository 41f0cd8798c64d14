import { RegistryError } from '../core/registry-error';

/** Somebody deleted the prompt outside the stack; CloudFormation does not look, and every version went with it. */
export function promptDeleted(promptName: string, promptId: string): RegistryError {
  return new RegistryError(
    'PromptDeleted',
    `expected the prompt ${promptName} (${promptId}) in Bedrock, found none: it was deleted outside the stack, and its versions with it; give it a new promptName, or remove it from the app, deploy, and add it again`,
  );
}
