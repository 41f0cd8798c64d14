import type { AuditEvidence, LedgerObject } from '../../../core/audit/evidence';
import type { TrailEvent } from '../../../core/audit/trail-event';
import { ledgerKey } from '../../../core/ledger/layout';
import { type LedgerRecord, parseRecord, recordDigest, serializeRecord } from '../../../core/ledger/record';
import { PROMPT_ID } from '../../lambda/events';

/** Evidence of a registry that somebody tampers with; the rest of AWS keeps what it saw. */
export class Tampering {
  constructor(public evidence: AuditEvidence) {}

  /** Objects whose key holds a text, changed; null takes one away with all its versions. */
  objects(part: string, change: (object: LedgerObject) => LedgerObject | null): this {
    const objects = this.evidence.objects.flatMap((object) =>
      object.key.includes(part) ? (change(object) ?? []) : object,
    );
    this.evidence = { ...this.evidence, objects };
    return this;
  }

  /** What an object says, changed. */
  said(part: string, change: (body: Record<string, unknown>) => object): this {
    return this.objects(part, (object) => ({
      ...object,
      body: `${JSON.stringify(change(JSON.parse(object.body ?? '{}')))}\n`,
    }));
  }

  text(part: string, change: (body: string) => string): this {
    return this.objects(part, (object) => ({ ...object, body: change(object.body ?? '') }));
  }

  stored(part: string, time: string): this {
    return this.objects(part, (object) => ({ ...object, versions: [{ versionId: 'v', time, marker: false }] }));
  }

  hidden(part: string, time: string): this {
    const marker = { versionId: 'm', time, marker: true };
    return this.objects(part, (object) => ({ ...object, versions: [marker, ...object.versions] }));
  }

  /** A copy of an object under another key. */
  copied(part: string, to: (key: string) => string): this {
    const found = this.evidence.objects.find(({ key }) => key.includes(part)) as LedgerObject;
    this.evidence = { ...this.evidence, objects: [...this.evidence.objects, { ...found, key: to(found.key) }] };
    return this;
  }

  get records(): LedgerRecord[] {
    return this.evidence.objects
      .filter(({ key }) => key.startsWith(`ledger/${PROMPT_ID}/PROD/`))
      .map(({ body = '' }) => parseRecord(body))
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** PROD's chain, told anew from a record on with every digest right and every time kept: nothing but its content shows it. */
  retold(sequence: number, change: (record: LedgerRecord) => object): this {
    let previous: string | null = null;
    for (const record of this.records) {
      const told = (record.sequence === sequence ? change(record) : record) as LedgerRecord;
      const body: string = serializeRecord({ ...told, previous });
      this.text(ledgerKey(PROMPT_ID, 'PROD', record.sequence), () => body);
      previous = recordDigest(body);
    }
    return this;
  }

  events(change: (event: TrailEvent) => TrailEvent | null): this {
    const { trail } = this.evidence;
    if (trail)
      this.evidence = {
        ...this.evidence,
        trail: { ...trail, events: trail.events.flatMap((one) => change(one) ?? []) },
      };
    return this;
  }
}
