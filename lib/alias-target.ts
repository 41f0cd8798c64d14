import { CfnParameter, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { aliasParameterId } from '../core/contract/names';
import { NO_VERSION } from '../core/contract/no-version';
import {
  parseVersionTarget,
  ROLLOUT_TARGET_PATTERN,
  VERSION_TARGET_PATTERN,
  type VersionTarget,
} from '../core/release/version-target';
import { atConstruct, constructError } from './private/construct-error';
import type { ReleasablePrompt } from './releasable-prompt';

/** Where an alias gets its target from, once it belongs to an alias. @internal */
export interface AliasTargetConfig {
  /** `none`, a version number, or a content digest; may be a token. */
  readonly target: string;
  /** Whether the target is set for the alias, instead of following the content. */
  readonly pinned: boolean;
  /** Name of the stack parameter that sets the target. @default - no parameter sets it */
  readonly parameterId?: string;
}

/** How an alias gets its target. */
export abstract class AliasTarget {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'AliasTarget';

  /** The alias follows the content: every deployment of a changed prompt moves it. */
  public static currentVersion(): AliasTarget {
    return new CurrentVersionTarget();
  }

  /**
   * The alias points where a parameter of the stack says, named after prompt and alias: `FinancialAnalysisProdVersion`.
   *
   * The parameter takes `none`, a version number or a content digest, and its Default is `none`.
   */
  public static parameter(): AliasTarget {
    return new ParameterTarget();
  }

  /** The alias stays on one version, 1 to 99999. */
  public static version(version: number): AliasTarget {
    return new PinnedTarget('version', String(version));
  }

  /** The alias stays on the version with this content digest: `pd1:` and 64 hex digits, the same in every environment. */
  public static digest(contentDigest: string): AliasTarget {
    return new PinnedTarget('digest', contentDigest);
  }

  /** @internal */
  public abstract _bind(
    scope: Construct,
    prompt: ReleasablePrompt,
    aliasName: string,
    rollsOut: boolean,
  ): AliasTargetConfig;
}

class CurrentVersionTarget extends AliasTarget {
  public override _bind(scope: Construct, prompt: ReleasablePrompt): AliasTargetConfig {
    if (prompt.currentVersion === undefined) {
      throw constructError(
        scope,
        'InvalidVersionTarget',
        `expected a prompt whose content is published from here, found that ${prompt.promptName} is not: set target to AliasTarget.parameter(), .version() or .digest()`,
      );
    }
    // The digest rather than the number: it is in the template, so a rollback brings the old one whatever
    // CloudFormation does with attributes, and `cdk diff --method=template` shows that the alias will move.
    return { target: prompt.currentVersion.contentDigest, pinned: false };
  }
}

class ParameterTarget extends AliasTarget {
  public override _bind(
    scope: Construct,
    prompt: ReleasablePrompt,
    aliasName: string,
    rollsOut: boolean,
  ): AliasTargetConfig {
    const id = aliasParameterId(prompt.promptName, aliasName);
    const parameter = new CfnParameter(scope, 'Target', {
      type: 'String',
      default: NO_VERSION,
      allowedPattern: rollsOut ? ROLLOUT_TARGET_PATTERN : VERSION_TARGET_PATTERN,
      constraintDescription: `none, a version number from 1 to 99999, or a content digest (pd1: and 64 hex digits)${rollsOut ? '; or two of these with .. between, where the first stays and the second is rolled out' : ''}`,
      description:
        `Where ${aliasName} of ${prompt.promptName} points: none, a version number, or a content digest. ${rollsOut ? '3..4 stays on 3 and rolls 4 out. ' : ''}` +
        'A deployment that leaves it out keeps the last value. A pipeline that resets parameters to their Default ' +
        'sends none, which is refused once the alias points at a version. DRAFT and latest are refused.',
    });
    parameter.overrideLogicalId(id);
    return { target: parameter.valueAsString, pinned: true, parameterId: id };
  }
}

class PinnedTarget extends AliasTarget {
  constructor(
    private readonly kind: VersionTarget['kind'],
    private readonly target: string,
  ) {
    super();
  }

  public override _bind(scope: Construct): AliasTargetConfig {
    if (!Token.isUnresolved(this.target)) {
      const { kind } = atConstruct(scope, () => parseVersionTarget(this.target));
      if (kind !== this.kind) {
        throw constructError(
          scope,
          'InvalidVersionTarget',
          `expected a ${this.kind} in AliasTarget.${this.kind}(), found '${this.target}': use AliasTarget.parameter() for an alias that may point nowhere`,
        );
      }
    }
    return { target: this.target, pinned: true };
  }
}
