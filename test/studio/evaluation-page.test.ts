import { expect, it } from 'vitest';
import { evaluationPage } from '../../studio/evaluation-page/evaluation-page';
import { sampleEvaluation } from './evaluation-sample';

it('a page holds every answer of a run, and few cases open', () => {
  const cases = Array.from({ length: 60 }, (_, index) => ({
    id: `c${index}`,
    live: `answer c${index}`,
    candidate: `reply ${index}`,
  }));
  const page = evaluationPage(sampleEvaluation(cases));
  expect(page.match(/<details class="case"/g)).toHaveLength(60);
  expect(page.match(/<details class="case" open>/g)).toBeNull();
  for (const { id } of cases) expect(page).toContain(`<strong>${id}</strong>`);
  expect(page).toContain('<del>');
});
