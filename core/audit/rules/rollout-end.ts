import { parseProgress } from '../../contract/rollout-parameters';
import { endOf } from '../../rollout/plan-end';
import type { AuditRule } from '../audit-rule';
import type { AuditedParameter } from '../audited-parameter';

/** A rollout that has an end lets nobody go on after it. */
export const rolloutEnd: AuditRule<AuditedParameter, 'UntilPastEnd'> = {
  name: 'rollout-end',
  reads:
    'the newest value of `rollout-progress` of each alias whose rollout has an end, and the record that began that',
  finds: {
    UntilPastEnd: 'a parameter lets readers go on with a rollout after its end: a controller never writes that',
  },
  run({ parameter: { progress }, chain }, report) {
    const rollout = chain.records.at(-1)?.rollout;
    const begun = chain.records.find(({ sequence }) => sequence === rollout?.plan);
    const end = rollout && begun && endOf(rollout, begun.time);
    const own = parseProgress(progress?.value);
    if (!progress || !end || own?.plan !== rollout.plan || own.state !== 'step') return;
    if (Date.parse(own.until) <= end.getTime()) return;
    report(
      'UntilPastEnd',
      progress.name,
      `lets readers go on until ${own.until}, as ${progress.user} wrote at ${progress.time}: what record ${rollout.plan} began is over at ${end.toISOString()}`,
    );
  },
};
