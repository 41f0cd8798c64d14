import { describe, expect, it } from 'vitest';
import { readoutPage } from '../../studio/readout-page/readout-page';
import { sampleReadout } from './readout-sample';

describe('The page of a readout', () => {
  const sample = sampleReadout();

  it('says what the terminal says: split, arms, difference and verdict', () => {
    const page = readoutPage(sample);
    expect(page).toContain('letters PROD: version 4 against 3');
    expect(page).toMatch(/first uses got the candidate, as planned \(50\.0 %\)/);
    expect(page).toMatch(/<div class="keep">slow<\/div>[\s\S]*?-10\.\d points, from -1\d\.\d to -\d\.\d[\s\S]*?better/);
    expect(page).toMatch(/errors<\/div>[\s\S]*?not told apart/);
    expect(page).toMatch(/polite<\/div>[\s\S]*?of the candidate only/);
    expect(page).toContain('0.0020');
  });

  it('shows no difference where it is void, and says why', () => {
    const page = readoutPage(sampleReadout('letters', 9, 1));
    expect(page).toContain('<strong>Void.</strong>');
    expect(page).toContain('--repeats');
    expect(page).not.toMatch(/points|not told apart/);
  });

  it('says what is not there yet', () => {
    const { measured, ...report } = sample;
    const next = '2026-11-16T18:02:00.000Z';
    const nothing = { ...report, metrics: [], split: undefined, uses: null };
    const early = readoutPage({ ...nothing, measured: { ...measured, until: null, next } as typeof measured });
    expect(early).toContain('There is nothing to read yet before <time');
    expect(readoutPage({ ...nothing, measured: null })).toContain('There is nothing to read yet.');
  });

  it('escapes names, and has no script and no address to load from', () => {
    const prompt = '<img src=x onerror=alert(1)>';
    const metrics = sample.metrics.map((metric) => ({ ...metric, name: '"><script>alert(2)</script>' }));
    const page = readoutPage({ ...sample, prompt, metrics });
    expect(page).not.toMatch(/<img|<script|https?:/);
    expect(page).toContain('&#60;img src=x');
  });
});
