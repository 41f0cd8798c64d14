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

  it('says so where nothing was measured, and draws nothing', () => {
    const empty = metricsPage({ ...sampleMetrics(), versions: [] });
    expect(empty).toContain('No use was measured');
    expect(empty).not.toContain('<svg');
  });

  it('takes no markup from names', () => {
    const attack = '"><script>window.hit=1</script>';
    const { versions, ...rest } = sampleMetrics(attack);
    expect(metricsPage({ ...rest, versions: versions.map((one) => ({ ...one, alias: attack })) })).not.toContain(
      '<script',
    );
  });
});
