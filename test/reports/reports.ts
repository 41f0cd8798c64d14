import { apiReport } from './api-report';
import { auditRulesPage } from './audit-rules-page';
import { errorsPage } from './errors-page';

/** The generated documents, by path. */
export const REPORTS: Readonly<Record<string, () => string>> = {
  'docs/errors.md': errorsPage,
  'docs/audit-rules.md': auditRulesPage,
  'docs/api/constructs.md': () => apiReport('.'),
  'docs/api/client.md': () => apiReport('./client'),
};
