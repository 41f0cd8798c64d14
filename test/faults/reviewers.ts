import { GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { contentDigest } from '../../core/content/content-digest';
import { withPlainNumbers } from '../../core/content/plain-numbers';
import { isDigest } from '../../core/contract/digest-text';
import type { ReviewKind } from '../../core/ledger/review';
import type { LocalAws } from '../../packages/local-aws';
import { clientsOf } from '../e2e/clients';
import { type Person, review, session } from '../e2e/reviewers';
import { PREFIX, PROMPT, REVIEWERS } from './example-stack';

/** What a release of PROD is about. */
export interface Asked {
  readonly bucket: string;
  readonly promptId: string;
  /** A version's number, or a digest. */
  readonly target: string;
}

/** Alice asks, Bob and Carol agree or reject: each as themselves, by a request that IAM judges. */
export class Reviewers {
  private numbers = 0;

  private constructor(
    private readonly aws: LocalAws,
    private readonly people: Readonly<Record<'alice' | 'bob' | 'carol', Person>>,
  ) {}

  static async of(aws: LocalAws): Promise<Reviewers> {
    const { iam } = clientsOf(aws);
    const statement = (more: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] });
    const trust = { Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${aws.account}:root` } };
    for (const RoleName of Object.values(REVIEWERS)) {
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: statement(trust) }));
      const PolicyDocument = statement({ Action: '*', Resource: '*' });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
    }
    const [alice, bob, carol] = [
      await session(aws, REVIEWERS.authors, 'alice'),
      await session(aws, REVIEWERS.risk, 'bob'),
      await session(aws, REVIEWERS.risk, 'carol'),
    ];
    return new Reviewers(aws, { alice, bob, carol });
  }

  async agree(asked: Asked): Promise<void> {
    const digest = await this.digest(asked);
    await this.say('alice', 'authors', 'request', digest, asked);
    for (const who of ['bob', 'carol'] as const) await this.say(who, 'risk', 'approve', digest, asked);
  }

  /** All agreed before, and one does no more. */
  async reject(asked: Asked): Promise<void> {
    await this.agree(asked);
    await this.say('carol', 'risk', 'reject', await this.digest(asked), asked);
  }

  private async say(
    name: keyof Reviewers['people'],
    group: string,
    kind: ReviewKind,
    digest: string,
    { bucket, promptId }: Asked,
  ): Promise<void> {
    const who = this.people[name];
    this.numbers += 1;
    const said = { registry: PREFIX, prompt: PROMPT, promptId, alias: 'PROD', digest, group, kind };
    const object = review(who, this.numbers, said);
    await who.s3.send(new PutObjectCommand({ Bucket: bucket, ...object, IfNoneMatch: '*' }));
  }

  private async digest({ promptId, target }: Asked): Promise<string> {
    if (isDigest(target)) return target;
    const { bedrock } = clientsOf(this.aws);
    const found = await bedrock.send(new GetPromptCommand({ promptIdentifier: promptId, promptVersion: target }));
    return contentDigest(withPlainNumbers(found.variants?.[0]) as never);
  }
}
