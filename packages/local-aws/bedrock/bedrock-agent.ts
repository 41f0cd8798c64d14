import type * as agent from '@aws-sdk/client-bedrock-agent';
import * as client from '@aws-sdk/client-bedrock-agent';
import type { Authorization, Call } from '../call';
import { Constraints } from '../constraints';
import { RateLimit } from '../rate-limit';
import { operation, type Service } from '../service';
import { bedrockRefusals } from '../wire/refusals';
import { restJson } from '../wire/rest-json';
import { checkPrompt, checkPromptVersion, checkTags } from './prompt-constraints';
import { promptReference, wholePromptReference } from './prompt-reference';
import type { PromptStore } from './prompt-store';

/** Calls per second, account and Region, none adjustable: https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock */
const CALLS_PER_SECOND = {
  ...{ CreatePrompt: 2, CreatePromptVersion: 2, UpdatePrompt: 2, DeletePrompt: 2 },
  ...{ GetPrompt: 10, ListPrompts: 10 },
};

export interface BedrockAgentOptions {
  /** Whether AWS's rate limits hold: 2 writes, 10 reads a second. @default false */
  readonly rateLimits?: boolean;
}

/** Prompt management, out of the Agents for Amazon Bedrock build-time API. */
export function bedrockAgent(store: PromptStore, options: BedrockAgentOptions = {}): Service {
  const rate = new RateLimit(options.rateLimits ? CALLS_PER_SECOND : {});

  const tagged = (action: string, arn: string, tags?: Record<string, string>): Authorization => ({
    action: `bedrock:${action}`,
    resource: arn,
    context: { ...tagContext('ResourceTag', store.tagsOf(arn)), ...requestTags(tags) },
  });
  const taggedResource = (arn: string | undefined, call: Call): string => {
    const reference = promptReference(arn, undefined, call);
    store.get(reference);
    return reference.arn;
  };

  return {
    name: 'bedrock-agent',
    signingName: 'bedrock',
    client,
    protocol: restJson('com.amazonaws.bedrockagent', bedrockRefusals),
    operations: {
      CreatePrompt: operation<agent.CreatePromptCommandInput, agent.CreatePromptCommandOutput>({
        authorize: ({ tags }) => [{ action: 'bedrock:CreatePrompt', resource: '*', context: requestTags(tags) }],
        run: (input, call) => {
          rate.take('CreatePrompt', call.region, call.time);
          checkPrompt(input);
          const arnPrefix = promptArnPrefix(call);
          return store.once(tokenKey(input.clientToken, call), () => {
            const draft = store.create(arnPrefix, input, call.time);
            store.setTags(draft.arn, input.tags ?? {});
            return draft;
          });
        },
      }),

      GetPrompt: operation<agent.GetPromptCommandInput, agent.GetPromptCommandOutput>({
        authorize: ({ promptIdentifier, promptVersion }, call) => [
          tagged('GetPrompt', promptReference(promptIdentifier, promptVersion, call).arn),
        ],
        run: ({ promptIdentifier, promptVersion, includedData }, call) => {
          rate.take('GetPrompt', call.region, call.time);
          const constraints = new Constraints();
          constraints.oneOf(includedData, 'includedData', ['ALL_DATA', 'METADATA_ONLY']);
          constraints.check();
          const found = store.get(promptReference(promptIdentifier, promptVersion, call));
          if (includedData === 'METADATA_ONLY') {
            const { variants: _, ...metadata } = found;
            return metadata;
          }
          return found;
        },
      }),

      UpdatePrompt: operation<agent.UpdatePromptCommandInput, agent.UpdatePromptCommandOutput>({
        authorize: ({ promptIdentifier }, call) => [
          tagged('UpdatePrompt', wholePromptReference(promptIdentifier, call).arn),
        ],
        run: (input, call) => {
          rate.take('UpdatePrompt', call.region, call.time);
          checkPrompt(input);
          const reference = wholePromptReference(input.promptIdentifier, call);
          return store.update(reference, input, call.time);
        },
      }),

      CreatePromptVersion: operation<agent.CreatePromptVersionCommandInput, agent.CreatePromptVersionCommandOutput>({
        authorize: ({ promptIdentifier, tags }, call) => [
          tagged('CreatePromptVersion', wholePromptReference(promptIdentifier, call).arn, tags),
        ],
        run: (input, call) => {
          rate.take('CreatePromptVersion', call.region, call.time);
          checkPromptVersion(input);
          const reference = wholePromptReference(input.promptIdentifier, call);
          return store.once(tokenKey(input.clientToken, call), () => {
            const version = store.publish(reference, input.description, call.time);
            store.setTags(version.arn, input.tags ?? {});
            return version;
          });
        },
      }),

      // Of one prompt the draft is listed as well as its versions:
      // https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-code-ex.html
      ListPrompts: operation<agent.ListPromptsCommandInput, agent.ListPromptsCommandOutput>({
        authorize: ({ promptIdentifier }, call) => [
          // The simulator judges ARNs only: this one stands for all prompts and is nobody's own.
          promptIdentifier === undefined
            ? { action: 'bedrock:ListPrompts', resource: `${promptArnPrefix(call)}ALLPROMPTS` }
            : tagged('ListPrompts', wholePromptReference(promptIdentifier, call).arn),
        ],
        run: ({ promptIdentifier, maxResults }, call) => {
          rate.take('ListPrompts', call.region, call.time);
          const constraints = new Constraints();
          constraints.range(maxResults, 'maxResults', 1, 1000);
          constraints.check();
          const all =
            promptIdentifier === undefined
              ? store.drafts(promptArnPrefix(call))
              : store.versions(wholePromptReference(promptIdentifier, call));
          const promptSummaries = all.map(({ name, description, id, arn, version, createdAt, updatedAt }) => {
            return { name, description, id, arn, version, createdAt, updatedAt };
          });
          return { promptSummaries };
        },
      }),

      DeletePrompt: operation<agent.DeletePromptCommandInput, agent.DeletePromptCommandOutput>({
        authorize: ({ promptIdentifier, promptVersion }, call) => [
          tagged('DeletePrompt', promptReference(promptIdentifier, promptVersion, call).arn),
        ],
        run: ({ promptIdentifier, promptVersion }, call) => {
          rate.take('DeletePrompt', call.region, call.time);
          const constraints = new Constraints();
          constraints.pattern(promptVersion, 'promptVersion', /^(?:[0-9]{1,5})$/);
          constraints.check();
          const reference = promptReference(promptIdentifier, promptVersion, call);
          if (reference.version === 'DRAFT') {
            store.deletePrompt(reference);
            return { id: reference.id };
          }
          store.deleteVersion(reference);
          return { id: reference.id, version: String(reference.version) };
        },
      }),

      TagResource: operation<agent.TagResourceCommandInput, agent.TagResourceCommandOutput>({
        authorize: ({ resourceArn, tags }, call) => [
          tagged('TagResource', promptReference(resourceArn, undefined, call).arn, tags),
        ],
        run: ({ resourceArn, tags }, call) => {
          checkTags(tags);
          const arn = taggedResource(resourceArn, call);
          store.setTags(arn, { ...store.tagsOf(arn), ...tags });
          return {};
        },
      }),

      UntagResource: operation<agent.UntagResourceCommandInput, agent.UntagResourceCommandOutput>({
        authorize: ({ resourceArn, tagKeys = [] }, call) => {
          const authorization = tagged('UntagResource', promptReference(resourceArn, undefined, call).arn);
          return [{ ...authorization, context: { ...authorization.context, 'aws:TagKeys': tagKeys } }];
        },
        run: ({ resourceArn, tagKeys = [] }, call) => {
          const arn = taggedResource(resourceArn, call);
          const left = Object.entries(store.tagsOf(arn)).filter(([key]) => !tagKeys.includes(key));
          store.setTags(arn, Object.fromEntries(left));
          return {};
        },
      }),

      ListTagsForResource: operation<agent.ListTagsForResourceCommandInput, agent.ListTagsForResourceCommandOutput>({
        authorize: ({ resourceArn }, call) => [
          tagged('ListTagsForResource', promptReference(resourceArn, undefined, call).arn),
        ],
        run: ({ resourceArn }, call) => ({ tags: store.tagsOf(taggedResource(resourceArn, call)) }),
      }),
    },
  };
}

function promptArnPrefix({ region, account }: Call): string {
  return `arn:aws:bedrock:${region}:${account}:prompt/`;
}

function tokenKey(token: string | undefined, call: Call): string | undefined {
  return token && `${call.region}/${call.operation}/${token}`;
}

function requestTags(tags: Record<string, string> | undefined): Record<string, string | string[]> {
  return tags && Object.keys(tags).length > 0
    ? { ...tagContext('RequestTag', tags), 'aws:TagKeys': Object.keys(tags) }
    : {};
}

function tagContext(key: 'ResourceTag' | 'RequestTag', tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:${key}/${name}`, value]));
}
