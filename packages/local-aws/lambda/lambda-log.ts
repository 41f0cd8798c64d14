import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** As much as `LogType: Tail` shows: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const TAIL_BYTES = 4096;

/** What a function writes: into a file if there is a directory for it; the end is kept in any case. */
export class LambdaLog {
  private kept = Buffer.alloc(0);
  private readonly file: string | undefined;

  /** @param logged gets each whole line, as CloudWatch Logs would */
  constructor(
    directory: string | undefined,
    functionName: string,
    private readonly logged: (line: string) => void = () => {},
  ) {
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

  /** One stream of a process: what it writes comes in pieces that end anywhere. */
  stream(): (chunk: Buffer) => void {
    let begun = '';
    const decoder = new StringDecoder();
    return (chunk) => {
      this.write(chunk);
      const lines = `${begun}${decoder.write(chunk)}`.split('\n');
      begun = lines.pop() ?? '';
      for (const line of lines) {
        this.logged(line);
      }
    };
  }

  tail(): Buffer {
    return this.kept;
  }
}
