import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3 } from '../../packages/local-aws/s3/s3';
import { S3State } from '../../packages/local-aws/s3/s3-state';
import { HonestRegistry } from '../core/audit/honest-registry';
import { serve } from '../local-aws/serve';
import { PreviousPackage, RELEASE_BEFORE } from '../previous/previous-package';
import { PROMPT_ID } from './events';

const SOURCES = [
  'lambda/version-archive',
  'core/audit/verify-evidence',
  'cli/registry-reader',
  'cli/prompt-file-source',
];

/** What the older package reads an archive with. */
interface OlderPackage {
  readonly VersionArchive: typeof import('../../lambda/version-archive').VersionArchive;
  readonly verifyEvidence: typeof import('../../core/audit/verify-evidence').verifyEvidence;
  readonly RegistryReader: new (
    clients: object,
    location: object,
  ) => { archivedContent(archived: object): Promise<{ variant: never }> };
  readonly promptFileSource: typeof import('../../cli/prompt-file-source').promptFileSource;
}

describe.skipIf(!PreviousPackage.isThere(RELEASE_BEFORE))(
  'An archive of today, read by the package before it named its publisher,',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'older-package-'));
    let older: OlderPackage;
    let registry: HonestRegistry;
    let key: string;
    let body: string;

    beforeAll(async () => {
      const previous = new PreviousPackage(RELEASE_BEFORE);
      const bundled = previous.bundle(SOURCES.map((source) => `export * from './${source}';`).join('\n'));
      previous.remove();
      writeFileSync(join(folder, 'older.cjs'), bundled);
      older = createRequire(__filename)(join(folder, 'older.cjs'));
      registry = new HonestRegistry(() => 0.5);
      await registry.deploy({ stack: 'Prompts', text: 'Explain it well', targets: { PROD: '1' }, token: 'exec-1' });
      [key = '', body = ''] = [...registry.bucket.objects].find(([, object]) => 'variant' in JSON.parse(object)) ?? [];
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('names the publisher', () => {
      expect(JSON.parse(body)).toMatchObject({
        operation: 'exec-1',
        stackId: expect.stringContaining('stack/Prompts'),
      });
    });

    it('is held, found and written again by its handlers', async () => {
      const archive = new older.VersionArchive(registry.bucket, PROMPT_ID);
      const { operation: _, stackId: __, ...version } = JSON.parse(body);
      expect(await archive.holds(1, version.digest)).toBe(true);
      expect(await archive.versionsWith(version.digest)).toEqual([1]);
      await archive.add(version);
      expect(registry.bucket.objects.get(key)).toBe(body);
    });

    it('is restored by its command', async () => {
      const served = await serve(() => [s3(new S3State())]);
      const client = new S3Client({ ...served.administrator, forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: 'ledger' }));
      await client.send(new PutObjectCommand({ Bucket: 'ledger', Key: key, Body: body }));
      const reader = new older.RegistryReader({ s3: client }, { ledgerBucket: 'ledger' });
      const { variant } = await reader.archivedContent({ key, time: undefined });
      await served.stop();
      expect(older.promptFileSource({ name: 'x', variant, label: ':1' })).toContain('Explain it well');
    });

    it('is found clean by its audit', () => {
      expect(older.verifyEvidence(registry.evidence()).findings).toEqual([]);
    });
  },
);
