import { errorsPage } from './errors-page';

/** The generated documents, by path. */
export const REPORTS: Readonly<Record<string, () => string>> = {
  'docs/errors.md': errorsPage,
};
