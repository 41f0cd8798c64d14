import { beforeAll, describe, expect, it } from 'vitest';
import { chainHeads } from '../../../core/audit/chain-heads';
import type { AuditEvidence, LedgerObject } from '../../../core/audit/evidence';
import { trailEvent } from '../../../core/audit/trail-event';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { WATCHED_EVENTS } from '../../../core/audit/watched-events';
import { ledgerKey, sequenceOfKey } from '../../../core/ledger/layout';
import { type LedgerRecord, parseRecord, recordDigest, serializeRecord } from '../../../core/ledger/record';
import { PROMPT_ARN, PROMPT_ID } from '../../lambda/events';
import { BUCKET, HonestRegistry, PREFIX, PROMPT, PUBLISHER, RELEASER, seeded } from './honest-registry';

const POINTER = `${PREFIX}/${PROMPT}/PROD`;
const MALLORY = {
  type: 'IAMUser',
  arn: 'arn:aws:iam::123456789012:user/mallory',
  accountId: '123456789012',
  userName: 'mallory',
};

/** PROD goes 1, 2, 3, 2, 4, 5, each a deployment with a token; STAGING follows the content. */
async function honest(): Promise<HonestRegistry> {
  const registry = new HonestRegistry(seeded(7));
  for (const [index, prod] of ['none', '1', '2', '3', '2', '4', '5'].entries()) {
    registry.pass(40_000);
    await registry.deploy({
      ...{ stack: 'Prompts', token: `exec-${index}`, reason: `because ${index}` },
      ...(index < 6 && { text: `text ${index}` }),
      targets: { PROD: prod, STAGING: String(Math.min(index + 1, 6)) },
    });
  }
  registry.pass(86_400);
  return registry;
}

/** Evidence that a tamperer can change; the rest of AWS keeps what it saw. */
class Crime {
  evidence: AuditEvidence;

  constructor(readonly registry: HonestRegistry) {
    this.evidence = registry.evidence();
  }

  objects(change: (objects: LedgerObject[]) => LedgerObject[]): this {
    this.evidence = { ...this.evidence, objects: change([...this.evidence.objects]) };
    return this;
  }

  /** The object of PROD's record, changed; null takes it away with all its versions. */
  record(sequence: number, change: (object: LedgerObject) => LedgerObject | null): this {
    const key = ledgerKey(PROMPT_ID, 'PROD', sequence);
    return this.objects((objects) =>
      objects.flatMap((object) => (object.key === key ? (change(object) ?? []) : object)),
    );
  }

  get records(): LedgerRecord[] {
    const found = this.evidence.objects.filter(({ key }) => key.startsWith(`ledger/${PROMPT_ID}/PROD/`));
    return found.map(({ body = '' }) => parseRecord(body)).sort((a, b) => a.sequence - b.sequence);
  }

  /** Replaces PROD's chain by these records, each with the digest of the one before; written at `time`, or undetectably. */
  rewrite(records: readonly LedgerRecord[], time?: string): this {
    let previous: string | null = null;
    const forged = new Map<string, string>();
    for (const record of records) {
      const body: string = serializeRecord({ ...record, previous });
      forged.set(ledgerKey(PROMPT_ID, 'PROD', record.sequence), body);
      previous = recordDigest(body);
    }
    return this.objects((objects) => {
      const kept = objects.filter(({ key }) => !key.startsWith(`ledger/${PROMPT_ID}/PROD/`) || forged.has(key));
      const known = new Set(kept.map(({ key }) => key));
      const added = [...forged.keys()]
        .filter((key) => !known.has(key))
        .map((key): LedgerObject => ({ key, versions: [{ versionId: 'x', time: time ?? '', marker: false }] }));
      return [...kept, ...added].map((object) => {
        const body = forged.get(object.key);
        if (body === undefined || body === object.body) return object;
        const versions = time === undefined ? object.versions : [{ versionId: 'forged', time, marker: false }];
        return { ...object, body, versions };
      });
    });
  }

  /** Without events, as where CloudTrail cannot be read. */
  withoutTrail(): this {
    const { trail: _, files: __, ...rest } = this.evidence;
    this.evidence = rest;
    return this;
  }

  /** Without S3's data events, as without a trail of one's own. */
  withoutDataEvents(): this {
    const { trail } = this.evidence;
    if (trail) {
      const events = trail.events.filter(({ source }) => source !== 's3.amazonaws.com');
      this.evidence = { ...this.evidence, trail: { ...trail, events, withDataEvents: false } };
    }
    return this;
  }

  get problems(): string[] {
    const { findings } = verifyEvidence(this.evidence);
    return [...new Set(findings.filter(({ level }) => level === 'finding').map(({ problem }) => problem))].sort();
  }
}

const archiveOf = (version: number) => new RegExp(`^versions/${PROMPT_ID}/${version}-`);
const changed = (object: LedgerObject, body: string): LedgerObject => ({ ...object, body });
const now = '2026-06-20T00:00:00.000Z';

