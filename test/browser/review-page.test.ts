import { describe, expect, it } from 'vitest';
import { reviewPage } from '../../studio/review-page/review-page';
import { sampleDiff } from '../studio/diff-sample';
import { APPEARANCES, axeViolations } from './axe-violations';
import { pageOpener } from './page-opener';

const DIGEST = `pd1:${'c2'.repeat(32)}`;
const ATTACK = '"><img src=x onerror=window.hit=1><script>window.hit=1</script>';

const sample = (comment: string) =>
  reviewPage({
    promptName: 'financial-analysis',
    aliasName: 'PROD',
    from: 1,
    to: 2,
    digest: DIGEST,
    diff: sampleDiff.diff,
    facts: [
      ['Model', 'amazon.nova-pro-v1:0'],
      ['Asked', `alice as authors, 2026-12-02 09:00 UTC: ${comment}`],
    ],
    missing: ['expected 1 approval by risk, other than alice (who asked), not older than 7 days, found none'],
    thread: [{ person: 'alice', group: 'authors', what: 'request', time: '2026-12-02T09:00:00.000Z', comment }],
    time: new Date('2026-12-02T10:00:00Z'),
  });

describe('The review page', () => {
  const open = pageOpener();

  it.each([1280, 375, 320])(
    'shows words, digest, who asked and what is missing, without a network: %i pixels',
    async (width) => {
      const { opened, troubles, close } = await open(sample('CHG-1042'), { viewport: { width, height: 900 } });
      const text = String(await opened.evaluate('document.body.innerText'));
      for (const part of [DIGEST, 'alice as authors', 'found none', 'CHG-1042', 'What was said'])
        expect(text).toContain(part);
      expect(await opened.locator('ins').count()).toBeGreaterThan(0);
      expect(await opened.locator('button, form, input').count()).toBe(0);
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it.each(APPEARANCES)('passes axe, contrast included: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const { opened, close } = await open(sample('CHG-1042'), {
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    expect(await axeViolations(opened)).toEqual([]);
    await close();
  });

  it('is printed on A4 with all that it says', async () => {
    const { opened, close } = await open(sample('CHG-1042'));
    const pdf = await opened.pdf({ preferCSSPageSize: true });
    const [, width, height] = /\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString('latin1')) ?? [];
    expect([Number(width), Number(height)].map(Math.round)).toEqual([595, 842]);
    await opened.emulateMedia({ media: 'print' });
    expect(await opened.locator('.said').isVisible()).toBe(true);
    const folded = await opened.evaluate(
      "[...document.querySelectorAll('details .row, details .whole')].map((one) => one.checkVisibility({ contentVisibilityAuto: true }) && one.getBoundingClientRect().height > 0)",
    );
    expect(folded).not.toEqual([]);
    expect(folded).not.toContain(false);
    await close();
  });

  // Without its policy: what escapes the text must hold alone.
  it('takes what people say for text', async () => {
    const { opened, troubles, close } = await open(sample(ATTACK), { bypassCSP: true });
    expect(await opened.evaluate('window.hit')).toBeUndefined();
    expect(await opened.locator('img, script').count()).toBe(0);
    expect(troubles).toEqual([]);
    await close();
  });
});
