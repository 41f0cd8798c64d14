import type {
  GetEventSelectorsCommandInput,
  GetEventSelectorsCommandOutput,
  PutEventSelectorsCommandInput,
  PutEventSelectorsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { AwsError, notImplemented } from '../aws-error';
import { type Operation, operation } from '../service';
import { checkSelectors } from './advanced-selectors';
import { onTrail } from './trail-operations';
import type { Trails } from './trails';

/** What a trail has that was never given selectors. */
const byDefault = [
  {
    ReadWriteType: 'All' as const,
    IncludeManagementEvents: true,
    DataResources: [],
    ExcludeManagementEventSources: [],
  },
];

export function selectorOperations(trails: Trails): Record<string, Operation> {
  return {
    PutEventSelectors: operation<PutEventSelectorsCommandInput, PutEventSelectorsCommandOutput>({
      authorize: ({ TrailName }, call) => [onTrail('PutEventSelectors', TrailName, call)],
      run: ({ TrailName, EventSelectors, AdvancedEventSelectors }, call) => {
        const trail = trails.trail(TrailName);
        if (EventSelectors && AdvancedEventSelectors) {
          const message = 'Event selectors and advanced event selectors cannot be used at the same time.';
          throw new AwsError('InvalidEventSelectorsException', 400, message);
        }
        if (EventSelectors) {
          throw notImplemented('cloudtrail PutEventSelectors: basic EventSelectors (AdvancedEventSelectors are)');
        }
        checkSelectors(AdvancedEventSelectors ?? []);
        trails.changing(trail, call.requestId);
        trail.selectors = AdvancedEventSelectors;
        return { TrailARN: trail.arn, AdvancedEventSelectors };
      },
    }),
    GetEventSelectors: operation<GetEventSelectorsCommandInput, GetEventSelectorsCommandOutput>({
      authorize: ({ TrailName }, call) => [onTrail('GetEventSelectors', TrailName, call)],
      run: ({ TrailName }) => {
        const { arn, selectors } = trails.trail(TrailName);
        return {
          TrailARN: arn,
          ...(selectors ? { AdvancedEventSelectors: [...selectors] } : { EventSelectors: byDefault }),
        };
      },
    }),
  };
}
