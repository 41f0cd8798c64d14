import { versionOfArn } from '../contract/version-arn';
import { promptOf } from './prompt-event';
import { actorName, lastPart, roleName, type TrailEvent, text } from './trail-event';

/**
 * Calls of a model, as a trail's management events have them, with the id that the caller sent:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/logging-using-cloudtrail.html
 */
const CALLS = ['Converse', 'ConverseStream', 'InvokeModel', 'InvokeModelWithResponseStream'];

export interface ModelCall {
  /** ARN of the role or user. */
  readonly principal: string;
  /** Its name, as a policy's holders are named. */
  readonly name: string;
  readonly modelId: string;
  /** Null where the caller named no prompt. */
  readonly promptId: string | null;
  /** Null for a draft, and where the caller named no prompt. */
  readonly version: number | null;
}

/** Undefined for an event that is no call of a model. */
export function modelCall(event: TrailEvent): ModelCall | undefined {
  if (event.source !== 'bedrock.amazonaws.com' || !CALLS.includes(event.name)) return undefined;
  const modelId = text(event.request.modelId);
  if (modelId === null) return undefined;
  const { identity } = event;
  const principal = identity.roleArn ?? actorName(identity);
  const isPrompt = modelId.includes(':prompt/');
  return {
    principal,
    name: roleName(identity) ?? lastPart(principal),
    modelId,
    promptId: isPrompt ? promptOf({ ...event, request: { promptIdentifier: modelId } }) : null,
    version: isPrompt ? versionOfArn(modelId) : null,
  };
}
