import { describe, expect, it } from 'vitest';
import { readoutPage } from '../../studio/readout-page/readout-page';
import { sampleReadout } from '../studio/readout-sample';
import { APPEARANCES, axeViolations } from './axe-violations';
import { pageOpener } from './page-opener';

describe('The page of a readout', () => {
  const open = pageOpener();
  const fair = readoutPage(sampleReadout());
  const faulty = readoutPage(sampleReadout('letters', 9));

  it.each([1280, 375, 320])(
    'draws both arms and their difference, and nothing else is loaded: %i pixels',
    async (width) => {
      const { opened, troubles, close } = await open(fair, {
        viewport: { width, height: 900 },
      });
      const drawn = await opened.evaluate(
        "[...document.querySelectorAll('.plot polyline')].map((line) => line.getTotalLength() > 100 && line.getBoundingClientRect().width > 100)",
      );
      // Three metrics with answers of both arms: two lines of shares and three of the difference each.
      expect(drawn).toEqual(Array.from({ length: 15 }, () => true));
      expect(await opened.locator('button, form, input, script').count()).toBe(0);
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it('says first that it is void, where it is, and draws no difference', async () => {
    const { opened, close } = await open(faulty);
    expect(await opened.locator('main > *').first().textContent()).toMatch(/^Void\./);
    expect(await opened.locator('.plot').count()).toBe(0);
    await close();
  });

  it.each(APPEARANCES)('passes axe, contrast included: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const viewport = { width, height: 900 };
    for (const page of [fair, faulty]) {
      const { opened, close } = await open(page, { colorScheme, viewport, bypassCSP: true });
      expect(await axeViolations(opened)).toEqual([]);
      await close();
    }
  });
});
