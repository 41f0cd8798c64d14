import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkGate, type Gate as GateInForce } from '../core/release/gate';
import type { ApprovalGate } from '../core/release/gates/approval';
import { atConstruct } from './private/construct-error';

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
