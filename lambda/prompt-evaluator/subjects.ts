import type { EvaluatedPromptSettings } from '../../core/contract/prompt-evaluator';
import { ledgerEntries, recordsIn } from '../../core/ledger/entries';
import { ledgerPrefix, parseArchiveKey } from '../../core/ledger/layout';
import { placesOf } from '../../core/ledger/places';
import { lastLeft } from '../../core/release/last-left';
import type { ObjectStore } from '../object-store';
import type { JobSubject, JobVersion } from './evaluation-job';

/** The ledger's bucket, as far as it is read. */
export type LedgerReader = Pick<ObjectStore, 'list' | 'read'>;

/** Finds out what there is to measure. Where an alias stands its newest record says, which is there before the parameter moves. */
export class Subjects {
  constructor(
    private readonly prompts: readonly EvaluatedPromptSettings[],
    private readonly ledger: LedgerReader,
  ) {}

  /** What an object that came into the ledger's bucket gives occasion to: a version was published, or what is live moved. */
  async ofObject(key: string): Promise<JobSubject | undefined> {
    const settings = this.prompts.find((one) => key.split('/')[1] === idOf(one));
    if (!settings) return undefined;
    const published = parseArchiveKey(key);
    if (published) {
      const { variant }: { variant?: { modelId?: string } } = JSON.parse((await this.ledger.read(key)) ?? '{}');
      const { version, digest } = published;
      return this.release(settings, { version, digest, model: variant?.modelId ?? null });
    }
    const hasMoved = key.startsWith(ledgerPrefix(idOf(settings), settings.live));
    return hasMoved ? this.release(settings, await this.standsOn(settings, settings.candidate)) : undefined;
  }

  /** What of a prompt stands for release once a deployment has come to its end. */
  async ofDeployment(settings: EvaluatedPromptSettings): Promise<JobSubject | undefined> {
    return this.release(settings, await this.standsOn(settings, settings.candidate));
  }

  /** What is live of a prompt, to be measured because a day is over. */
  async ofDay(settings: EvaluatedPromptSettings, due: string): Promise<JobSubject | undefined> {
    const live = await this.standsOn(settings, settings.live);
    return live && { kind: 'daily', ...namesOf(settings), candidate: live, live: null, due };
  }

  /** A content that is live already needs nobody's agreement. */
  private async release(
    settings: EvaluatedPromptSettings,
    candidate: JobVersion | undefined,
  ): Promise<JobSubject | undefined> {
    const live = await this.standsOn(settings, settings.live);
    if (!candidate || candidate.digest === live?.digest) return undefined;
    const left = await this.lastLeft(settings, candidate);
    return { kind: 'release', ...namesOf(settings), candidate, live: live ?? null, due: null, ...left };
  }

  /** Without it nobody could release again what was rolled back: the job would be the one that ended before. */
  private async lastLeft(settings: EvaluatedPromptSettings, candidate: JobVersion): Promise<Pick<JobSubject, 'left'>> {
    const records = recordsIn(ledgerEntries(this.ledger, idOf(settings), settings.live));
    const left = await lastLeft(candidate, records, 0);
    return left === undefined ? {} : { left: new Date(left).toISOString() };
  }

  private async standsOn(settings: EvaluatedPromptSettings, alias: string): Promise<JobVersion | undefined> {
    const [newest] = await this.ledger.list(ledgerPrefix(idOf(settings), alias), 1);
    const to = newest === undefined ? undefined : placesOf((await this.ledger.read(newest)) ?? '')?.to;
    return to ? { version: to.version, digest: to.digest, model: to.model } : undefined;
  }
}

function idOf({ promptArn }: EvaluatedPromptSettings): string {
  return promptArn.slice(promptArn.indexOf('/') + 1);
}

function namesOf(settings: EvaluatedPromptSettings) {
  return { prompt: settings.prompt, promptId: idOf(settings), alias: settings.live, suite: settings.suite };
}
