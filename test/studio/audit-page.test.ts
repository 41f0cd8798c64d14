import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditPage } from '../../studio/audit-page/audit-page';
import { sampleLog } from './audit-sample';
import { ATTACKS, hostile } from './hostile-audit-log';

describe('The audit page as text', () => {
  const page = auditPage(sampleLog);

  it('is as its golden file has it', async () => {
    await expect(page).toMatchFileSnapshot(join(__dirname, 'golden', 'audit-page.html'));
  });

  it('says in its head which registry, which time, when it was made, how many entries, and the digests of the heads', () => {
    const head = page.slice(page.indexOf('<header>'), page.indexOf('</header>'));
    for (const text of [
      '/prompts/prod',
      'financial-analysis',
      '2026-10-23 12:00 UTC',
      '2026-11-22 12:00 UTC',
      '5 releases, 1 withdrawal, 1 publication',
      'holds',
      's3://prompts-prod-ledger',
    ]) {
      expect(head).toContain(text);
    }
    expect(page).toContain(sampleLog.heads[0]?.digest);
    expect(page).toMatch(/@page \{[^}]*size: A4/);
  });

  it('shows the whole chain of people, with the events that show it', () => {
    expect(page).toMatch(
      /user\/alice.*role\/Deployer as alice@example.com \(source identity alice\).*role\/cdk-hnb659fds-deploy-role/,
    );
    expect(page).toContain('463df9f5-cf24-426b-9033-b3328eae0003');
  });

  it.each(ATTACKS)('takes %j for text', (attack) => {
    const html = auditPage(hostile(attack));
    expect(html).not.toContain(attack);
    expect(html).not.toMatch(/<(script|img|svg|b)\b/i);
    // Whatever the text, the markup is that of a harmless one.
    const tags = (text: string) => text.match(/<[^>]*>/g);
    expect(tags(html)).toEqual(tags(auditPage(hostile('x'))));
  });
});
