import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Answers, LiveCheck } from '../check';
import type { OperationEvents } from '../operation-events';
import { type Stage, told } from '../stage';

/** Given to the late invocation beyond its wait, to write and answer; less where it waits for a short time only. */
const MARGIN = 20_000;

export const cancellation: LiveCheck = {
  number: 2,
  title: 'Another resource fails while a release is still being recorded',
  makes: ['another such deployment, and a wait until the release that was given up has ended'],
  needsRegistry: true,
  questions: [
    {
      id: 'meanwhile',
      asks: 'Does the rollback event arrive while the invocation that was given up still runs?',
      assumed: 'yes: CloudFormation does not wait for it',
      concerns: 'docs/adr/0005-the-fence.md',
      otherwise: 'nothing: the fence would not be needed',
    },
    {
      id: 'fence',
      asks: 'Does the invocation that was given up still write its record?',
      assumed: 'no: the rollback took its number, with a record that moves nothing (abandon)',
      concerns: 'docs/adr/0005-the-fence.md, law 2',
      otherwise: 'the ledger says something else than the alias, and the next release is planned on it',
    },
    {
      id: 'unmoved',
      asks: 'Does every alias point where it did?',
      assumed: 'yes',
      concerns: 'docs/adr/0002-native-parameter-as-pointer.md, law 2',
      otherwise: 'a failed deployment moves aliases',
    },
  ],

  async run(stage: Stage, answers: Answers) {
    const { longWait } = stage.settings;
    await stage.ready();
    const before = { pointers: await stage.pointers(), ledgers: await stage.ledgers() };
    const events = await stage.fail({ ...stage.base, word: 'third' }, { failing: 'beside', propagation: longWait });

    const begun = ['STAGING', 'PROD'].map((alias) => aliasEvents(stage, events, alias)[0]?.Timestamp?.getTime());
    const lastEnd = Math.max(...begun.map((time) => time ?? 0)) + longWait * 1000;
    // By CloudFormation's clock, which need not be this machine's.
    const left = lastEnd + Math.min(MARGIN, longWait * 500) - events.lastTime;
    stage.say(`waits ${Math.max(0, Math.ceil(left / 1000))} s for the invocation that was given up`);
    await stage.pause(Math.max(0, left));

    answerMeanwhile(stage, events, answers);
    const records = await stage.recordsSince(before.ledgers);
    const isFenced = records.length > 0 && records.every(({ kind, undo }) => kind === 'abandon' && undo);
    const newest = (['STAGING', 'PROD'] as const).map((alias) => records.findLast((record) => record.alias === alias));
    // A forward record that an undo follows was written before the rollback came: not late, so it tells nothing.
    const isLate = newest.some((record) => record !== undefined && !record.undo);
    answers.give('fence', isFenced ? 'holds' : isLate ? 'differs' : 'could not tell', `recorded: ${told(records)}`);
    const after = await stage.pointers();
    answers.give(
      'unmoved',
      after === before.pointers ? 'holds' : 'differs',
      `before ${before.pointers}; after ${after}`,
    );
  },
};

/** Of the way forward. */
function aliasEvents(stage: Stage, events: OperationEvents, alias: string): StackEvent[] {
  return events.forward(stage.names.resource(alias as 'PROD', 'Alias'));
}

function answerMeanwhile(stage: Stage, events: OperationEvents, answers: Answers): void {
  const { longWait } = stage.settings;
  const refused = events.forward('FailsOnPurpose').find(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
  const zero = refused?.Timestamp?.getTime() ?? Number.NaN;
  const after = (event: StackEvent | undefined) =>
    event ? `${(((event.Timestamp?.getTime() ?? 0) - zero) / 1000).toFixed(1)} s` : 'never';
  const seen: string[] = [];
  const meanwhile: boolean[] = [];
  for (const alias of ['STAGING', 'PROD'] as const) {
    const forward = aliasEvents(stage, events, alias);
    const back = events.back(stage.names.resource(alias, 'Alias'));
    const [begun, rolledBack] = [forward[0], back[0]];
    const given = forward.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED');
    const moved = forward.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_COMPLETE');
    if (begun === undefined || rolledBack === undefined || moved !== undefined) {
      const why = moved ? 'had been recorded before the other resource failed' : 'had not begun when it failed';
      seen.push(`${alias}: ${why}`);
      continue;
    }
    const end = (begun.Timestamp?.getTime() ?? 0) + longWait * 1000;
    meanwhile.push((rolledBack.Timestamp?.getTime() ?? 0) < end);
    seen.push(
      `${alias}, from the failure on: given up after ${after(given)}, rollback event after ${after(rolledBack)}, done after ${after(back.at(-1))}; its first invocation waited until ${((end - zero) / 1000).toFixed(1)} s`,
    );
  }
  const verdict = meanwhile.length === 0 ? 'could not tell' : meanwhile.every(Boolean) ? 'holds' : 'differs';
  answers.give('meanwhile', verdict, ...seen);
}
