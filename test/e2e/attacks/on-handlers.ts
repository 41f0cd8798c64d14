import { NO_ALIAS, reviewKey } from '../../../core/ledger/layout';
import { RegistryError } from '../../../core/registry-error';
import { event, PROMPT_ID } from '../../lambda/events';
import { agree, digestOf, GATE, GATES, reject, type Saying, say } from '../../lambda/gated-world';
import { type Properties, ReleaseWorld } from '../../lambda/release-world';
import { type Attack, attack } from './attack';

const DAY = 86_400_000;

/** A registry whose alias PROD stood on version 1 before it had a gate, with the real handlers. */
class Ground {
  readonly world = new ReleaseWorld();
  stored: Properties = {};

  static async make(): Promise<Ground> {
    const ground = new Ground();
    ground.stored = await ground.world.release('1');
    ground.world.gates = GATES;
    return ground;
  }

  /** A release by plan and record; `moved`, or the code of the refusal, with which nothing may have moved. */
  async release(version: number, withdrawn = 'none'): Promise<string> {
    return this.try(async () => {
      this.stored = await this.world.release(String(version), this.stored, withdrawn);
    });
  }

  async try(work: () => Promise<unknown>): Promise<string> {
    const before = this.world.head();
    try {
      await work();
      return this.world.head() === before ? 'nothing moved' : 'moved';
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return this.world.head() === before ? error.code : `${error.code}, and moved`;
    }
  }

  async agreedTo(...versions: number[]): Promise<void> {
    for (const version of versions) {
      this.world.pass(1_000);
      agree(this.world, version);
      await this.release(version);
      this.world.pass(1_000);
    }
  }

  say(saying: Partial<Saying> & Pick<Saying, 'who' | 'as' | 'kind'>): string {
    return say(this.world, { version: 2, ...saying });
  }

  /** Puts what was said under another key, or with another text. */
  retold(key: string, { at = key, body = (text) => text }: { at?: string; body?: (text: string) => string }): void {
    const { objects, times } = this.world.bucket;
    const [text = '', time = 0] = [objects.get(key), times.get(key)];
    if (at !== key) objects.delete(key);
    objects.set(at, body(text));
    times.set(at, time);
  }

  /** The properties of a plan that a person wrote by hand. */
  madeUp(version: number, direction: 'forward' | 'back'): Properties {
    const VersionArn = `arn:aws:bedrock:us-east-1:123456789012:prompt/${PROMPT_ID}:${version}`;
    const PlannedAt = String(this.world.now() + 1_000);
    const ContentDigest = digestOf(version);
    const Revision = String(this.world.chain().records.length);
    const names = { VersionArn, ContentDigest, PlannedAt, Revision };
    return { ...this.stored, ...names, Version: String(version), Direction: direction };
  }
}

type Try = (ground: Ground) => Promise<string>;

const asks = (ground: Ground, change: Partial<Saying> = {}) =>
  ground.say({ who: 'alice', as: 'authors', kind: 'request', ...change });
const approves = (ground: Ground, change: Partial<Saying> = {}) =>
  ground.say({ who: 'bob', as: 'risk', kind: 'approve', ...change });

/** Alice asks, Bob's approval is put elsewhere or changed, and somebody releases version 2. */
const withApproval =
  (change: (key: string) => { at?: string; body?: (text: string) => string }): Try =>
  (ground) => {
    asks(ground);
    const key = approves(ground);
    ground.retold(key, change(key));
    return ground.release(2);
  };
const says = (name: string, value: string) =>
  withApproval(() => ({ body: (text) => JSON.stringify({ ...JSON.parse(text), [name]: value }) }));

