import type { CommandContext } from '../command';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import type { ChangeSet } from './change-set';
import { type Execution, execute, follow } from './execution';
import type { ReleaseRequest } from './release-request';
import { stackCommand } from './stack-command';

export interface WantedChangeSet {
  readonly changeSet: ChangeSet;
  readonly requests: readonly ReleaseRequest[];
  /** What it does, for people. */
  readonly text: string;
  readonly question: string;
  /** What goes on without us once it has begun: `the release of advisor PROD to 2`. */
  readonly doing: string;
  /** What there is to say of an event of its execution. */
  readonly remark?: Parameters<typeof follow>[3];
  /** The command that shows how it ends. */
  readonly look: string;
  /** Takes the change set away, where it is ours. */
  readonly discard: () => Promise<void>;
  /** What came of it; answers the exit code. */
  readonly outcome: (done: Execution) => Promise<ExitCode>;
}

/** Shows a change set, asks, executes and follows it. Whoever says no or leaves before it begins leaves none behind. */
export async function runChangeSet(
  { terminal, values, interruption }: CommandContext,
  registry: Registry,
  { changeSet, requests, text, question, doing, remark, look, discard, outcome }: WantedChangeSet,
): Promise<ExitCode> {
  const nothingMoved = async () => {
    await discard();
    return ['interrupted; nothing was moved'];
  };
  const isWanted = await interruption.during(nothingMoved, async () => {
    if (!values.json) terminal.line(`${text}\n`);
    return Boolean(values.yes) || terminal.confirm(question, '--yes');
  });
  if (!isWanted) {
    await discard();
    terminal.notice('nothing was moved');
    return ExitCode.Failed;
  }
  let isSent = false;
  const leave = async () => {
    if (!isSent) return nothingMoved();
    return [
      `interrupted; CloudFormation is still running ${doing}`,
      `  see how it ends:  ${look}`,
      `  stop it:          ${stackCommand('cancel-update-stack', registry.stack)}`,
    ];
  };
  return interruption.during(leave, async () => {
    const operation = await execute(registry, changeSet, requests, () => {
      // From here on Ctrl-C cannot undo: a request that is on its way counts as started.
      isSent = true;
      interruption.begin();
    }).catch(async (error) => {
      if (!isSent) await discard();
      throw error;
    });
    return outcome(await follow(registry, operation, terminal, remark));
  });
}
