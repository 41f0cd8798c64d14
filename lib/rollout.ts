import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkRolloutSettings, type RolloutSettings } from '../core/rollout/settings';
import { Guard } from './guard';
import { atConstruct, constructError } from './private/construct-error';

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

/** Settings of `Rollout.split()`. */
export interface RolloutSplitProps {
  /** How long both versions stand side by side, from the deployment on that begins it: whole seconds, an hour to 60 days. */
  readonly for: Duration;

  /**
   * What people say of answers, as `prompts.score(exposure, 'helpful', true)` counts it while the alias has this split: at
   * most 5 names, each a metric on the bill. A letter, then at most 39 letters, digits and `-`; not `errors`, not `slow`.
   *
   * @default - none is counted
   */
  readonly scores?: string[];

  /** What is drawn. @default RolloutKey.SESSION */
  readonly key?: RolloutKey;

  /** What halts it before its end: at most 10. @default [Guard.errors()] */
  readonly guards?: Guard[];
}

/** A split has no step to wait for: this only says that readers believe a controller for half an hour. */
const SPLIT_BAKE = Duration.minutes(10);

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

  /**
   * Two versions side by side for a time: one share, a whole percent from 1 to 99. At its end everybody gets stable again.
   *
   * It settles nothing by itself: somebody reads it out, and settles it or ends it. It keeps the settings of its start.
   *
   * @example
   * Rollout.split(50, { for: Duration.days(14), scores: ['helpful'] });
   */
  public static split(percent: number, props: RolloutSplitProps): Rollout {
    return new Split(percent, props);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): RolloutSettings;
}

class Steps extends Rollout {
  constructor(
    private readonly percents: number[],
    private readonly props: Partial<RolloutStepsProps> = {},
  ) {
    super();
  }

  public override _bind(scope: IConstruct): RolloutSettings {
    const { bake, minimumUses = 50 } = this.props;
    const seconds = secondsOf(scope, 'bake', bake);
    return settingsOf(scope, this.props, { steps: [...this.percents], bake: seconds, minimum: minimumUses });
  }
}

class Split extends Rollout {
  constructor(
    private readonly percent: number,
    private readonly props: Partial<RolloutSplitProps> = {},
  ) {
    super();
  }

  public override _bind(scope: IConstruct): RolloutSettings {
    const { for: length, scores = [] } = this.props;
    return settingsOf(scope, this.props, {
      steps: [this.percent],
      bake: SPLIT_BAKE.toSeconds(),
      minimum: 0,
      for: secondsOf(scope, 'for', length),
      scores: [...scores].sort(),
    });
  }
}

function settingsOf(
  scope: IConstruct,
  { key = RolloutKey.SESSION, guards = [Guard.errors()] }: Pick<RolloutStepsProps, 'key' | 'guards'>,
  own: Omit<RolloutSettings, 'key' | 'guards'>,
): RolloutSettings {
  const settings: RolloutSettings = { ...own, key, guards: guards.map((guard) => guard._bind(scope)) };
  atConstruct(scope, () => checkRolloutSettings(settings));
  return settings;
}

/** Parts of a second as well, which are refused then. Of an app whose types nobody checks it may be missing, or a number. */
function secondsOf(scope: IConstruct, name: 'bake' | 'for', duration: Duration | undefined): number {
  if (typeof duration?.toSeconds !== 'function') {
    throw constructError(
      scope,
      'InvalidRollout',
      `expected a rollout with ${name} as a Duration, found ${duration ?? 'none'}: set ${name}, such as ${name}: Duration.${name === 'bake' ? 'minutes(10)' : 'days(14)'}`,
    );
  }
  return duration.toSeconds({ integral: false });
}
