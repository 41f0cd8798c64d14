import type { Step } from '../../packages/local-aws/cloudformation/adversary';

interface Gate {
  readonly logicalId: RegExp;
  readonly step: Step;
  pass(): boolean | Promise<boolean>;
}

/** Holds or fails single steps of CloudFormation: what `failAt` of local-aws asks. The latest word on a step counts. */
export class StepGate {
  private gates: Gate[] = [];

  readonly failAt = (logicalId: string, step: Step): boolean | Promise<boolean> => {
    const gate = this.gates.find((candidate) => candidate.logicalId.test(logicalId) && candidate.step === step);
    return gate?.pass() ?? false;
  };

  /** The step waits from `reached` on until it is let go. */
  hold(logicalId: RegExp, step: Step = 'Update'): { readonly reached: Promise<void>; letGo(): void } {
    let letGo = () => {};
    const held = new Promise<boolean>((resolve) => {
      letGo = () => resolve(false);
    });
    const reached = new Promise<void>((resolve) => {
      this.add(logicalId, step, () => {
        resolve();
        return held;
      });
    });
    return { reached, letGo };
  }

  fail(logicalId: RegExp, step: Step = 'Update'): void {
    this.add(logicalId, step, () => true);
  }

  /** Something happens just before the step. */
  before(logicalId: RegExp, work: () => Promise<void>, step: Step = 'Update'): void {
    this.add(logicalId, step, async () => {
      await work();
      return false;
    });
  }

  /** Lets everything pass again. */
  open(): void {
    this.gates = [];
  }

  private add(logicalId: RegExp, step: Step, pass: Gate['pass']): void {
    this.gates.unshift({ logicalId, step, pass });
  }
}
