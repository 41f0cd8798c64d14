import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnswerStore } from '../../core/evaluation/answer-store';
import type { ModelAnswer } from '../../core/evaluation/model-answer';

/** Answers may hold what nobody wants in a repository. */
const FOLDER = '.prompt-registry';

/**
 * Answers in a file, one line each, put there as they come: what was paid for is kept, however the command ends. A line
 * that a crash cut off is no answer.
 */
export class AnswerFiles implements AnswerStore {
  private readonly path: string;
  private kept: Promise<Map<string, ModelAnswer>> | undefined;
  private writing: Promise<unknown> = Promise.resolve();
  /** Answers that were put by this process. */
  count = 0;

  /** @param asksAnew takes none of those that are there: anybody at the desk may have chosen or written them */
  constructor(
    promptName: string,
    readonly asksAnew = false,
  ) {
    this.path = join(FOLDER, 'answers', `${promptName}.jsonl`);
  }

  async get(key: string): Promise<ModelAnswer | undefined> {
    this.kept ??= this.read();
    return (await this.kept).get(key);
  }

  async put(key: string, answer: ModelAnswer): Promise<void> {
    this.kept ??= this.read();
    (await this.kept).set(key, answer);
    const line = `${JSON.stringify({ key, answer })}\n`;
    this.writing = this.writing.then(() => appendFile(this.path, line, { mode: 0o600 }));
    await this.writing;
    this.count += 1;
  }

  private async read(): Promise<Map<string, ModelAnswer>> {
    if (!existsSync(FOLDER)) {
      await mkdir(FOLDER);
      await writeFile(join(FOLDER, '.gitignore'), '*\n');
    }
    await mkdir(join(FOLDER, 'answers'), { recursive: true });
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // So that what comes next does not become part of a line that was cut off.
    if (text !== '' && !text.endsWith('\n')) await appendFile(this.path, '\n');
    return new Map(this.asksAnew ? [] : text.split('\n').flatMap(entry));
  }
}

function entry(line: string): [string, ModelAnswer][] {
  try {
    const { key, answer } = JSON.parse(line);
    return typeof key === 'string' && typeof answer?.text === 'string' ? [[key, answer]] : [];
  } catch {
    return [];
  }
}
