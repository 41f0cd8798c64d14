import type { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkRolloutSettings, type RolloutSettings } from '../core/rollout/settings';
import { Guard } from './guard';
import { atConstruct } from './private/construct-error';

/** What a rollout draws when it gives a share of the callers the candidate. */
export enum RolloutKey {
  /** The key that the application names for each use, such as a session: it keeps the version that it got. */
  SESSION = 'session',

  /** Each use by itself. */
  NONE = 'none',
}

/** Settings of `Rollout.steps()`. */
export interface RolloutStepsProps {
  /** How long each step lasts at least: whole seconds, at most 7 days. */
  readonly bake: Duration;

  /** How many uses the candidate needs in a step before the next one: 0 to 1,000,000. @default 50 */
  readonly minimumUses?: number;

  /** What is drawn. @default RolloutKey.SESSION */
  readonly key?: RolloutKey;

  /** What halts the rollout: at most 10. @default [Guard.errors()] */
  readonly guards?: Guard[];
}

/**
 * How an alias gives a new version to a share of its callers before all get it.
 *
 * @example
 * Rollout.steps([5, 25, 50], { bake: Duration.minutes(10), guards: [Guard.errors()] });
 */
export abstract class Rollout {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'Rollout';

  /**
   * One share after the other, in whole percents that rise, at most 10 of them. The last one stays until somebody settles the
   * rollout or ends it.
   *
   * A rollout keeps the settings of its start; others hold from the next one on.
   */
  public static steps(percents: number[], props: RolloutStepsProps): Rollout {
    return new Steps(percents, props);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): RolloutSettings;
}

class Steps extends Rollout {
  constructor(
    private readonly percents: number[],
    private readonly props: RolloutStepsProps,
  ) {
    super();
  }

  public override _bind(scope: IConstruct): RolloutSettings {
    const { bake, minimumUses = 50, key = RolloutKey.SESSION, guards = [Guard.errors()] } = this.props;
    const settings: RolloutSettings = {
      steps: [...this.percents],
      bake: bake.toSeconds({ integral: false }),
      minimum: minimumUses,
      key,
      guards: guards.map((guard) => guard._bind(scope)),
    };
    atConstruct(scope, () => checkRolloutSettings(settings));
    return settings;
  }
}