export const ON_HANDLERS: readonly (readonly [Attack, Try])[] = [
  [attack('releases what nobody asked for', 'ApprovalMissing'), (ground) => ground.release(2)],
  [
    attack('asks and approves', 'SelfApproval'),
    (ground) => {
      asks(ground);
      approves(ground, { who: 'alice' });
      return ground.release(2);
    },
  ],
  [
    attack('asks and approves, with capitals in the name of the other role’s session', 'SelfApproval'),
    (ground) => {
      asks(ground);
      approves(ground, { who: 'ALICE' });
      return ground.release(2);
    },
  ],
  [
    attack('asks and approves under two names', 'moved', 'Two names of one human, where session names are not pinned'),
    (ground) => {
      asks(ground);
      approves(ground, { who: 'alice+1' });
      return ground.release(2);
    },
  ],
  [
    attack('approves as a member of the group that asks', 'ApprovalMissing'),
    (ground) => {
      asks(ground);
      approves(ground, { as: 'authors' });
      return ground.release(2);
    },
  ],
  [
    attack('approves once for two gates', 'ApprovalMissing'),
    (ground) => {
      ground.world.gates = JSON.stringify({ '*': [GATE, { ...GATE, by: 'legal' }] });
      asks(ground);
      approves(ground);
      approves(ground, { as: 'legal' });
      return ground.release(2);
    },
  ],
  [
    attack('uses the approval of version 3 for version 2', 'ApprovalMissing'),
    (ground) => {
      agree(ground.world, 3);
      return ground.release(2);
    },
  ],
  [
    attack('changes the text after the approval', 'ApprovalMissing'),
    (ground) => {
      agree(ground.world, 2);
      return ground.release(3);
    },
  ],
  [
    attack('uses the approval for STAGING in PROD', 'ApprovalMissing'),
    (ground) => {
      asks(ground, { alias: 'STAGING' });
      approves(ground, { alias: 'STAGING' });
      return ground.release(2);
    },
  ],
  [
    attack('releases through an alias that is new', 'ApprovalMissing'),
    async (ground) => {
      agree(ground.world, 2);
      return ground.try(() => ground.world.plan('2', 'none', undefined, 'PROD2'));
    },
  ],
  [attack('copies an approval to another registry', 'ApprovalMissing'), says('registry', '/prompts/dev')],
  [attack('writes another digest into an approval', 'ApprovalMissing'), says('digest', digestOf(3))],
  [attack('writes another group into an approval', 'ApprovalMissing'), says('group', 'authors')],
  [attack('writes another alias into an approval', 'ApprovalMissing'), says('alias', 'STAGING')],
  [attack('hides characters in a comment', 'ApprovalMissing'), says('comment', 'fine\u200b')],
  [attack('writes an approval of a schema to come', 'ApprovalMissing'), says('schema', '2')],
  [attack('cuts an approval short', 'ApprovalMissing'), withApproval(() => ({ body: (text) => text.slice(0, 80) }))],
  [
    attack('makes an approval as large as can be', 'ApprovalMissing'),
    withApproval(() => ({ body: (text) => text.replace('}', `,"more":"${'x'.repeat(10_000_000)}"}`) })),
  ],
  [
    attack('uses the approval of a prompt that was deleted and made again under its name', 'ApprovalMissing'),
    withApproval((key) => ({ at: key.replace(PROMPT_ID, 'BBBBBBBBBB') })),
  ],
  [
    attack('nests a group in another', 'ApprovalMissing'),
    withApproval((key) => ({ at: key.replace('@risk/', '@risk/eve/@authors/') })),
  ],
  [
    attack('signs under a number that no review has', 'ApprovalMissing'),
    withApproval((key) => ({ at: key.replace('99999998', '99999999') })),
  ],
  [attack('signs without a session', 'ApprovalMissing'), withApproval((key) => ({ at: key.replace(':bob/', '/') }))],
  [
    attack('keeps an approval until it is wanted', 'ApprovalExpired'),
    (ground) => {
      agree(ground.world, 2, 8 * DAY);
      return ground.release(2);
    },
  ],
  [
    attack('writes a time of tomorrow into an old approval', 'ApprovalExpired'),
    (ground) => {
      agree(ground.world, 2, 8 * DAY);
      for (const [key, body] of ground.world.bucket.objects)
        if (key.startsWith('reviews/')) {
          const time = new Date(ground.world.now() + DAY).toISOString();
          ground.world.bucket.objects.set(key, JSON.stringify({ ...JSON.parse(body), time }));
        }
      return ground.release(2);
    },
  ],
  [
    attack('goes back and forward again', 'ApprovalExpired'),
    async (ground) => {
      await ground.agreedTo(2);
      await ground.release(1);
      return ground.release(2);
    },
  ],
  [
    attack('goes back, lets 60 releases fail and goes forward again', 'ApprovalExpired'),
    async (ground) => {
      await ground.agreedTo(2);
      await ground.release(1);
      ground.world.pass(1_000);
      agree(ground.world, 3);
      for (let count = 0; count < 60; count++) await ground.world.failedRelease('3', ground.stored);
      return ground.release(2);
    },
  ],
  [
    attack('lets an agreed release fail to have its version for later', 'ApprovalExpired'),
    async (ground) => {
      agree(ground.world, 2);
      await ground.world.failedRelease('2', ground.stored);
      ground.world.pass(8 * DAY);
      return ground.release(2);
    },
  ],
  [
    attack('takes a version off the withdrawn ones', 'ApprovalExpired'),
    async (ground) => {
      await ground.agreedTo(2, 3);
      await ground.release(3, '2');
      await ground.release(3);
      return ground.release(2);
    },
  ],
  [
    attack('removes the alias and adds it again', 'ApprovalMissing'),
    async (ground) => {
      await ground.world.alias(event('PromptAlias', 'Delete', ground.stored));
      ground.world.pass(1_000);
      return ground.try(() => ground.world.release('1'));
    },
  ],
  [
    attack('lets the alias follow the text', 'GateOnFollower'),
    (ground) => {
      agree(ground.world, 2);
      ground.world.more = { Follows: 'content' };
      return ground.release(2);
    },
  ],
  [
    attack('releases while somebody rejects, between plan and record', 'Rejected'),
    async (ground) => {
      agree(ground.world, 2);
      const planned = ground.world.aliasProperties(await ground.world.plan('2'));
      reject(ground.world, 2);
      return ground.try(() => ground.world.alias(event('PromptAlias', 'Update', planned, ground.stored)));
    },
  ],
  [
    attack('waits until a rejection is old', 'Rejected'),
    (ground) => {
      reject(ground.world, 2);
      ground.world.pass(400 * DAY);
      agree(ground.world, 2);
      return ground.release(2);
    },
  ],
  [
    attack('buries a rejection under 1,000 reviews of other people', 'Rejected'),
    (ground) => {
      agree(ground.world, 2);
      reject(ground.world, 2);
      for (let count = 0; count < 1_000; count++) ground.say({ who: `p${count}`, as: 'risk', kind: 'evaluate' });
      return ground.release(2);
    },
  ],
  [
    attack('buries a rejection of one’s own under 1,000 evaluations', 'TooManyReviews'),
    (ground) => {
      agree(ground.world, 2);
      reject(ground.world, 2);
      for (let count = 0; count < 1_000; count++) ground.say({ who: 'carol', as: 'risk', kind: 'evaluate' });
      return ground.release(2);
    },
  ],
  [
    attack('lifts a rejection by what nobody can read', 'Rejected'),
    (ground) => {
      agree(ground.world, 2);
      reject(ground.world, 2);
      ground.retold(ground.say({ who: 'carol', as: 'risk', kind: 'approve' }), { body: () => '{' });
      return ground.release(2);
    },
  ],
  [
    attack('hinders a release by 1,000 comments', 'moved'),
    (ground) => {
      agree(ground.world, 2);
      for (let count = 0; count < 1_000; count++)
        ground.world.bucket.objects.set(
          reviewKey({
            ...{ promptId: PROMPT_ID, alias: NO_ALIAS, digest: digestOf(2), group: 'risk' },
            ...{ signer: 'AROAROLE000000000001:bob', number: count + 1 },
          }),
          '{}',
        );
      return ground.release(2);
    },
  ],
  [
    attack('sends the function a release that no stack makes', 'NotInProgress'),
    (ground) => {
      agree(ground.world, 2);
      const made = event('PromptAlias', 'Update', ground.madeUp(2, 'forward'), ground.stored);
      return ground.try(() => ground.world.send(made));
    },
  ],
  [
    attack('sends the function a way back that no stack goes', 'nothing moved'),
    (ground) => {
      const made = event('PromptAlias', 'Update', ground.madeUp(2, 'back'), ground.stored);
      return ground.try(() => ground.world.send(made));
    },
  ],
  [
    attack('writes a plan by hand into a stack, for what nobody agreed to', 'ApprovalMissing'),
    (ground) => {
      ground.world.stack.now = 'UPDATE_IN_PROGRESS';
      const made = event('PromptAlias', 'Update', ground.madeUp(2, 'forward'), ground.stored);
      return ground.try(() => ground.world.alias(made));
    },
  ],
  [
    attack('asks for a gate that the functions do not know', 'UnknownGate'),
    (ground) => {
      ground.world.more = { Gates: JSON.stringify([{ gate: 'of tomorrow' }]) };
      agree(ground.world, 2);
      return ground.release(2);
    },
  ],
  [
    attack('takes S3’s reviews away', 'ReviewsUnreadable'),
    (ground) => {
      agree(ground.world, 2);
      const denied = () => Promise.reject(Object.assign(new Error('denied'), { name: 'AccessDenied' }));
      Object.assign(ground.world.bucket, { listObjects: denied, folders: denied });
      return ground.release(2);
    },
  ],
];

export async function onHandlers(attempt: Try): Promise<string> {
  return attempt(await Ground.make());
}
