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
    const under = readoutPage({ ...nothing, ends: null, measured: null });
    expect(under).toContain('There is nothing to read: the candidate is not served yet.');
  });

  it('waits for nothing that will not come', () => {
    const { measured, ...report } = sample;
    const nothing = { ...report, metrics: [], split: undefined, uses: null };
    const unread = (isCut: boolean) => ({ ...measured, until: null, next: null, isCut }) as typeof measured;
    const pages = [null, unread(false), unread(true)].map((found) => readoutPage({ ...nothing, measured: found }));
    expect(pages[0]).toContain('There is nothing to read: the candidate was never served.');
    expect(pages[1]).toContain('There is nothing to read: it ended before a span was over.');
    expect(pages[2]).toContain('There is nothing to read: CloudWatch keeps it no longer.');
    for (const page of pages) expect(page).not.toMatch(/ yet|what was before is left out/);
  });

  it('escapes names, and has no script and no address to load from', () => {
    const prompt = '<img src=x onerror=alert(1)>';
    const metrics = sample.metrics.map((metric) => ({ ...metric, name: '"><script>alert(2)</script>' }));
    const page = readoutPage({ ...sample, prompt, metrics });
    expect(page).not.toMatch(/<img|<script|https?:/);
    expect(page).toContain('&#60;img src=x');
  });
});
