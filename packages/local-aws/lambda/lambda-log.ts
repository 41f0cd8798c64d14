import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** As much as `LogType: Tail` shows: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const TAIL_BYTES = 4096;

/** What a function writes: into a file if there is a directory for it; the end is kept in any case. */
export class LambdaLog {
  private kept = Buffer.alloc(0);
  private readonly file: string | undefined;

  constructor(directory: string | undefined, functionName: string) {
    if (directory !== undefined) {
      mkdirSync(directory, { recursive: true });
      this.file = join(directory, `${functionName}.log`);
    }
  }

  write(chunk: Buffer | string): void {
    const bytes = Buffer.from(chunk);
    this.kept = Buffer.concat([this.kept, bytes]).subarray(-TAIL_BYTES);
    if (this.file !== undefined) {
      appendFileSync(this.file, bytes);
    }
  }

  tail(): Buffer {
    return this.kept;
  }
}
