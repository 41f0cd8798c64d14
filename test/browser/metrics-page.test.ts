import { describe, expect, it } from 'vitest';
import { metricsPage } from '../../studio/metrics-page/metrics-page';
import { sampleMetrics } from '../studio/metrics-sample';
import { APPEARANCES, axeViolations } from './axe-violations';
import { pageOpener } from './page-opener';

describe('The page of metrics', () => {
  const open = pageOpener();

  it.each([1280, 375, 320])('draws a line for each version, and nothing else is loaded: %i pixels', async (width) => {
    const { opened, troubles, close } = await open(metricsPage(sampleMetrics()), { viewport: { width, height: 900 } });
    const drawn = await opened.evaluate(
      "[...document.querySelectorAll('.plot polyline')].map((line) => line.getTotalLength() > 100 && line.getBoundingClientRect().width > 100)",
    );
    expect(drawn).toEqual(Array.from({ length: 9 }, () => true));
    const scores = opened.getByRole('table', { name: 'What people said of the answers of each version' });
    expect(await scores.getByRole('row').last().innerText()).toMatch(/polite\s+PROD 4\s+1 of 200\s+0\.50 %/);
    expect(await opened.locator('button, form, input, script').count()).toBe(0);
    expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(troubles).toEqual([]);
    await close();
  });

  it.each(APPEARANCES)('passes axe, contrast included: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const viewport = { width, height: 900 };
    const { opened, close } = await open(metricsPage(sampleMetrics()), { colorScheme, viewport, bypassCSP: true });
    expect(await axeViolations(opened)).toEqual([]);
    await close();
  });
});
