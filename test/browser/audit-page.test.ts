import { existsSync } from 'node:fs';
import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { auditPage } from '../../studio/audit-page/audit-page';
import { sampleLog } from '../studio/audit-sample';
import { ATTACKS, hostile } from '../studio/hostile-audit-log';
import { APPEARANCES, axeViolations } from './axe-violations';
import { pageOpener } from './page-opener';

const PICTURE = 'docs/images/audit-page.png';

describe('The audit page', () => {
  const openPage = pageOpener();
  const open = (log: AuditLog, options?: BrowserContextOptions) => openPage(auditPage(log), options);

  it.each([1280, 375, 320])(
    'needs no network and no script, and does not scroll sideways: %i pixels',
    async (width) => {
      const { opened, troubles, close } = await open(sampleLog, { viewport: { width, height: 900 } });
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (width === 1280 && process.env.UPDATE_PICTURES) await opened.screenshot({ path: PICTURE, fullPage: true });
      expect(existsSync(PICTURE)).toBe(true);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it('can be read where scripts are off', async () => {
    const { opened, close } = await open(sampleLog, { javaScriptEnabled: false });
    expect(await opened.locator('tbody tr').count()).toBe(2 * sampleLog.rows.length + sampleLog.heads.length);
    await close();
  });

  it.each(APPEARANCES)('passes axe, contrast included: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const { opened, close } = await open(sampleLog, {
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    expect(await axeViolations(opened)).toEqual([]);
    await close();
  });

  it('gives each cell the width of the page on a phone, with the name of its column, and leaves out empty ones', async () => {
    const { opened, close } = await open(sampleLog, { viewport: { width: 375, height: 900 } });
    const cells = (await opened.evaluate(`[...document.querySelectorAll('td')].map((cell) => {
      const content = cell.firstElementChild?.getBoundingClientRect().width ?? 0;
      return { height: cell.getBoundingClientRect().height, content, label: getComputedStyle(cell, '::before').content };
    })`)) as { height: number; content: number; label: string }[];
    for (const { height, content, label } of cells) {
      expect(content === 0 ? height === 0 : content > 200 && /^"\w/.test(label)).toBe(true);
    }
    expect(cells.some(({ content }) => content === 0)).toBe(true);
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
        "[...document.querySelectorAll('table')].every((part) => part.getBoundingClientRect().right <= innerWidth)",
      ),
    ).toBe(true);
    const size = async (selector: string) =>
      opened.evaluate(`Number.parseFloat(getComputedStyle(document.querySelector('${selector}')).fontSize)`);
    expect(await size('td code')).toBeLessThanOrEqual((await size('td')) as number);
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
