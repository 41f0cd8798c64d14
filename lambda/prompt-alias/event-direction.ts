import type { PromptAliasProperties } from '../../core/contract/prompt-alias-resource';
import type { CustomResourceEvent } from '../custom-resource-event';
import { optionalTextProperty } from '../property';

/** `forward` releases, `back` undoes or removes, `unchanged` moves nothing. */
export type EventDirection = 'forward' | 'back' | 'unchanged';

/**
 * Which way an event goes, told from the plan's attributes and not from the stack's status: a forward event can arrive
 * while the stack rolls back already, and it is not documented whether CloudFormation reads the plan's attributes again
 * on its way back. Stored ones are older than those they replace, fresh ones say `back`.
 */
export function eventDirection(event: CustomResourceEvent): EventDirection {
  if (event.RequestType === 'Create') return 'forward';
  if (event.RequestType === 'Delete') return 'back';
  const planned = optionalTextProperty<PromptAliasProperties>(event.ResourceProperties, 'PlannedAt', '');
  const before = optionalTextProperty<PromptAliasProperties>(event.OldResourceProperties, 'PlannedAt', '');
  if (planned === before) return 'unchanged';
  const forward = event.ResourceProperties.Direction === 'forward' && Number(planned) > Number(before);
  return forward ? 'forward' : 'back';
}
