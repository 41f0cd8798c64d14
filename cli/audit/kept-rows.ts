import { type Dirent, existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { RowsEvidence } from '../../core/audit/evidence';
import { keptRun } from '../../core/evaluation/kept-run';
import { RegistryError } from '../../core/registry-error';
import { usageError } from '../cli-error';
import { FewAtOnce } from '../few-at-once';

/** Runs read at once: one of 10,000 cases has some tens of megabytes. */
const AT_ONCE = 4;

/** Where runs of suites are kept: a folder, one file of it, or a bucket with a prefix. */
export type RowsPlace = { readonly path: string } | { readonly bucket: string; readonly prefix: string };

/**
 * A folder where there is one, else a bucket: `NAME` or `s3://NAME/PREFIX`.
 *
 * @throws CliError
 */
export function rowsPlace(option: string): RowsPlace {
  if (existsSync(option)) return { path: option };
  const [, scheme, bucket = '', prefix = ''] =
    /^(s3:\/\/)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(option) ?? [];
  if (bucket === '' || (scheme === undefined && option.includes('/')))
    throw usageError(
      `${JSON.stringify(option)} is no folder and no bucket`,
      'write --rows DIR, NAME or s3://NAME/PREFIX',
    );
  return { bucket, prefix };
}

export interface KeptRowsFound {
  readonly rows: readonly RowsEvidence[];
  /** Files that are no run, such as the cases of a suite. */
  readonly others: readonly string[];
}

/** All runs in the place: files whose names end with `.jsonl`, in folders as well. */
export async function keptRows(s3: S3Client, place: RowsPlace, say: (doing: string) => void): Promise<KeptRowsFound> {
  const files = 'path' in place ? await filesIn(place.path) : await objectsIn(s3, place);
  const few = new FewAtOnce(AT_ONCE);
  const others: string[] = [];
  let done = 0;
  const read = files.map((file) =>
    few.run(async (): Promise<RowsEvidence[]> => {
      const source = await file.read();
      done += 1;
      say(`reading rows: ${done} of ${files.length} files`);
      try {
        return [{ place: file.place, run: keptRun(source, file.place) }];
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        others.push(file.place);
        return [];
      }
    }),
  );
  return { rows: (await Promise.all(read)).flat(), others: others.sort() };
}

interface RowsFile {
  readonly place: string;
  readonly read: () => Promise<string>;
}

async function filesIn(path: string): Promise<RowsFile[]> {
  const entries: Dirent[] | undefined = statSync(path).isDirectory()
    ? await readdir(path, { recursive: true, withFileTypes: true })
    : undefined;
  const paths = entries
    ? entries.filter((one) => one.isFile() && isRows(one.name)).map((one) => join(one.parentPath, one.name))
    : [path];
  return paths.sort().map((place) => ({ place, read: () => readFile(place, 'utf8') }));
}

async function objectsIn(s3: S3Client, { bucket, prefix }: { bucket: string; prefix: string }): Promise<RowsFile[]> {
  const files: RowsFile[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key = '' } of Contents.filter(({ Key: key = '' }) => isRows(key))) {
      const read = async () => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        return (await Body?.transformToString()) ?? '';
      };
      files.push({ place: `s3://${bucket}/${Key}`, read });
    }
  }
  return files;
}

function isRows(name: string): boolean {
  return name.endsWith('.jsonl');
}