const PROD_ACCESS = {
  promptArn: PROMPT_ARN,
  parameterArn: `arn:aws:ssm:us-east-1:123456789012:parameter${POINTER}`,
  ...{ required: [], permitted: [{ version: 5, model: null }] },
};
const document = (...more: object[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['bedrock:GetPrompt'], Resource: `${PROMPT_ARN}:5` },
      { Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: PROD_ACCESS.parameterArn },
      ...more,
    ],
  });

describe('A ledger that was tampered with', () => {
  let registry: HonestRegistry;
  let crime: Crime;
  beforeAll(async () => {
    registry = await honest();
  });
  const commit = () => {
    crime = new Crime(registry);
    return crime;
  };

  it('is found clean before', () => {
    expect(commit().problems).toEqual([]);
    expect(crime.records.map(({ to }) => to?.version)).toEqual([1, 2, 3, 2, 4, 5]);
    expect(commit().withoutTrail().problems).toEqual([]);
  });

  describe('record by record, with nothing but the bucket to look at', () => {
    it.each([1, 3, 5])('shows a flipped byte in record %i', (sequence) => {
      commit().record(sequence, (object) =>
        changed(
          object,
          (object.body ?? '')
            .replace(/[0-9a-f]{8}","prompt"/, '00000000","prompt"')
            .replace('"kind":"promote"', '"kind":"rollback"')
            .replace('because', 'becausE'),
        ),
      );
      const problems = crime.withoutTrail().problems;
      expect(problems).toContain(sequence === 6 ? 'ReasonNotGiven' : 'WrongPrevious');
    });

    it('shows every single bit of the newest record that is flipped in its reason, version or operation', () => {
      for (const [from, to] of [
        ['because 6', 'because 7'],
        ['"version":5', '"version":4'],
        ['exec-6', 'exec-5'],
      ] as const) {
        commit().record(6, (object) => changed(object, (object.body ?? '').replace(from, to)));
        expect(crime.problems, from).not.toEqual([]);
      }
    });

    it('shows a record that is missing in the middle', () => {
      expect(
        commit()
          .record(3, () => null)
          .withoutTrail().problems,
      ).toContain('Gap');
    });

    it('shows two records that changed places', () => {
      const bodies = commit().records.map((record) => serializeRecord(record));
      crime
        .record(2, (object) => changed(object, bodies[2] ?? ''))
        .record(3, (object) => changed(object, bodies[1] ?? ''));
      expect(crime.withoutTrail().problems).toEqual(expect.arrayContaining(['WrongKey', 'WrongPrevious']));
    });

    it('shows a record that was cut short', () => {
      commit().record(4, (object) => changed(object, (object.body ?? '').slice(0, 200)));
      expect(crime.withoutTrail().problems).toContain('BadRecord');
    });

    it('shows an object of no registry, and one under a name of none', () => {
      const junk = (key: string): LedgerObject => ({
        key,
        body: '{}',
        versions: [{ versionId: 'x', time: now, marker: false }],
      });
      expect(
        commit()
          .objects((objects) => [...objects, junk('ledger/note.txt')])
          .withoutTrail().problems,
      ).toEqual(['JunkKey']);
      expect(
        commit()
          .objects((objects) => [...objects, junk('notes')])
          .withoutTrail().problems,
      ).toEqual(['JunkKey']);
    });

    it('shows a delete marker over the newest record, which S3 allows even under Object Lock', () => {
      commit().record(6, (object) => ({
        ...object,
        versions: [{ versionId: 'm', time: now, marker: true }, ...object.versions],
      }));
      expect(crime.withoutTrail().problems).toEqual(['DeleteMarker']);
    });

    it('shows a record written over its delete marker: a conditional put succeeds there', () => {
      const forged = serializeRecord({ ...(commit().records[5] as LedgerRecord), reason: null });
      crime.record(6, (object) => ({
        ...object,
        body: forged,
        versions: [
          { versionId: 'y', time: now, marker: false },
          { versionId: 'm', time: now, marker: true },
          ...object.versions,
        ],
      }));
      expect(crime.withoutTrail().problems).toEqual(['DeleteMarker', 'OtherTime', 'Rewritten']);
    });

    it('shows a fork: a second record of one sequence number under the key of the next', () => {
      const [, , , , , newest] = commit().records;
      const twin = serializeRecord({ ...(newest as LedgerRecord), requestId: 'another' });
      const key = ledgerKey(PROMPT_ID, 'PROD', 7);
      crime.objects((objects) => [
        ...objects,
        { key, body: twin, versions: [{ versionId: 'x', time: (newest as LedgerRecord).time, marker: false }] },
      ]);
      expect(sequenceOfKey(key)).toBe(7);
      expect(crime.withoutTrail().problems).toEqual(expect.arrayContaining(['WrongKey', 'WrongPrevious']));
    });
  });

  describe('from its end, where the chain itself holds', () => {
    it('shows by the parameter that the newest record was taken away', () => {
      expect(
        commit()
          .record(6, () => null)
          .withoutTrail().problems,
      ).toEqual(['ParameterDiffers', 'ParameterUnexplained']);
    });

    it('shows by the parameter that the newest three were taken away', () => {
      commit()
        .record(6, () => null)
        .record(5, () => null)
        .record(4, () => null);
      expect(crime.withoutTrail().problems).toContain('ParameterUnexplained');
    });

    it('shows by the history, and by who wrote it, that the parameter was pointed back with it', () => {
      commit().record(6, () => null);
      const parameters = crime.evidence.parameters?.map((parameter) => {
        if (parameter.name !== POINTER || !parameter.history) return parameter;
        const write = { version: parameter.history.length + 1, value: `${PROMPT_ARN}:4`, time: now, user: MALLORY.arn };
        return { ...parameter, history: [...parameter.history, write] };
      });
      crime.evidence = { ...crime.evidence, ...(parameters && { parameters }) };
      expect(crime.withoutTrail().problems).toEqual(['ParameterUnexplained', 'WrittenByHand']);
    });

    it("shows by S3's data events that it was there", () => {
      expect(commit().record(6, () => null).problems).toContain('ObjectGone');
    });

    it('shows by the parameter that the newest record was made to point elsewhere', () => {
      const records = commit().records;
      const [newest] = records.slice(-1) as [LedgerRecord];
      crime.rewrite([...records.slice(0, -1), { ...newest, to: records[0]?.to ?? null, kind: 'rollback' }]);
      expect(crime.withoutTrail().problems).toEqual(
        ['MoveWithoutParameter', 'ParameterDiffers', 'ParameterUnexplained'].filter((one) =>
          crime.problems.includes(one),
        ),
      );
      expect(crime.problems).toContain('ParameterDiffers');
    });

    it('shows by the reasons that another reason was written into the newest', () => {
      const records = commit().records;
      crime.rewrite([...records.slice(0, -1), { ...(records[5] as LedgerRecord), reason: 'asked for by the board' }]);
      expect(crime.withoutTrail().problems).toEqual(['ReasonNotGiven']);
    });

    it('shows by CloudTrail that the newest was laid to another operation', () => {
      const records = commit().records;
      crime.rewrite([
        ...records.slice(0, -1),
        { ...(records[5] as LedgerRecord), operation: 'exec-invented', reason: null },
      ]);
      expect(crime.withoutDataEvents().problems).toEqual(['MoveWithoutEvent']);
      crime = new Crime(registry).rewrite([
        ...records.slice(0, -1),
        {
          ...(records[5] as LedgerRecord),
          operation: null,
          reason: null,
          stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Another/1',
        },
      ]);
      expect(crime.withoutDataEvents().problems).toEqual(['MoveWithoutEvent']);
    });

    it('shows by the stack that its operation was another stack’s', () => {
      const records = commit().records;
      crime.rewrite([
        ...records.slice(0, -1),
        {
          ...(records[5] as LedgerRecord),
          reason: null,
          stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Another/1',
        },
      ]);
      expect(crime.withoutDataEvents().problems).toEqual(['OperationOfAnotherStack']);
    });

    it('shows a move that was added and never made', () => {
      const records = commit().records;
      const newest = records[5] as LedgerRecord;
      const later = new Date(Date.parse(newest.time) + 3_600_000).toISOString();
      const added = {
        ...newest,
        sequence: 7,
        from: newest.to,
        to: records[0]?.to ?? null,
        kind: 'rollback' as const,
        operation: 'exec-6',
        time: later,
        requestId: 'r',
        reason: null,
      };
      crime.rewrite([...records, added], later);
      expect(crime.withoutTrail().problems).toEqual(
        expect.arrayContaining(['MoveWithoutParameter', 'ParameterDiffers']),
      );
      crime = new Crime(registry).rewrite([...records, added], later);
      expect(crime.problems).toContain('RecordWithoutWrite');
    });
  });

  describe('made anew from the middle, with every digest right', () => {
    const forge = () => {
      const records = commit().records;
      return records.map((record, index) => (index === 2 ? { ...record, reason: null } : record));
    };

    it('shows by when S3 got it', () => {
      expect(commit().rewrite(forge(), now).withoutTrail().problems).toEqual(['OtherTime']);
    });

    it('shows by the versions that it was written over', () => {
      const forged = forge();
      commit().rewrite(forged);
      crime.objects((objects) =>
        objects.map((object) =>
          object.key.includes('/PROD/') && sequenceOfKey(object.key) >= 3
            ? { ...object, versions: [{ versionId: 'y', time: now, marker: false }, ...object.versions] }
            : object,
        ),
      );
      expect(crime.withoutTrail().problems).toEqual(['OtherTime', 'Rewritten']);
    });

    it('shows by the order of writing that only some records of it are new', () => {
      const records = commit().records;
      const late = { ...(records[2] as LedgerRecord), time: (records[4] as LedgerRecord).time };
      commit().rewrite(
        records.map((record, index) => (index === 2 ? late : record)),
        (records[4] as LedgerRecord).time,
      );
      expect(crime.withoutTrail().problems).toEqual(expect.arrayContaining(['TimeRunsBack']));
    });

    it('shows by the parameter’s history that the versions were others', () => {
      const records = commit().records;
      const forged = records.map((record, index) =>
        index === 1
          ? { ...record, to: records[4]?.to ?? null }
          : index === 2
            ? { ...record, from: records[4]?.to ?? null }
            : record,
      );
      commit().rewrite(forged);
      expect(crime.withoutTrail().problems).toContain('ParameterUnexplained');
    });

    it('shows by a head that was noted before, where nothing else tells', () => {
      const { survey } = verifyEvidence(commit().evidence);
      const knownHeads = chainHeads(survey);
      const records = crime.records.slice(0, 5);
      expect(verifyEvidence({ ...crime.evidence, knownHeads }).findings).toEqual([]);
      const forged = forge();
      crime.rewrite(forged).withoutTrail();
      crime.evidence = { ...crime.evidence, knownHeads };
      expect(crime.problems).toEqual(['NotAsKnown']);
      commit().rewrite(records).withoutTrail();
      crime.evidence = { ...crime.evidence, knownHeads, parameters: [] };
      expect(crime.problems).toEqual(['NotAsKnown']);
    });
  });

  it('shows by the order of writing a record that was made anew within minutes', () => {
    const records = commit().records;
    const next = Date.parse((records[3] as LedgerRecord).time);
    const at = (seconds: number) => new Date(next + seconds * 1000).toISOString();
    crime.rewrite(records.map((record, index) => (index === 2 ? { ...record, time: at(30), reason: null } : record)));
    crime.record(3, (object) => ({ ...object, versions: [{ versionId: 'y', time: at(90), marker: false }] }));
    expect(crime.withoutTrail().problems).toEqual(['OutOfOrder']);
  });

  it('shows what cannot be read, and what was deleted for good under its marker', () => {
    const { body: _, ...unread } = commit().evidence.objects.find(({ key }) => archiveOf(2).test(key)) as LedgerObject;
    crime.objects((objects) => objects.map((one) => (one.key === unread.key ? { ...unread, unreadable: 'why' } : one)));
    expect(crime.withoutTrail().problems).toEqual(['Unreadable']);
    commit().record(6, ({ key }) => ({ key, versions: [{ versionId: 'm', time: now, marker: true }] }));
    expect(crime.withoutTrail().problems).toContain('NothingUnderMarker');
  });

  it('shows a parameter that was deleted, and a prompt that is gone', () => {
    const parameters = commit().evidence.parameters?.map((one) =>
      one.name === POINTER ? { ...one, history: null } : one,
    );
    crime.evidence = { ...crime.evidence, ...(parameters && { parameters }) };
    expect(crime.withoutTrail().problems).toEqual(['ParameterGone']);
    commit().evidence = { ...crime.evidence, held: new Map([[PROMPT_ID, null]]) };
    expect(crime.withoutTrail().problems).toEqual(['PromptGone']);
  });

  describe('in its archive', () => {
    it('shows a record of a version that Bedrock holds with another content, where nothing was archived', () => {
      const held = commit().evidence.held?.get(PROMPT_ID) ?? [];
      const others = held.map((one) => (one.version === 2 ? { ...one, digest: held[0]?.digest ?? null } : one));
      crime.objects((objects) => objects.filter(({ key }) => !key.startsWith('versions/')));
      crime.evidence = { ...crime.evidence, held: new Map([[PROMPT_ID, others]]) };
      expect(crime.withoutTrail().problems).toEqual(['RecordDiffers']);
    });

    it('shows a later record that names a version by the digest of another one', () => {
      const { records } = commit();
      const [newest, digest] = [records.at(-1) as LedgerRecord, records[0]?.to?.digest ?? ''];
      const again = { ...newest, sequence: newest.sequence + 1, from: newest.to, kind: 'withdraw', withdrawn: [1] };
      const to = newest.to && { ...newest.to, digest };
      crime.rewrite([...records, { ...again, to }]);
      expect(crime.withoutTrail().problems).toContain('RecordDiffers');
    });

    it('shows a version that is gone and that an alias stands on', () => {
      const held = commit().evidence.held?.get(PROMPT_ID) ?? [];
      const many = Array.from({ length: 12 }, (_, index) => ({ version: 20 + index, digest: null, created: null }));
      const left = [...held.filter(({ version }) => version !== 5), ...many];
      crime.evidence = { ...crime.evidence, held: new Map([[PROMPT_ID, left]]) };
      expect(crime.withoutTrail().problems).toEqual(['VersionGone']);
      const pruned = [...held.filter(({ version }) => version !== 1), ...many];
      crime.evidence = { ...crime.evidence, held: new Map([[PROMPT_ID, pruned]]) };
      expect(crime.problems).toEqual([]);
    });

    it('shows a reason that was cut short, or laid to another time', () => {
      const reasons = (change: (object: LedgerObject) => LedgerObject) =>
        commit().objects((objects) => objects.map((one) => (one.key.startsWith('reasons/') ? change(one) : one)));
      reasons((object) => changed(object, (object.body ?? '').slice(0, 40)));
      expect(crime.withoutTrail().problems).toContain('BadReason');
      reasons((object) => ({ ...object, key: object.key.replace(/\d{13}/, '8100000000000') }));
      expect(crime.withoutTrail().problems).toEqual(['ReasonElsewhere']);
    });

    const archive = (version: number, change: (object: LedgerObject) => LedgerObject[]) =>
      commit().objects((objects) =>
        objects.flatMap((object) => (archiveOf(version).test(object.key) ? change(object) : object)),
      );

    it('shows a content that was rewritten', () => {
      archive(2, (object) => [changed(object, (object.body ?? '').replace('text 1', 'text X'))]);
      expect(crime.withoutTrail().problems).toEqual(['ArchiveChanged']);
    });

    it('shows a content that was rewritten together with its name', () => {
      const other = commit().evidence.objects.find(({ key }) => archiveOf(5).test(key)) as LedgerObject;
      archive(2, (object) => [
        {
          ...object,
          key: other.key.replace('/5-', '/2-'),
          body: (other.body ?? '').replace('"version":5', '"version":2'),
        },
      ]);
      expect(crime.withoutTrail().problems).toEqual(expect.arrayContaining(['RecordDiffers', 'VersionDiffers']));
    });

    it('shows one that was cut short, one that is missing, and a second one', () => {
      archive(3, (object) => [changed(object, (object.body ?? '').slice(0, 50))]);
      expect(crime.withoutTrail().problems).toEqual(['ArchiveChanged']);
      archive(3, () => []);
      expect(crime.withoutTrail().problems).toEqual(['ArchiveMissing']);
      archive(3, (object) => [object, { ...object, key: object.key.replace(/pd1:.{4}/, 'pd1:0000') }]);
      expect(crime.withoutTrail().problems).toContain('TwoArchives');
    });

    it('shows a version that was deleted in Bedrock behind our back', () => {
      const held = commit().evidence.held?.get(PROMPT_ID) ?? [];
      crime.evidence = { ...crime.evidence, held: new Map([[PROMPT_ID, held.filter(({ version }) => version !== 3)]]) };
      expect(crime.withoutTrail().problems).toEqual(['VersionGone']);
    });

    it('shows a version whose number holds another content now', () => {
      const held = commit().evidence.held?.get(PROMPT_ID) ?? [];
      const others = held.map((one) => (one.version === 2 ? { ...one, digest: held[0]?.digest ?? null } : one));
      crime.evidence = { ...crime.evidence, held: new Map([[PROMPT_ID, others]]) };
      expect(crime.withoutTrail().problems).toContain('VersionDiffers');
    });

    it('shows a reason that was changed, or moved to another stack', () => {
      commit().objects((objects) =>
        objects.map((object) =>
          object.key.startsWith('reasons/')
            ? changed(object, (object.body ?? '').replace('because 3', 'because X'))
            : object,
        ),
      );
      expect(crime.withoutTrail().problems).toEqual(['ReasonNotGiven']);
      commit().objects((objects) =>
        objects.map((object) =>
          object.key.startsWith('reasons/') ? { ...object, key: object.key.replace(/\/[0-9a-f]{4}/, '/0000') } : object,
        ),
      );
      expect(crime.withoutTrail().problems).toEqual(['ReasonElsewhere']);
    });
  });

  describe('seen from CloudTrail', () => {
    const witnessed = (
      name: string,
      source: string,
      identity: object,
      request: object,
      response: object | null = null,
      more: object = {},
    ) => {
      commit();
      const { trail } = crime.evidence;
      if (!trail) throw new Error('no trail');
      const raw = {
        eventID: 'crime',
        eventTime: '2026-06-03T00:00:00Z',
        eventName: name,
        eventSource: `${source}.amazonaws.com`,
        userIdentity: identity,
        requestParameters: request,
        responseElements: response,
        ...more,
      };
      const event = trailEvent(raw);
      if (!event) throw new Error('no event');
      crime.evidence = { ...crime.evidence, trail: { ...trail, events: [...trail.events, event] } };
      return verifyEvidence(crime.evidence).findings.map(
        ({ problem, level, object, events }) => `${level} ${problem} ${object} ${events}`,
      );
    };

    it.each([
      [
        'a version made by somebody else',
        'CreatePromptVersion',
        'bedrock',
        { promptIdentifier: PROMPT_ID },
        { version: '9' },
        `finding VersionByOther ${PROMPT_ID}:9 crime`,
      ],
      [
        'a draft changed by hand, which proves nothing',
        'UpdatePrompt',
        'bedrock',
        { promptIdentifier: PROMPT_ARN },
        null,
        `note DraftChanged prompt ${PROMPT_ID} crime`,
      ],
      [
        'a version deleted by hand',
        'DeletePrompt',
        'bedrock',
        { promptIdentifier: PROMPT_ID, promptVersion: '9' },
        null,
        `finding VersionDeleted ${PROMPT_ID}:9 crime`,
      ],
      [
        'a prompt deleted by hand',
        'DeletePrompt',
        'bedrock',
        { promptIdentifier: PROMPT_ID },
        null,
        `finding PromptDeleted prompt ${PROMPT_ID} crime`,
      ],
      [
        'an alias written by hand',
        'PutParameter',
        'ssm',
        { name: POINTER },
        { version: 77 },
        `finding WrittenByHand ${POINTER} crime`,
      ],
      [
        'an alias deleted by hand',
        'DeleteParameters',
        'ssm',
        { names: ['/x', POINTER] },
        null,
        `finding WrittenByHand ${POINTER} crime`,
      ],
      [
        'clients told of another guardrail by hand',
        'PutParameter',
        'ssm',
        { name: `${POINTER}/guardrail` },
        { version: 77 },
        `finding WrittenByHand ${POINTER}/guardrail crime`,
      ],
      [
        'a trail stopped',
        'StopLogging',
        'cloudtrail',
        { name: 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit' },
        null,
        'finding TrailChanged trail audit crime',
      ],
      [
        'a trail deleted',
        'DeleteTrail',
        'cloudtrail',
        { name: 'audit' },
        null,
        'finding TrailChanged trail audit crime',
      ],
      [
        'selectors changed',
        'PutEventSelectors',
        'cloudtrail',
        { trailName: 'audit' },
        null,
        'finding TrailChanged trail audit crime',
      ],
      [
        'a bucket policy changed',
        'DeleteBucketPolicy',
        's3',
        { bucketName: BUCKET },
        null,
        `finding BucketChanged s3://${BUCKET} crime`,
      ],
      [
        'a record deleted',
        'DeleteObject',
        's3',
        { bucketName: BUCKET, key: 'ledger/x' },
        null,
        'finding ObjectDeleted ledger/x crime',
      ],
    ])('shows %s', (_, name, source, request, response, expected) => {
      expect(witnessed(name, source, MALLORY, request, response)).toEqual([expected]);
    });

    it.each([
      ...['PutBucketEncryption', 'DeleteBucketEncryption', 'PutBucketReplication', 'DeleteBucketReplication'],
      ...['PutBucketOwnershipControls', 'DeleteBucketOwnershipControls', 'PutBucketAcl'],
      ...['PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'DeleteBucketLifecycle'],
    ])('shows a setting of the bucket that outlives a release: %s', (name) => {
      const request = { bucketName: BUCKET };
      expect(witnessed(name, 's3', MALLORY, request)).toEqual([`finding BucketChanged s3://${BUCKET} crime`]);
      expect(witnessed(name, 's3', { ...MALLORY, invokedBy: 'cloudformation.amazonaws.com' }, request)).toEqual([]);
      expect(witnessed(name, 's3', MALLORY, { bucketName: 'another' })).toEqual([]);
      expect(WATCHED_EVENTS).toContain(name);
    });

    it.each(['PutObjectRetention', 'PutObjectLegalHold', 'PutObjectAcl', 'UpdateObjectEncryption'])(
      'shows an object that was changed: %s',
      (name) => {
        const key = ledgerKey(PROMPT_ID, 'PROD', 6);
        const request = { bucketName: BUCKET, key };
        expect(witnessed(name, 's3', MALLORY, request)).toEqual([`finding ObjectChanged ${key} crime`]);
        expect(witnessed(name, 's3', MALLORY, request, null, { errorCode: 'AccessDenied' })).toEqual([]);
      },
    );

    it.each([
      ...['DeleteFunction20150331', 'PutFunctionConcurrency20171031', 'DeleteFunctionConcurrency20171031'],
      ...['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig', 'DeleteFunctionEventInvokeConfig'],
      ...['CreateEventSourceMapping20150331', 'UpdateEventSourceMapping20150331', 'CreateFunctionUrlConfig'],
    ])('shows a setting of a function that outlives a release: %s', (name) => {
      const arn = 'arn:aws:lambda:us-east-1:123456789012:function:Prompts-AliasHandler';
      const judge = (request: object, response: object | null = null) => {
        const shown = witnessed(name, 'lambda', MALLORY, request, response);
        crime.evidence = { ...crime.evidence, functions: ['Prompts-AliasHandler'] };
        const { findings } = verifyEvidence(crime.evidence);
        return [shown, findings.map(({ level, problem, object }) => `${level} ${problem} ${object}`)];
      };
      const found = ['finding FunctionChanged function Prompts-AliasHandler'];
      expect(judge({ functionName: 'Prompts-AliasHandler' })).toEqual([[], found]);
      expect(judge({ functionName: arn })).toEqual([[], found]);
      // A mapping that is changed by its id names the function in the answer.
      expect(judge({ uUID: 'x' }, { functionArn: arn })).toEqual([[], found]);
      expect(judge({ functionName: 'another' })).toEqual([[], []]);
      expect(WATCHED_EVENTS).toContain(name);
    });

    it('takes what the stack and the publisher do for honest', () => {
      const stack = { ...MALLORY, invokedBy: 'cloudformation.amazonaws.com' };
      expect(witnessed('PutParameter', 'ssm', stack, { name: POINTER }, { version: 77 })).toEqual([]);
      expect(witnessed('UpdatePrompt', 'bedrock', stack, { promptIdentifier: PROMPT_ID })).toEqual([]);
      expect(
        witnessed('UpdatePrompt', 'bedrock', registry.session(PUBLISHER), { promptIdentifier: PROMPT_ID }),
      ).toEqual([]);
      expect(witnessed('PutBucketPolicy', 's3', stack, { bucketName: BUCKET })).toEqual([]);
      expect(witnessed('PutEventSelectors', 'cloudtrail', stack, { trailName: 'audit' })).toEqual([
        'note TrailChanged trail audit crime',
      ]);
      expect(
        witnessed('DeletePrompt', 'bedrock', registry.session(PUBLISHER), {
          promptIdentifier: PROMPT_ID,
          promptVersion: '9',
        }),
      ).toEqual([]);
    });

    it('takes a call that was refused for none, and says that somebody tried to delete a record', () => {
      const refused = { errorCode: 'AccessDenied' };
      expect(witnessed('PutParameter', 'ssm', MALLORY, { name: POINTER }, null, refused)).toEqual([]);
      expect(witnessed('DeleteObject', 's3', MALLORY, { bucketName: BUCKET, key: 'ledger/x' }, null, refused)).toEqual([
        'note DeleteRefused ledger/x crime',
      ]);
    });

    it('shows a record that another than the releaser wrote, and a version’s that the releaser wrote', () => {
      const key = ledgerKey(PROMPT_ID, 'PROD', 6);
      expect(witnessed('PutObject', 's3', MALLORY, { bucketName: BUCKET, key })).toEqual([
        `finding ObjectByOther ${key} crime`,
      ]);
      const archive = crime.evidence.objects.find(({ key: found }) => archiveOf(2).test(found))?.key;
      expect(witnessed('PutObject', 's3', registry.session(RELEASER), { bucketName: BUCKET, key: archive })).toEqual([
        `finding ObjectByOther ${archive} crime`,
      ]);
    });

    it('shows a record whose time is before its stack operation', () => {
      const records = commit().records;
      const newest = records[5] as LedgerRecord;
      const earlier = new Date(Date.parse(newest.time) - 5 * 60_000).toISOString();
      crime.rewrite([...records.slice(0, -1), { ...newest, time: earlier }]).withoutDataEvents();
      expect(crime.problems).toEqual(['MoveBeforeEvent']);
    });

    it('shows a trail that does not log, and notes a version that its publisher did not come to archive', () => {
      commit().evidence = { ...crime.evidence, silentTrails: ['audit'] };
      expect(crime.problems).toEqual(['TrailOff']);
      const archived = commit().evidence.objects.filter(({ key }) => !archiveOf(6).test(key));
      crime.objects(() => archived).withoutDataEvents();
      const { findings } = verifyEvidence(crime.evidence);
      expect(findings.map(({ problem, level }) => [problem, level])).toContainEqual(['NotArchived', 'note']);
    });

    it('shows a publication that was taken out of archive and Bedrock', () => {
      expect(
        witnessed(
          'CreatePromptVersion',
          'bedrock',
          registry.session(PUBLISHER),
          { promptIdentifier: PROMPT_ID },
          { version: '9' },
        ),
      ).toEqual([`finding PublicationGone ${PROMPT_ID}:9 crime`]);
    });

    it('shows an archived version that no call made', () => {
      commit();
      const { trail } = crime.evidence;
      if (trail)
        crime.evidence = {
          ...crime.evidence,
          trail: {
            ...trail,
            events: trail.events.filter(
              (event) => !(event.name === 'CreatePromptVersion' && event.response.version === '3'),
            ),
          },
        };
      expect(crime.problems).toEqual(['PublicationWithoutEvent']);
    });

    it.each([
      'Unreadable',
      'Rewritten',
      'DeleteMarker',
      'DigestMismatch',
      'MissingFile',
      'EventMissing',
      'EventDiffers',
    ] as const)('shows a log file of the trail: %s', (problem) => {
      commit();
      crime.evidence = {
        ...crime.evidence,
        files: {
          place: 's3://trail/',
          files: 1,
          compared: 1,
          problems: [{ key: 'AWSLogs/x', problem, detail: 'why' }],
        },
      };
      expect(crime.problems).toEqual([problem]);
    });

    it('does not judge what CloudTrail has not delivered yet, nor what is older than what was read', () => {
      const records = commit().records;
      crime
        .rewrite([
          ...records.slice(0, -1),
          { ...(records[5] as LedgerRecord), operation: 'exec-invented', reason: null },
        ])
        .withoutDataEvents();
      const { trail } = crime.evidence;
      const time = Date.parse((records[5] as LedgerRecord).time);
      crime.evidence = { ...crime.evidence, now: new Date(time + 10 * 60_000).toISOString() };
      expect(crime.problems).not.toContain('MoveWithoutEvent');
      if (trail)
        crime.evidence = { ...crime.evidence, now: trail.to, trail: { ...trail, from: new Date(time).toISOString() } };
      expect(crime.problems).not.toContain('MoveWithoutEvent');
    });
  });

  describe('in what outlives a release', () => {
    const all = { Effect: 'Allow', Action: '*', Resource: '*' };
    const version = (id: string, text: string) => ({ id, isDefault: id === 'v2', document: text });
    const policies = (...versions: ReturnType<typeof version>[]) => {
      commit().evidence = {
        ...crime.evidence,
        policies: [{ arn: 'arn:policy', kind: 'reader', aliases: [PROD_ACCESS], versions, keyContexts: 0 }],
      };
      return crime.problems;
    };

    it('shows a policy that says something else, in force or not, and one that is gone', () => {
      const old = document().replace(':5"', ':4"');
      expect(policies(version('v2', document()), version('v1', old))).toEqual([]);
      expect(policies(version('v2', document(all)))).toEqual(['PolicyChanged']);
      expect(policies(version('v2', old))).toEqual(['PolicyChanged']);
      expect(policies(version('v2', document()), version('v1', document(all)))).toEqual(['PolicyChanged']);
      const gone = {
        arn: 'arn:policy',
        kind: 'reader' as const,
        aliases: [PROD_ACCESS],
        versions: null,
        keyContexts: 0,
      };
      commit().evidence = { ...crime.evidence, policies: [gone] };
      expect(crime.problems).toEqual(['PolicyGone']);
    });

    it('shows a name that is taken', () => {
      commit().evidence = { ...crime.evidence, takenNames: ['arn:taken'], unknownNames: ['arn:unknown'] };
      expect(crime.problems).toEqual(['NameTaken']);
      const notes = verifyEvidence(crime.evidence).findings.filter(({ level }) => level === 'note');
      expect(notes.map(({ problem, object }) => [problem, object])).toEqual([['UnknownPolicy', 'arn:unknown']]);
    });

    it('shows a role of the registry that was made again', () => {
      const replacedRoles = new Map([[RELEASER, 'has the id AROA2, the policy names AROA1']]);
      commit().evidence = { ...crime.evidence, replacedRoles };
      const { findings } = verifyEvidence(crime.evidence);
      expect(findings.map(({ level, problem, object, message }) => [level, problem, object, message])).toEqual([
        ['finding', 'RoleReplaced', `role ${RELEASER}`, 'has the id AROA2, the policy names AROA1'],
      ]);
    });

    it('shows a legal hold', () => {
      commit().record(4, (object) => ({ ...object, legalHold: true }));
      expect(crime.problems).toEqual(['LegalHold']);
    });

    it('notes objects under several keys: a registry may be given another one', () => {
      commit().objects((objects) =>
        objects.map((object, index) => ({ ...object, keyArn: index > 3 ? 'arn:key' : null })),
      );
      expect(crime.problems).toEqual([]);
      expect(verifyEvidence(crime.evidence).findings.map(({ problem }) => problem)).toEqual(['SeveralKeys']);
    });

    it('shows an expiration of the parameter, and notes its tier', () => {
      commit();
      const parameters = crime.evidence.parameters?.map((parameter) => ({
        ...parameter,
        history: (parameter.history ?? []).map((write) => ({
          ...write,
          tier: 'Advanced',
          policies: ['Expiration {}'],
        })),
      }));
      crime.evidence = { ...crime.evidence, ...(parameters && { parameters }) };
      expect(crime.problems).toEqual(['ParameterPolicy']);
      const notes = verifyEvidence(crime.evidence).findings.filter(({ level }) => level === 'note');
      expect([...new Set(notes.map(({ problem }) => problem))]).toEqual(['ParameterTier']);
    });
  });
});
