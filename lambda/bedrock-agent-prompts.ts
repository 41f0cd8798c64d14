import {
  type BedrockAgentClient,
  CreatePromptVersionCommand,
  DeletePromptCommand,
  GetPromptCommand,
  ListPromptsCommand,
  type PromptVariant,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { withPlainNumbers } from '../core/content/plain-numbers';
import type { BedrockPrompts, HeldContent, ListedVersion } from './bedrock-prompts';
import { isAwsError } from './error-code';

/** Bedrock's own API. Prompts go by id, not by ARN: the API's pattern knows no partition but `aws`. */
export class BedrockAgentPrompts implements BedrockPrompts {
  constructor(private readonly client: BedrockAgentClient) {}

  async versions(promptId: string): Promise<ListedVersion[] | undefined> {
    const versions: ListedVersion[] = [];
    let nextToken: string | undefined;
    try {
      do {
        const page = await this.client.send(
          new ListPromptsCommand({ promptIdentifier: promptId, maxResults: 10, nextToken }),
        );
        for (const { version, description } of page.promptSummaries ?? []) {
          if (/^\d+$/.test(version ?? '')) versions.push({ version: Number(version), description: description ?? '' });
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
    return versions.sort((one, other) => one.version - other.version);
  }

  async read(promptId: string, version: number | 'DRAFT'): Promise<HeldContent | undefined> {
    try {
      const found = await this.client.send(
        new GetPromptCommand({
          promptIdentifier: promptId,
          promptVersion: version === 'DRAFT' ? undefined : String(version),
        }),
      );
      return { variant: withPlainNumbers(found.variants?.[0]), description: found.description ?? '' };
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }

  async rewriteDraft(promptId: string, change: (variant: unknown) => unknown): Promise<boolean> {
    try {
      const found = await this.client.send(new GetPromptCommand({ promptIdentifier: promptId }));
      const variant = change(withPlainNumbers(found.variants?.[0]));
      if (variant === undefined) return false;
      // UpdatePrompt replaces the draft as a whole; tags are not part of it.
      const { name, description, defaultVariant, customerEncryptionKeyArn } = found;
      const kept = { name, description, defaultVariant, customerEncryptionKeyArn };
      const variants = [variant as PromptVariant];
      await this.client.send(new UpdatePromptCommand({ promptIdentifier: promptId, ...kept, variants }));
      return true;
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return false;
      throw error;
    }
  }

  async createVersion(promptId: string, description: string, clientToken: string): Promise<number> {
    const made = await this.client.send(
      new CreatePromptVersionCommand({ promptIdentifier: promptId, description, clientToken }),
    );
    return Number(made.version);
  }

  async deleteVersion(promptId: string, version: number): Promise<void> {
    // Without a version DeletePrompt deletes the whole prompt.
    if (!Number.isInteger(version) || version < 1) throw new RangeError(`expected a version number, found ${version}`);
    try {
      await this.client.send(new DeletePromptCommand({ promptIdentifier: promptId, promptVersion: String(version) }));
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
    }
  }
}
