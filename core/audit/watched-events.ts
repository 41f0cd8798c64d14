import { BUCKET_EVENTS } from './rules/bucket-changes';
import { FUNCTION_EVENTS } from './rules/function-changes';
import { TRAIL_EVENTS } from './rules/trail-changes';
import { OPERATION_EVENTS } from './stack-operations';

/** Names of the events that the rules look at, apart from data events. */
export const WATCHED_EVENTS = [
  ...OPERATION_EVENTS,
  ...['CreatePromptVersion', 'UpdatePrompt', 'DeletePrompt'],
  ...['PutParameter', 'DeleteParameter', 'DeleteParameters'],
  'StartLogging',
  ...Object.keys(TRAIL_EVENTS),
  ...Object.keys(BUCKET_EVENTS),
  ...Object.keys(FUNCTION_EVENTS),
];
