import type { AliasStanding } from '../../core/audit/alias-standing';
import type { LockedFacts } from '../../core/models/locked-facts';
import { modelLifeText } from '../../core/models/model-life-text';
import { type Html, html } from '../html';

/** ` It runs on …, which ends on 2027-03-01, in 91 days (lock file of 2026-11-30).`: a page is read for years. */
export function modelSentence({ model }: AliasStanding, models: readonly LockedFacts[]): Html | '' {
  if (!model) return '';
  const facts = models.find((one) => one.model === model);
  if (!facts || facts.status === null) return html` It runs on <code>${model}</code>; until when is not known.`;
  return html` It runs on <code>${model}</code>, ${modelLifeText(facts)} (lock file of ${facts.read ?? 'no day'}).`;
}
