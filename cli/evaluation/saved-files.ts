import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Editors write a file in several steps. */
const SETTLED_MS = 40;

/** Tells when one of some files is saved. Folders are watched: editors that save by renaming leave a watched file behind. */
export class SavedFiles {
  private readonly watchers = new Map<string, FSWatcher>();
  private files = new Set<string>();
  private changed: string | undefined;
  private told: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Called when a file is saved; the last one that was given. */
  onSaved: () => void = () => {};

  /** Partials of a prompt file are prompt files next to it or above: all of a folder count. */
  watch(paths: readonly string[]): void {
    this.files = new Set(paths.map((path) => resolve(path)));
    for (const folder of new Set([...this.files].map((path) => dirname(path)))) {
      if (!this.watchers.has(folder))
        this.watchers.set(
          folder,
          watch(folder, (_, name) => this.notice(folder, name)),
        );
    }
  }

  /** Name of a file that was saved since this was asked last; waits until there is one. */
  async saved(): Promise<string> {
    if (this.changed === undefined) await new Promise<void>((wake) => (this.told = wake));
    const name = this.changed ?? '';
    this.changed = undefined;
    return name;
  }

  close(): void {
    clearTimeout(this.timer);
    for (const watcher of this.watchers.values()) watcher.close();
  }

  private notice(folder: string, name: string | null): void {
    if (name === null || !(name.endsWith('.prompt') || this.files.has(resolve(folder, name)))) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.changed = basename(name);
      this.onSaved();
      this.told?.();
    }, SETTLED_MS);
  }
}
