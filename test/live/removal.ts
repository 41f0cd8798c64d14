import { setTimeout as wait } from 'node:timers/promises';
import { DeletePromptCommand } from '@aws-sdk/client-bedrock-agent';
import { DeleteStackCommand, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import {
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { problem } from './check';
import { type LeftOver, lookForLeftOvers } from './left-over';
import type { LiveAccount } from './live-account';
import type { LiveNames } from './live-names';
import { liveBuckets, livePrompts } from './live-prompts';
import { allEvents, inventoryOf, isNoStack, type MadeResource } from './stack-inventory';

export interface Removed {
  /** `stack Prompts-live-3f9a1c` */
  readonly removed: string[];
  readonly left: LeftOver[];
}

const PAUSE = 1_000;
/** A release that was given up may write a last record while the bucket is being emptied. */
const BUCKET_TRIES = 3;

/** Removes all that a run made, finding it by the run's names, whoever made it and whatever became of the run. */
export class Removal {
  private readonly removed: string[] = [];
  private readonly reasons = new Map<string, string>();
  private made: MadeResource[] = [];

  constructor(
    private readonly account: LiveAccount,
    private readonly names: LiveNames,
    private readonly say: (text: string) => void,
  ) {}

  /** Never throws: what could not be removed is in the answer, with the reason and the command. */
  async run(): Promise<Removed> {
    const { registryStack, consumerStack, typesStack } = this.names;
    // The application's role has the registry's policies attached: it goes first.
    for (const stack of [consumerStack, registryStack, typesStack])
      await this.attempt(stack, () => this.deleteStack(stack));
    await this.attempt('prompts', () => this.deletePrompts());
    await this.attempt('buckets', () => this.deleteBuckets());
    const left = await lookForLeftOvers(this.account, this.names, this.made);
    for (const item of left) item.why ??= this.reasons.get(item.name);
    return { removed: this.removed, left };
  }

  private async attempt(name: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => void this.reasons.set(name, problem(error)));
  }

  private async deleteStack(StackName: string): Promise<void> {
    const { cloudFormation } = this.account.clients;
    const stack = await this.settled(StackName);
    if (stack === undefined) return;
    // By its id the stack can be asked what it made when it is gone.
    const id = stack.StackId ?? StackName;
    this.say(`deletes ${StackName}`);
    // A second time for what was in the way of the first, such as IAM that had not spread yet.
    for (let attempt = 1; attempt <= 2; attempt++) {
      await cloudFormation.send(new DeleteStackCommand({ StackName: id }));
      if (isGone(await this.settled(id))) break;
    }
    const gone = await this.settled(id);
    const events = await allEvents(cloudFormation, id);
    this.made.push(...inventoryOf(events));
    if (isGone(gone)) {
      this.removed.push(`stack ${StackName}`);
      return;
    }
    const failed = events.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_FAILED').slice(-3);
    const why = failed.map(
      ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`,
    );
    throw new Error(`${gone?.StackStatus}: ${why.join('; ')}`);
  }

  /** CloudFormation refuses to delete a stack that it works on: https://github.com/aws/aws-toolkit-azure-devops/issues/317 */
  private async settled(StackName: string) {
    let told = '';
    for (;;) {
      const stack = await this.account.clients.cloudFormation.send(new DescribeStacksCommand({ StackName })).then(
        ({ Stacks }) => Stacks?.[0],
        (error: unknown) => {
          if (isNoStack(error)) return undefined;
          throw error;
        },
      );
      const status = stack?.StackStatus ?? '';
      if (!status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return stack;
      if (status !== told && status !== 'DELETE_IN_PROGRESS') this.say(`waits for ${StackName}, ${status}`);
      told = status;
      await wait(PAUSE);
    }
  }

  private async deletePrompts(): Promise<void> {
    const { bedrock } = this.account.clients;
    for (const { id, name } of await livePrompts(bedrock, this.names)) {
      await this.attempt(name, async () => {
        // Takes its versions along: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-delete.html
        await bedrock.send(new DeletePromptCommand({ promptIdentifier: id }));
        this.removed.push(`prompt ${name}`);
      });
    }
  }

  private async deleteBuckets(): Promise<void> {
    for (const bucket of await liveBuckets(this.account.clients.s3, this.names)) {
      await this.attempt(bucket, async () => {
        await this.deleteBucket(bucket);
        this.removed.push(`bucket ${bucket}`);
      });
    }
  }

  private async deleteBucket(Bucket: string): Promise<void> {
    const { s3 } = this.account.clients;
    this.say(`empties and deletes ${Bucket}`);
    // It denies deletions to everyone.
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    for (let attempt = 1; ; attempt++) {
      try {
        await this.empty(Bucket);
        await s3.send(new DeleteBucketCommand({ Bucket }));
        return;
      } catch (error) {
        // A policy that was taken off may be in force for some seconds.
        if (attempt === BUCKET_TRIES || !/^(BucketNotEmpty|AccessDenied)$/.test((error as Error).name)) throw error;
        await wait(5 * PAUSE);
      }
    }
  }

  private async empty(Bucket: string): Promise<void> {
    const { s3 } = this.account.clients;
    for (;;) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      if (objects.length === 0) return;
      const Objects = objects.map(({ Key = '', VersionId }) => ({ Key, VersionId }));
      const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      const [first] = Errors;
      if (first) throw Object.assign(new Error(`${first.Key}: ${first.Message}`), { name: first.Code ?? 'Error' });
    }
  }
}

function isGone(stack: Stack | undefined): boolean {
  return stack === undefined || stack.StackStatus === 'DELETE_COMPLETE';
}
