import { describe, expect, it } from 'vitest';
import { metricsPage } from '../../studio/metrics-page/metrics-page';
import { sampleMetrics } from './metrics-sample';

describe('The page of metrics', () => {
  const page = metricsPage(sampleMetrics());

  it('has each version in the table and in three plots', () => {
    for (const part of ['PROD 4', 'PROD 3 (live)', 'PROD fallback', '2.0 %', '0.67 %', '812 / 140', '$0.0021']) {
      expect(page).toContain(part);
    }
    expect(page.match(/<svg viewBox/g)).toHaveLength(3);
    expect(page.match(/<polyline/g)).toHaveLength(9);
    expect(page).toContain('aria-label="Uses each 1 h. version 4: 50 at the end');
  });

  it('has the scores of each version in a table of their own', () => {
    const [table = ''] = page.split('What people said of the answers of each version').slice(1);
    const [own = ''] = table.split('</table>');
    const cells = [...own.matchAll(/<div class="\w+">([^<]*)<\/div>/g)].map(([, text]) => text);
    expect(cells).toEqual([
      ...['helpful', 'PROD 4', '843 of 1,204', '70.0 %'],
      ...['helpful', 'PROD 3 (live)', '2,420 of 4,034', '60.0 %'],
      ...['polite', 'PROD 4', '1 of 200', '0.50 %'],
    ]);
    const { versions, ...rest } = sampleMetrics();
    const without = (scores: [] | null) =>
      metricsPage({ ...rest, versions: versions.map((one) => ({ ...one, scores })) });
    expect(without([])).not.toContain('What people said');
    expect(without(null)).toContain('scores are not shown');
  });

  it('says so where nothing was measured, and draws nothing', () => {
    const empty = metricsPage({ ...sampleMetrics(), versions: [] });
    expect(empty).toContain('No use was measured');
    expect(empty).not.toContain('<svg');
  });

  it('takes no markup from names', () => {
    const attack = '"><script>window.hit=1</script>';
    const { versions, ...rest } = sampleMetrics(attack);
    expect(
      metricsPage({
        ...rest,
        versions: versions.map((one) => ({ ...one, alias: attack, scores: [{ name: attack, yes: 1, answers: 1 }] })),
      }),
    ).not.toContain('<script');
  });
});
