import type { AuditRule } from '../audit-rule';
import type { AuditedParameter } from '../audited-parameter';

/** An alias that points at a version has its parameter. */
export const parameterPresence: AuditRule<AuditedParameter, 'ParameterGone'> = {
  name: 'parameter-presence',
  reads: "each alias's newest record, and its parameter",
  finds: { ParameterGone: 'an alias points at a version and has no parameter: somebody deleted it' },
  run({ parameter, chain, busy }, report) {
    const newest = chain.records.at(-1);
    if (parameter.history !== null || !newest?.to || busy || chain.unread) return;
    report(
      'ParameterGone',
      parameter.name,
      `does not exist; the ledger says ${parameter.alias} points to version ${newest.to.version}: somebody deleted it`,
    );
  },
};
