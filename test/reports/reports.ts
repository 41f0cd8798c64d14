import { apiReport } from './api-report';
import { errorsPage } from './errors-page';

/** The generated documents, by path. */
export const REPORTS: Readonly<Record<string, () => string>> = {
  'docs/errors.md': errorsPage,
  'docs/api/constructs.md': () => apiReport('.'),
  'docs/api/client.md': () => apiReport('./client'),
};
