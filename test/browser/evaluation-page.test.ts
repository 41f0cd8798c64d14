import { describe, expect, it } from 'vitest';
import { evaluationPage } from '../../studio/evaluation-page/evaluation-page';
import { sampleEvaluation } from '../studio/evaluation-sample';
import { APPEARANCES, axeViolations } from './axe-violations';
import { pageOpener } from './page-opener';

const ATTACK = '"><img src=x onerror=window.hit=1><script>window.hit=1</script>';
const LONG = `A sentence about cloud revenue.\n${'Another line of the answer, which goes on.\n'.repeat(30)}`;

const sample = (attack = '') =>
  evaluationPage(
    sampleEvaluation([
      {
        id: 'amzn-split',
        live: `${LONG}amzn-split was 20-for-1.`,
        candidate: `${LONG}Split it was.${attack}`,
        critical: true,
      },
      { id: 'msft', live: 'msft rose', candidate: 'msft fell' },
      { id: 'jpm', live: 'rates', candidate: 'jpm and rates' },
      { id: 'brk', live: 'nothing', candidate: null },
    ]),
  );

describe('The page of an evaluation', () => {
  const open = pageOpener();

  it.each([1280, 375, 320])(
    'shows what changed first, both answers, and the words that differ: %i pixels',
    async (width) => {
      const { opened, troubles, close } = await open(sample(), { viewport: { width, height: 900 } });
      const headings = await opened.locator('h2').allInnerTexts();
      expect(headings.map((heading) => heading.replace(/ \d+ cases?$/, ''))).toEqual([
        'Metrics',
        'Passed, and do not any more',
        'Do not pass',
        'Pass now',
        'Pass',
      ]);
      const text = String(await opened.evaluate('document.body.innerText'));
      for (const part of [
        'worse',
        'fail: amzn-split',
        '"amzn-split" is missing',
        'no answer: ModelErrorException',
        'unchanged lines',
      ])
        expect(text).toContain(part);
      expect(await opened.locator('details.case[open]').count()).toBe(3);
      expect(await opened.locator('.said del').count()).toBeGreaterThan(0);
      expect(await opened.locator('button, form, input, script').count()).toBe(0);
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it.each(APPEARANCES)('passes axe, contrast included: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const { opened, close } = await open(sample(), { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    expect(await axeViolations(opened)).toEqual([]);
    await close();
  });

  it('is printed with every answer, those that are folded away too', async () => {
    const { opened, close } = await open(sample());
    await opened.emulateMedia({ media: 'print' });
    // What is folded away is laid out with the next frames.
    const shown = () =>
      opened.evaluate<boolean[]>(
        "[...document.querySelectorAll('.said .row, .said .whole')].map((one) => one.checkVisibility({ contentVisibilityAuto: true }) && one.getBoundingClientRect().height > 0)",
      );
    expect(await shown()).not.toEqual([]);
    await expect.poll(shown).not.toContain(false);
    await close();
  });

  // Without its policy: what escapes the text must hold alone.
  it('takes what models say for text', async () => {
    const { opened, troubles, close } = await open(sample(ATTACK), { bypassCSP: true });
    expect(await opened.evaluate('window.hit')).toBeUndefined();
    expect(await opened.locator('img, script').count()).toBe(0);
    expect(troubles).toEqual([]);
    await close();
  });

  it('shows a run that compares nothing', async () => {
    const { opened, close } = await open(
      evaluationPage(sampleEvaluation([{ id: 'msft', live: null, candidate: 'msft' }], false)),
    );
    const text = String(await opened.evaluate('document.body.innerText'));
    expect(text).toContain('nothing to compare with');
    expect(text).not.toContain('LIVE');
    await close();
  });
});
