import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isSuiteDigest } from '../core/evaluation/evaluation-suite';
import { checkGate, type Gate as GateInForce } from '../core/release/gate';
import type { ApprovalGate } from '../core/release/gates/approval';
import type { EvaluationGate } from '../core/release/gates/evaluation';
import type { ModelGate } from '../core/release/gates/model';
import { atConstruct, constructError } from './private/construct-error';
import { askedOfSuite } from './private/gated-suite';

/** Settings of `Gate.approval()`. */
export interface ApprovalGateProps {
  /** Group of reviewers of which one asks for the release. Nobody approves what they asked for. */
  readonly askedBy: string;

  /** Group of reviewers whose members approve or reject. */
  readonly by: string;

  /** How many people of the group must approve: 1 to 5. @default 1 */
  readonly count?: number;

  /** After how long a request or an approval no longer counts: an hour to 90 days. @default Duration.days(7) */
  readonly expires?: Duration;
}

/** Settings of `Gate.evaluation()`. */
export interface EvaluationGateProps {
  /** Group of reviewers that runs the suite and signs how it came out: a pipeline, as a rule. */
  readonly by: string;

  /**
   * Path of the suite, `prompts/financial-analysis.eval.yaml`, or its digest, `es1:…`, which `prompt-registry evaluate check`
   * prints. A gate keeps the digest: whoever changes the suite changes the gate.
   */
  readonly suite: string;

  /** By metric: the share of cases that must pass, above 0 to 1. @default - none */
  readonly atLeast?: { readonly [metric: string]: number };

  /**
   * By metric: by how much it must be shown not to be worse than what is live, as a share of cases: 0.1 are ten points.
   *
   * @default - every metric of the suite, by 0.1, where neither this nor `atLeast` is given and the suite is a file; of a
   * suite that is named by its digest one of them is needed
   */
  readonly noWorseThanLive?: { readonly [metric: string]: number };
}

/** Settings of `Gate.model()`. */
export interface ModelGateProps {
  /** For how long the model must go on, at most two years. @default Duration.days(30) */
  readonly endsAfter?: Duration;

  /**
   * Ids of the models and inference profiles that prompts may name, or ARNs: at most 20. An application inference profile
   * counts as the model that it leads to.
   *
   * @default - any
   */
  readonly among?: string[];
}

/**
 * What must agree before an alias moves forward. Going back to what was agreed before asks nobody.
 *
 * @example
 * Gate.approval({ askedBy: 'authors', by: 'risk', count: 1, expires: Duration.days(7) });
 */
export abstract class Gate {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'Gate';

  /**
   * The alias moves only to a content that one person asked for and others approved, as the reviews in the ledger's bucket
   * say, which IAM lets everybody write in their own name only.
   */
  public static approval(props: ApprovalGateProps): Gate {
    const { askedBy, by, count = 1, expires = Duration.days(7) } = props;
    const gate: ApprovalGate = {
      gate: 'approval',
      askedBy,
      by,
      count,
      expires: expires.toSeconds({ integral: false }),
    };
    return new Declared(gate);
  }

  /**
   * The alias moves only to a content over which a member of the group ran the suite, compared with what is live then, and
   * signed counts that are good enough. The newest run counts, its critical cases must all pass, and what a suite is too
   * small to tell does not pass. Nothing is run in the release: it reads what is signed.
   *
   * Throws `InvalidSuite`, `InvalidGate`.
   *
   * @example
   * Gate.evaluation({ by: 'measured', suite: 'prompts/financial-analysis.eval.yaml', atLeast: { mentions: 0.95 } });
   */
  public static evaluation(props: EvaluationGateProps): Gate {
    return new Evaluation(props);
  }

  /**
   * The alias moves only to a content whose model Bedrock has, that goes on for long enough, and that is one of those named.
   * What Bedrock does not say stops nobody: the release goes on with a warning in the function's log.
   */
  public static model(props: ModelGateProps = {}): Gate {
    const { endsAfter = Duration.days(30), among } = props;
    const gate: ModelGate = {
      gate: 'model',
      endsAfter: endsAfter.toSeconds({ integral: false }),
      ...(among && { among }),
    };
    return new Declared(gate);
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): GateInForce;
}

/** A gate of any kind. */
class Declared extends Gate {
  constructor(private readonly gate: GateInForce) {
    super();
  }

  public override _bind(scope: IConstruct): GateInForce {
    return atConstruct(scope, () => checkGate(this.gate));
  }
}

class Evaluation extends Gate {
  constructor(private readonly props: EvaluationGateProps) {
    super();
  }

  public override _bind(scope: IConstruct): GateInForce {
    const { by, suite, atLeast, noWorseThanLive } = this.props;
    const asked = { ...(atLeast && { atLeast }), ...(noWorseThanLive && { noWorseThanLive }) };
    const gate: EvaluationGate = isSuiteDigest(suite)
      ? { gate: 'evaluation', by, suite, atLeast: {}, noWorseThanLive: {}, ...asked }
      : { gate: 'evaluation', by, ...askedOfSuite(scope, suite, asked) };
    if (Object.keys(gate.atLeast).length + Object.keys(gate.noWorseThanLive).length === 0) {
      throw constructError(
        scope,
        'InvalidGate',
        `expected atLeast or noWorseThanLive of a metric of ${suite}, found neither: any run would open the gate, however bad; name metrics`,
      );
    }
    return atConstruct(scope, () => checkGate(gate));
  }
}
