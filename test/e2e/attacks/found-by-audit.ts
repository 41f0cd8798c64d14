import type { AuditEvidence } from '../../../core/audit/evidence';
import { trailEvent } from '../../../core/audit/trail-event';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { gateTampers, type Tamper } from '../../core/audit/gate-tampers';
import { agreedHistory } from '../../core/audit/gated-registry';
import { BUCKET, PREFIX, PROMPT } from '../../core/audit/honest-registry';
import { type Attack, attack } from './attack';

const MALLORY = { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/mallory', userName: 'mallory' };

/** What is left of an attack by those who may rewrite a stack or a bucket's policy. */
export class Crimes {
  private constructor(
    private readonly tampers: readonly Tamper[],
    private readonly honest: AuditEvidence,
  ) {}

  static async make(): Promise<Crimes> {
    return new Crimes(await gateTampers(), (await agreedHistory()).evidence());
  }

  /** One of the registries with gates that somebody tampered with. */
  tamper(name: string): AuditEvidence {
    const found = this.tampers.find((one) => one.name === name);
    if (found === undefined) throw new Error(`expected a tamper ${name}`);
    return found.evidence;
  }

  /** A registry in which Mallory made a call. */
  call(eventName: string, service: string, requestParameters: object, responseElements: object = {}): AuditEvidence {
    const event = trailEvent({
      ...{ eventID: 'crime', eventName, eventSource: `${service}.amazonaws.com`, userIdentity: MALLORY },
      ...{ eventTime: '2026-06-03T00:00:00Z', requestParameters, responseElements },
    });
    const { trail } = this.honest;
    if (!trail || !event) throw new Error('expected a trail');
    const functions = ['Prompts-AliasHandler'];
    return { ...this.honest, functions, trail: { ...trail, events: [...trail.events, event] } };
  }
}

type Try = (crimes: Crimes) => AuditEvidence;

const POINTER = `${PREFIX}/${PROMPT}/PROD`;
const tamper =
  (name: string): Try =>
  (crimes) =>
    crimes.tamper(name);

const REWRITES = 'People who may rewrite the registry';

export const FOUND_BY_AUDIT: readonly (readonly [Attack, Try])[] = [
  [attack('takes the gate away before a move', 'GateGone', REWRITES), tamper('a move lost what it passed by')],
  [
    attack('never had the gate that the auditor keeps', 'GateGone'),
    tamper('the gate was never there, and the auditor keeps one'),
  ],
  [attack('lets consent count for longer', 'GateGone'), tamper('a gate expires later than before')],
  [attack('gives a gate to another group', 'GateGone'), tamper('a gate asks another group than before')],
  [attack('hides a review by a marker', 'DeleteMarker'), tamper('an approval is hidden')],
  [attack('makes an approval of a rejection', 'ConsentMissing'), tamper('a rejection was made an approval')],
  [attack('writes a record that names no consent', 'ConsentMissing'), tamper('a move names no review')],
  [
    attack('writes a record that names a request as an approval', 'ConsentMissing'),
    tamper('a move names the request as an approval'),
  ],
  [attack('writes a record that says it went back', 'NotBack'), tamper('a move forward says that it went back')],
  [
    attack('smuggles a version in by an undo', 'NotBack'),
    tamper('a move to what the alias never stood on says that it undoes'),
  ],
  [attack('signs behind the bucket’s policy', 'SignedByOther'), tamper('another person wrote an approval')],
  [
    attack('signs by a role made again under the old id', 'SignedByOther'),
    tamper('a role made again wrote an approval'),
  ],
  [
    attack('puts a review where an older one belongs', 'ReviewOutOfOrder'),
    tamper('a review was put behind a newer one'),
  ],
  [
    attack('moves the pointer by hand', 'WrittenByHand'),
    (crimes) => crimes.call('PutParameter', 'ssm', { name: POINTER }, { version: 77 }),
  ],
  [
    attack('changes the code of the functions', 'FunctionChanged'),
    (crimes) => crimes.call('UpdateFunctionCode20150331v2', 'lambda', { functionName: 'Prompts-AliasHandler' }),
  ],
  [
    attack('changes the policy of the bucket', 'BucketChanged', REWRITES),
    (crimes) => crimes.call('PutBucketPolicy', 's3', { bucketName: BUCKET }),
  ],
];

/** The findings of `audit verify`. */
export function foundByAudit(evidence: AuditEvidence): string[] {
  return verifyEvidence(evidence).findings.flatMap(({ level, problem }) => (level === 'finding' ? problem : []));
}
