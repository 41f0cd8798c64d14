import { expect, it } from 'vitest';
import { byController } from '../../../core/audit/controller-role';

it('knows the writes of a controller of years, more than a function takes arguments', () => {
  const writes = Array.from({ length: 200_000 }, (_, minute) => ({
    role: 'Prompts-Controller-Now',
    time: new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString(),
  }));
  const isOwn = byController({ functionName: 'f', roleName: 'Prompts-Controller-Now' } as never, writes);
  const former = (time: string) => isOwn({ role: 'Prompts-Controller-Before', time });
  expect([former('2025-12-31T23:59:00.000Z'), former('2026-01-01T00:01:00.000Z')]).toEqual([true, false]);
});
