import type { AuditedRegistry, AuditRule } from '../audit-rule';

/** Under which KMS keys the ledger's objects are. */
export const objectKeys: AuditRule<AuditedRegistry, 'SeveralKeys'> = {
  name: 'object-keys',
  reads: "the KMS key of each object in the ledger's bucket",
  finds: { SeveralKeys: "objects are under several keys: the key changed, or somebody else's came in" },
  run({ evidence }, report) {
    const keys = new Map<string | null, number>();
    for (const { keyArn } of evidence.objects) if (keyArn !== undefined) keys.set(keyArn, (keys.get(keyArn) ?? 0) + 1);
    if (keys.size <= 1) return;
    const found = [...keys].map(([arn, count]) => `${count} under ${arn ?? "S3's own key"}`).join(', ');
    const message = `has objects under several keys (${found}): the key changed, or somebody else's came in; without its key an object cannot be read`;
    report('SeveralKeys', 'ledger', message, { level: 'note' });
  },
};
