import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { auditPage } from '../../studio/audit-page/audit-page';
import { sampleLog } from '../studio/audit-sample';
import { ATTACKS, hostile } from '../studio/hostile-audit-log';
import { launchChromium } from './launch-chromium';

const PICTURE = 'docs/images/audit-page.png';

describe('The audit page', () => {
  let browser: Browser;
  let folder = '';

  beforeAll(async () => {
    browser = await launchChromium();
    folder = mkdtempSync(join(tmpdir(), 'audit-page-'));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(log: AuditLog, options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    const opened = await context.newPage();
    const troubles: string[] = [];
    opened.on('pageerror', (error) => troubles.push(error.message));
    opened.on('console', (message) => troubles.push(message.text()));
    opened.on('request', (request) => {
      if (!request.isNavigationRequest()) troubles.push(request.url());
    });
    const file = join(folder, 'page.html');
    writeFileSync(file, auditPage(log));
    await opened.goto(pathToFileURL(file).href);
    return { opened, troubles, close: () => context.close() };
  }

  it.each([1280, 390])('needs no network and no script, and does not scroll sideways: %i pixels', async (width) => {
    const { opened, troubles, close } = await open(sampleLog, { viewport: { width, height: 900 } });
    expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    if (width === 1280 && process.env.UPDATE_PICTURES) await opened.screenshot({ path: PICTURE, fullPage: true });
    expect(existsSync(PICTURE)).toBe(true);
    expect(troubles).toEqual([]);
    await close();
  });

  it('can be read where scripts are off', async () => {
    const { opened, close } = await open(sampleLog, { javaScriptEnabled: false });
    expect(await opened.locator('tbody tr').count()).toBe(sampleLog.rows.length + sampleLog.heads.length);
    await close();
  });

  it.each(['light', 'dark'] as const)('passes axe, contrast included: %s', async (colorScheme) => {
    const { opened, close } = await open(sampleLog, { colorScheme, bypassCSP: true });
    await opened.addScriptTag({ content: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') });
    const { violations, passes } = (await opened.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string }[] }[];
      passes: { id: string }[];
    };
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
    await close();
  });

  it('prints on A4, the head of the table on each sheet, nothing cut off', async () => {
    const many = { ...sampleLog, rows: Array.from({ length: 80 }, () => sampleLog.rows).flat() };
    const { opened, close } = await open(many);
    await opened.emulateMedia({ media: 'print' });
    // The sheet's width without its margins, in CSS pixels.
    await opened.setViewportSize({ width: 1031, height: 680 });
    expect(
      await opened.evaluate(
        "[...document.querySelectorAll('.scroll')].every((part) => part.scrollWidth <= part.clientWidth + 1)",
      ),
    ).toBe(true);
    expect(await opened.evaluate("getComputedStyle(document.querySelector('thead')).display")).toBe(
      'table-header-group',
    );
    const pdf = await opened.pdf({ preferCSSPageSize: true });
    const [, width, height] = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString('latin1')) ?? [];
    expect([Math.round(Number(width)), Math.round(Number(height))]).toEqual([842, 595]);
    await close();
  });

  it.each(ATTACKS)('does not run %j', async (attack) => {
    const { opened, troubles, close } = await open(hostile(attack), { bypassCSP: true });
    expect(troubles).toEqual([]);
    expect(await opened.evaluate('window.hit')).toBeUndefined();
    await close();
  });
});
