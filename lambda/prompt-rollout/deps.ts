import type { Metrics } from '../../core/rollout/arm-metrics';
import type { AlarmStates } from '../cloudwatch-alarms';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import type { RolloutMessage } from './notice-message';
import type { Parameters } from './rolling-aliases';

export interface RolloutDeps {
  readonly ledger: ObjectStore;
  readonly parameters: Parameters;
  readonly alarms: AlarmStates;
  readonly metrics: Metrics;
  readonly publish: (message: RolloutMessage) => Promise<void>;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  readonly now: () => number;
  readonly log: Log;
}
