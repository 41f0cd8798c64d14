import type { AuditedTrail, AuditRule } from '../audit-rule';
import { modelCall } from '../model-call';
import { registryPrompts } from '../registry-prompts';
import { UnmanagedCalls, type UnmanagedKind } from '../unmanaged-calls';

/** Who holds a policy of callers calls models through released versions only. */
export const unmanagedCalls: AuditRule<AuditedTrail, 'UnmanagedCall'> = {
  name: 'unmanaged-calls',
  reads: "who holds the callers' policies, and the calls of models in the trail's files",
  finds: {
    UnmanagedCall:
      'a holder of a policy of callers called a model by itself, a draft or a version that no alias ever had, with rights of another origin: `audit usage --unmanaged` counts them',
  },
  run({ evidence, survey, trail }, report) {
    if (!evidence.callers) return;
    const unread = survey.chains.filter((chain) => chain.unread).map(({ promptId }) => promptId);
    // What was allowed when, `audit usage` tells: here it is enough that a version was ever released.
    const released = [...registryPrompts(survey, evidence)].map((id) => {
      const records = survey.chains.filter(({ promptId }) => promptId === id).flatMap((chain) => chain.records);
      const versions = records.flatMap(({ to }) => to?.version ?? []);
      return [id, [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, versions }]] as const;
    });
    const found = new UnmanagedCalls(new Set(evidence.callers), new Map(released));
    for (const event of trail.events) {
      if (event.errorCode === null && !unread.includes(modelCall(event)?.promptId ?? '')) found.add(event);
    }
    for (const { principal, modelId, kind, first, last } of found.list()) {
      // A role may serve another registry as well.
      const more = kind === 'other prompt' ? { level: 'note' as const } : {};
      const when = first === last ? `at ${first}` : `between ${first} and ${last}`;
      report(
        'UnmanagedCall',
        principal,
        `called ${modelId}, ${WHAT[kind]}, ${when}, though it holds a policy of callers`,
        more,
      );
    }
  },
};

const WHAT: Readonly<Record<UnmanagedKind, string>> = {
  model: 'without any prompt',
  draft: 'a draft',
  version: 'which no alias ever had',
  'other prompt': 'a prompt of no alias here',
};
