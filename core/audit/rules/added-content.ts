import type { AuditedRegistry, AuditRule } from '../audit-rule';

/** Who holds a policy of callers says to a released version no more than its variables. */
export const addedContent: AuditRule<AuditedRegistry, 'AddedContent'> = {
  name: 'added-content',
  reads:
    "the requests of who holds the callers' policies, in Bedrock's invocation logs (`--invocation-logs`), and the archive",
  finds: {
    AddedContent:
      'a holder of a policy of callers sent more than the version that it called holds: messages behind it, another system text, tools. Results of tools, of a version that has tools, are a note',
  },
  run({ evidence: { logged } }, report) {
    for (const { principal, prompt, version, what, isToolUse, first, last, count } of logged?.added ?? []) {
      const when = first === last ? `at ${first}` : `between ${first} and ${last}`;
      const calls = count === 1 ? 'once' : `${count} times`;
      const more = isToolUse ? { level: 'note' as const } : {};
      report(
        'AddedContent',
        principal,
        `called ${prompt}:${version} ${calls} with ${what.join(' and ')} of its own, ${when}`,
        more,
      );
    }
  },
};
