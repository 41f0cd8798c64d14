import type { AuditEvidence } from '../../../core/audit/evidence';
import type { TrailEvent } from '../../../core/audit/trail-event';
import { ledgerKey } from '../../../core/ledger/layout';
import { type LedgerRecord, recordDigest } from '../../../core/ledger/record';
import type { Passed, PassedModel } from '../../../core/ledger/record-schema-2';
import type { ModelGate } from '../../../core/release/gates/model';
import { PROMPT_ID } from '../../lambda/events';
import { GATE } from '../../lambda/gated-world';
import { agreedHistory, GATES } from './gated-registry';
import type { HonestRegistry } from './honest-registry';
import { Tampering } from './tampering';

export interface Tamper {
  readonly name: string;
  /** The finding that shows it, among others perhaps. */
  readonly finds: string;
  readonly evidence: AuditEvidence;
}

type Agreed = Extract<Passed, { how: 'agreed' }>;

const agreed = ({ passed }: LedgerRecord) => passed as Agreed;
const record = (sequence: number) => ledgerKey(PROMPT_ID, 'PROD', sequence);
const written = ({ name, request }: TrailEvent, part: string) =>
  name === 'PutObject' && String(request.key).includes(part);

/** What somebody may do to a registry with gates, each in a ledger of its own. */
export async function gateTampers(): Promise<Tamper[]> {
  const honest = await agreedHistory();
  const digest = (version: number) => honest.digestOf(version);
  const request = (version: number) => `${digest(version)}/@authors/AROAAUTHORS000000001:alice/`;
  const approval = (version: number) => `${digest(version)}/@risk/AROARISK000000000001:bob/`;
  const later = new Date(honest.time).toISOString();
  const tampers: Tamper[] = [];
  const add = (name: string, finds: string, change: (tampering: Tampering) => unknown) => {
    const tampering = new Tampering(honest.evidence());
    change(tampering);
    tampers.push({ name, finds, evidence: tampering.evidence });
  };
  /** In a registry in which somebody said something more, by AWS's own means. */
  const also = async (
    name: string,
    finds: string,
    change: (registry: HonestRegistry, tampering: () => Tampering) => Tampering,
  ) => {
    const registry = await agreedHistory();
    tampers.push({ name, finds, evidence: change(registry, () => new Tampering(registry.evidence())).evidence });
  };
  /** Before PROD moved to version 4. */
  const early = (registry: HonestRegistry, work: () => string) => {
    const now = registry.time;
    registry.time = Date.parse(JSON.parse(registry.bucket.objects.get(record(5)) ?? '{}').time) - 600_000;
    const key = work();
    registry.time = now;
    return key;
  };

  add('an approval is deleted for good', 'ConsentMissing', (t) => t.objects(approval(1), () => null));
  add('a request is deleted for good', 'ConsentMissing', (t) => t.objects(request(3), () => null));
  add('an approval that was written is not there', 'ObjectGone', (t) => t.objects(approval(4), () => null));
  add('an approval has another comment', 'ConsentMissing', (t) =>
    t.said(approval(2), (body) => ({ ...body, comment: 'fine' })),
  );
  add('a rejection was made an approval', 'ConsentMissing', (t) =>
    t.said(approval(2), (body) => ({ ...body, kind: 'reject' })),
  );
  add('a request was made an approval', 'ConsentMissing', (t) =>
    t.said(request(2), (body) => ({ ...body, kind: 'approve' })),
  );
  add('an approval is hidden', 'DeleteMarker', (t) => t.hidden(approval(2), later));
  add('an approval is gone under its marker', 'NothingUnderMarker', (t) =>
    t.objects(approval(2), ({ key }) => ({ key, versions: [{ versionId: 'm', time: later, marker: true }] })),
  );
  add('an approval was written over', 'Rewritten', (t) =>
    t.objects(approval(2), (object) => ({
      ...object,
      versions: [{ versionId: 'x', time: later, marker: false }, ...object.versions],
    })),
  );
  for (const [name, value] of Object.entries({
    digest: digest(4),
    alias: 'STAGING',
    promptId: 'BBBBBBBBBB',
    group: 'authors',
    registry: '/prompts/dev',
  })) {
    add(`an approval says another ${name}`, 'ReviewElsewhere', (t) =>
      t.said(approval(3), (body) => ({ ...body, [name]: value })),
    );
  }
  add('an approval is cut short', 'BadReview', (t) => t.text(approval(3), (body) => body.slice(0, 90)));
  add('an approval is of schema 9', 'BadReview', (t) => t.said(approval(3), (body) => ({ ...body, schema: 9 })));
  add('a comment has a control character', 'BadReview', (t) =>
    t.said(request(3), (body) => ({ ...body, comment: 'a\u001b[2Jb' })),
  );
  add('an approval is larger than any', 'BadReview', (t) =>
    t.said(request(3), (body) => ({ ...body, more: 'x'.repeat(70_000) })),
  );
  add('a group lies inside another', 'JunkKey', (t) =>
    t.copied(approval(1), (key) => key.replace('@risk', '@risk/bob/@authors')),
  );
  add('a user without a session signs', 'JunkKey', (t) => t.copied(approval(1), (key) => key.replace(':bob', '')));
  add('a review has the number 0', 'JunkKey', (t) =>
    t.copied(approval(1), (key) => key.replace('99999998', '99999999')),
  );
  add('a review was put behind a newer one', 'ReviewOutOfOrder', (t) =>
    t.copied(approval(1), (key) => key.replace('99999998', '99999997')).stored('99999997', '2026-06-01T00:00:00.000Z'),
  );
  add('the first of two reviews is gone', 'ReviewGap', (t) =>
    t.copied(approval(1), (key) => key.replace('99999998', '99999996')),
  );
  add('another person wrote an approval', 'SignedByOther', (t) =>
    t.events((event) =>
      written(event, approval(2))
        ? { ...event, identity: { ...event.identity, principalId: 'AROARISK000000000001:mallory' } }
        : event,
    ),
  );
  add('a role made again wrote an approval', 'SignedByOther', (t) =>
    t.events((event) =>
      written(event, approval(2))
        ? { ...event, identity: { ...event.identity, principalId: 'AROARISK000000000009:bob' } }
        : event,
    ),
  );
  add('nobody wrote an approval', 'ReviewWithoutWrite', (t) =>
    t.events((event) => (written(event, approval(4)) ? null : event)),
  );

  add('a move lost what it passed by', 'GateGone', (t) =>
    t.retold(3, ({ passed, ended, rollout, requires, ...rest }) => ({ ...rest, schema: 1 })),
  );
  add('a move passed no gate', 'GateGone', (t) =>
    t.retold(3, (one) => ({ ...one, passed: { ...agreed(one), gates: [] } })),
  );
  add('the first move passed no gate', 'GateGone', (t) =>
    t.retold(1, (one) => ({ ...one, passed: { ...agreed(one), gates: [] } })),
  );
  add('a gate expires later than before', 'GateGone', (t) =>
    t.retold(3, (one) => ({ ...one, passed: { ...agreed(one), gates: [{ ...GATE, expires: 7_776_000 }] } })),
  );
  add('a gate asks another group than before', 'GateGone', (t) =>
    t.retold(3, (one) => ({ ...one, passed: { ...agreed(one), gates: [{ ...GATE, by: 'authors' }] } })),
  );
  add('a move names no review, and a later record needs what nobody knows', 'ConsentMissing', (t) =>
    t
      .retold(3, (one) => ({ ...one, passed: { ...agreed(one), reviews: [] } }))
      .retold(5, (one) => ({ ...one, requires: ['tomorrow'] })),
  );
  add('a move names no review', 'ConsentMissing', (t) =>
    t.retold(3, (one) => ({ ...one, passed: { ...agreed(one), reviews: [] } })),
  );
  add('a move names the request alone', 'ConsentMissing', (t) =>
    t.retold(3, (one) => ({
      ...one,
      passed: { ...agreed(one), reviews: agreed(one).reviews.filter(({ key }) => key.includes('@authors')) },
    })),
  );
  add('a move names the approval of another content', 'ConsentMissing', (t) => {
    const [second] = t.records.slice(1, 2) as [LedgerRecord];
    t.retold(3, (one) => ({ ...one, passed: { ...agreed(one), reviews: agreed(second).reviews } }));
  });
  add('a move names another hash', 'ConsentMissing', (t) =>
    t.retold(3, (one) => ({
      ...one,
      passed: {
        ...agreed(one),
        reviews: agreed(one).reviews.map((review) => ({ ...review, sha256: recordDigest('') })),
      },
    })),
  );
  add('a move names the request as an approval', 'ConsentMissing', (t) =>
    t.retold(3, (one) => ({
      ...one,
      passed: { ...agreed(one), reviews: agreed(one).reviews.map((review) => ({ ...review, kind: 'approve' })) },
    })),
  );
  add('a move names another time', 'ConsentMissing', (t) =>
    t.retold(3, (one) => ({
      ...one,
      passed: {
        ...agreed(one),
        reviews: agreed(one).reviews.map((review) => ({ ...review, time: '2026-06-02T00:00:00.000Z' })),
      },
    })),
  );
  add('the approval came after the move', 'ConsentMissing', (t) =>
    t.stored(approval(4), later).retold(5, (one) => ({
      ...one,
      passed: {
        ...agreed(one),
        reviews: agreed(one).reviews.map((review) =>
          review.key.includes('@risk') ? { ...review, time: later } : review,
        ),
      },
    })),
  );
  add('request and approval had expired', 'ConsentMissing', (t) => {
    const old = '2026-05-20T00:00:00.000Z';
    t.stored(request(4), old)
      .stored(approval(4), old)
      .retold(5, (one) => ({
        ...one,
        passed: { ...agreed(one), reviews: agreed(one).reviews.map((review) => ({ ...review, time: old })) },
      }));
  });
  add('consent of before the alias came back is used again', 'ConsentMissing', (t) => {
    const third = t.records.find(({ to }) => to?.version === 3) as LedgerRecord;
    t.retold(5, (one) => ({ ...one, to: third.to, passed: third.passed }));
  });
  add('a move forward says that it went back', 'NotBack', (t) =>
    t.retold(5, (one) => ({ ...one, passed: { how: 'back', to: 3 } })),
  );
  add('a move to what the alias never stood on says that it undoes', 'NotBack', (t) =>
    t.retold(5, ({ passed, ended, rollout, requires, ...rest }) => ({ ...rest, schema: 1, undo: true })),
  );
  add('a first move says that it undoes', 'NotBack', (t) =>
    t.retold(1, ({ passed, ended, rollout, requires, ...rest }) => ({ ...rest, schema: 1, undo: true })),
  );
  add('a move back names another record', 'NotBack', (t) =>
    t.retold(4, (one) => ({ ...one, passed: { how: 'back', to: 1 } })),
  );
  add('a move says that a rollout carried it', 'ConsentMissing', (t) =>
    t.retold(5, (one) => ({ ...one, passed: { how: 'carried', plan: 3 } })),
  );
  add('a record is missing', 'Gap', (t) => t.objects(record(3), () => null));
  add('a record was changed', 'WrongPrevious', (t) =>
    t.text(record(3), (body) => body.replace('"count":1', '"count":2')),
  );
  add('two records changed places', 'WrongKey', (t) => {
    const [, second = '', third = ''] = t.records.map((one) => JSON.stringify(one));
    t.text(record(2), () => third).text(record(3), () => second);
  });
  add('a record begins elsewhere', 'WrongFrom', (t) => t.retold(3, (one) => ({ ...one, from: null })));
  add('a record is cut short', 'BadRecord', (t) => t.text(record(3), (body) => body.slice(0, 300)));
  add('a record is hidden', 'DeleteMarker', (t) => t.hidden(record(5), later));
  add('the chain was written anew', 'OtherTime', (t) =>
    t.retold(2, (one) => ({ ...one, withdrawn: [1] })).stored(record(2), later),
  );
  add('another role wrote a record', 'ObjectByOther', (t) =>
    t.events((event) =>
      written(event, record(2))
        ? { ...event, identity: { ...event.identity, roleArn: 'arn:aws:iam::123456789012:role/admin' } }
        : event,
    ),
  );
  const model = (name: string, change: (said: PassedModel) => PassedModel | null) =>
    add(name, 'ConsentMissing', (t) =>
      t.retold(2, (one) => ({ ...one, passed: { ...agreed(one), model: change(agreed(one).model as PassedModel) } })),
    );
  model('a record says nothing about its model', () => null);
  model('a record names another model', (said) => ({ ...said, id: 'us.meta.llama' }));
  model('a record names a model that had ended', (said) => ({
    ...said,
    status: 'LEGACY',
    ends: '2020-01-01T00:00:00Z',
  }));
  model('a record names a model that Bedrock does not have', (said) => ({ ...said, status: 'UNKNOWN' }));
  const modelGate = (name: string, finds: string, change: (gate: ModelGate) => ModelGate) =>
    add(name, finds, (t) =>
      t.retold(2, (one) => {
        const [approval, gate] = agreed(one).gates;
        return { ...one, passed: { ...agreed(one), gates: [approval as object, change(gate as ModelGate)] } };
      }),
    );
  modelGate('a model gate names other models', 'ConsentMissing', (gate) => ({ ...gate, among: ['us.meta.llama'] }));
  modelGate('a model gate was shorter', 'GateGone', (gate) => ({ ...gate, endsAfter: 86_400 }));
  modelGate('a model gate let every model through', 'GateGone', ({ among, ...gate }) => gate);

  add('an object of no registry lies there', 'JunkKey', (t) => t.copied(approval(1), () => 'reviews/note.txt'));

  await also('somebody had rejected', 'ConsentMissing', (registry, tampering) => {
    early(registry, () => registry.sign({ who: 'carol', as: 'risk', kind: 'reject', version: 4 }));
    return tampering();
  });
  await also('who asked approves', 'ConsentMissing', (registry, tampering) => {
    const key = early(registry, () => registry.sign({ who: 'Alice', as: 'risk', kind: 'approve', version: 4 }));
    const time = new Date(registry.bucket.times.get(key) ?? 0).toISOString();
    const own = { key, sha256: recordDigest(registry.bucket.objects.get(key) ?? ''), time };
    return tampering().retold(5, (one) => ({
      ...one,
      passed: {
        ...agreed(one),
        reviews: [...agreed(one).reviews.filter((review) => review.key.includes('@authors')), own],
      },
    }));
  });
  await also('who had approved took it back', 'ConsentMissing', (registry, tampering) => {
    early(registry, () => registry.sign({ who: 'bob', as: 'risk', kind: 'reject', version: 4 }));
    return tampering();
  });
  const kept = (name: string, change: (t: Tampering) => Tampering, gates: AuditEvidence['keptGates']) => {
    const { evidence } = change(new Tampering(honest.evidence()));
    tampers.push({ name, finds: 'GateGone', evidence: { ...evidence, ...(gates && { keptGates: gates }) } });
  };
  const ungated = (t: Tampering) =>
    t.records.reduce(
      (told, { sequence }) =>
        told.retold(sequence, ({ passed, ended, rollout, requires, ...rest }) => ({ ...rest, schema: 1 })),
      t,
    );
  kept('the gate was never there, and the auditor keeps one', ungated, { gates: GATES });
  kept('the auditor keeps a stricter gate', (t) => t, { gates: { PROD: [{ ...GATE, count: 2 }] } });
  kept('the auditor keeps a second gate', (t) => t, { gates: { '*': [GATE, { ...GATE, by: 'legal' }] } });
  return tampers;
}
