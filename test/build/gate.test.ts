import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'gate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The gate, where `npm` does what `says` says by its arguments, and everything else is there already. */
function gate(says: string) {
  mkdirSync(join(folder, '.ci'), { recursive: true });
  copyFileSync('.ci/run', join(folder, '.ci/run'));
  const program = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('npm', `case "$*" in ${says} esac`);
  for (const name of ['aws', 'python3', 'apt-get']) program(name, 'exit 0');
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, CHROMIUM_PATH: '/bin/true' };
  const { status, stdout } = spawnSync('bash', ['.ci/run'], { cwd: folder, env, encoding: 'utf8' });
  return { status, stdout, end: stdout.slice(stdout.indexOf('== seconds')) };
}

describe('The gate', () => {
  it('names at its end, once a step, what tests left out and why', () => {
    const lacks = 'SKIPPED: this checkout lacks commit 1ea6ce9';
    const { status, end } = gate(
      `test) printf 'a\\n\\033[22m\\033[39m${lacks}\\n${lacks}\\n';; 'run test:e2e') echo '${lacks}' >&2;;`,
    );
    expect(status).toBe(0);
    expect(end.match(/^SKIPPED: .*/gm)).toEqual([`${lacks} (npm test)`, `${lacks} (npm run test:e2e)`]);
  });

  it('ends with the step that failed, and with what was left out until then', () => {
    const { status, end } = gate(`test) echo 'SKIPPED: x';; 'run test:browser') exit 3;;`);
    expect(status).toBe(3);
    expect(end).toMatch(/npm run test:browser {2}FAILED\n.*\n\nSKIPPED: x \(npm test\)\n$/);
  });

  it('goes through all steps that run two at a time, prints each in one piece, and names those that failed', () => {
    const { status, stdout, end } = gate(
      `'run check:package') echo begins; sleep 0.2; echo ends; exit 3;; 'start -- langfuse') echo 'SKIPPED: y'; exit 4;;
      'run prove -- ab --sample') echo tried;;`,
    );
    expect(status).toBeGreaterThan(0);
    expect(stdout).toContain('\n== npm run check:package\nbegins\nends\n');
    expect(stdout).toContain('\n== npm run prove -- ab --sample\ntried\n');
    expect(end.match(/npm .* {2}FAILED$/gm)?.sort()).toEqual([
      'npm run check:package  FAILED',
      'npm start -- langfuse  FAILED',
    ]);
    expect(end).toMatch(/\d s {2}npm run prove -- ab --sample\n/);
    expect(end).toMatch(/\nSKIPPED: y \(npm start -- langfuse\)\n$/);
  });

  it('says nothing of what was left out where nothing was', () => {
    const { status, end } = gate('');
    expect([status, end]).toEqual([0, expect.not.stringContaining('SKIPPED')]);
  });
});
