import type { VerifiedChain } from '../core/ledger/chain';
import type { LedgerRecord } from '../core/ledger/record';
import { type PromptContentRead, RegistryReader } from './registry-reader';

/** Asks Bedrock once for each version and reads each chain once: for a look at many aliases at one moment. */
export class RememberingReader extends RegistryReader {
  private readonly contents = new Map<string, Promise<PromptContentRead | undefined>>();
  private readonly chains = new Map<string, Promise<VerifiedChain>>();

  override held(promptId: string, version: number | 'draft'): Promise<PromptContentRead | undefined> {
    return remembered(this.contents, `${promptId}:${version}`, () => super.held(promptId, version));
  }

  override ledger(promptId: string, aliasName: string): Promise<VerifiedChain> {
    return remembered(this.chains, `${promptId}/${aliasName}`, () => super.ledger(promptId, aliasName));
  }

  override async *history(promptId: string, aliasName: string): AsyncGenerator<LedgerRecord> {
    yield* [...(await this.ledger(promptId, aliasName)).records].reverse();
  }
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? read();
  known.set(key, found);
  return found;
}
