import { canonicalJson } from '../content/canonical-json';
import { RegistryError } from '../registry-error';
import { type AnswerStore, verdictKey } from './answer-store';
import { type Complaint, excerpt } from './check-kind';
import type { JudgeControl } from './checks/judge';
import type { Check } from './evaluation-suite';
import { type Judged, judgeRequest, judgeVerdict } from './judge-request';
import type { ModelAnswer } from './model-answer';
import { CannotRun, type PatientModel } from './patient-model';
import { wantedBy } from './wanted-by';

/** A judge that gives no verdict gets as many tries. */
const TRIES = 2;

/** An answer came, and nobody knows whether it passes. */
export class NotJudged extends Error {}

/** A model that says yes or no, believed only as long as it is right about what is known. */
export class JudgeModel {
  constructor(
    private readonly model: PatientModel,
    private readonly answers: AnswerStore,
    private readonly route: string,
    /** Judges whose controls hold: a command that runs the same suite again and again asks them once. */
    private readonly held = new Set<string>(),
  ) {}

  /**
   * Asks about the known answers, in every run anew.
   *
   * @throws RegistryError `JudgeUnreliable` with each control that came out wrong
   */
  async checkControls(metric: string, check: Check): Promise<void> {
    const known = canonicalJson(check);
    if (this.held.has(known)) return;
    const controls = check.controls as readonly JudgeControl[];
    const wrong = await Promise.all(
      controls.map(async ({ answer, pass, variables = {}, expected }) => {
        const wanted = wantedBy(check, { variables, expected });
        const verdict = await this.ask(check, { answer: { text: answer, toolCalls: [] }, variables, wanted });
        if (verdict?.pass === pass) return [];
        const said = verdict ? `said ${verdict.pass ? 'yes' : 'no'}: ${excerpt(verdict.reason)}` : 'gave no verdict';
        return [`expected ${pass ? 'yes' : 'no'} for ${excerpt(answer)}, ${check.model} ${said}`];
      }),
    );
    const problems = wrong.flat();
    if (problems.length === 0) {
      this.held.add(known);
      return;
    }
    throw new RegistryError(
      'JudgeUnreliable',
      `the judge of ${metric} is wrong about ${problems.length} of ${controls.length} controls, so the run counts for nothing:\n${problems.join('\n')}`,
    );
  }

  /**
   * Why an answer does not pass; undefined where it does.
   *
   * @throws NotJudged where nobody can tell
   */
  async complaint(check: Check, judged: Judged): Promise<Complaint> {
    const { text, toolCalls } = judged.answer;
    if (text.trim() === '' && toolCalls.length === 0) return 'is empty';
    const key = verdictKey(judgeRequest(check, judged), this.route);
    const known = await this.answers.get(key);
    const verdict = known ? judgeVerdict(known) : await this.asked(check, judged, key);
    if (!verdict) throw new NotJudged('the judge gave no verdict');
    return verdict.pass ? undefined : verdict.reason || 'the judge says no';
  }

  private async asked(check: Check, judged: Judged, key: string) {
    try {
      return await this.ask(check, judged, (answer) => this.answers.put(key, answer));
    } catch (error) {
      if (error instanceof CannotRun) throw error;
      throw new NotJudged(`the judge did not answer: ${(error as Error).message}`, { cause: error });
    }
  }

  private async ask(check: Check, judged: Judged, keep?: (answer: ModelAnswer) => Promise<void>) {
    const request = judgeRequest(check, judged);
    for (let tries = 1; tries <= TRIES; tries++) {
      const answer = await this.model.ask(request);
      const verdict = judgeVerdict(answer);
      if (!verdict) continue;
      await keep?.(answer);
      return verdict;
    }
    return undefined;
  }
}
