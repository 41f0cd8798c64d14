import { isAccessError } from '../../core/contract/access-error';
import { placeBack } from '../../core/release/ground';
import { reasonOf } from '../aws-failure';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import type { Registry } from '../registry';
import { type Consent, consentOf } from '../reviews/consent';
import { GatesUnknown } from '../reviews/gates-unknown';
import { judgement, wayTo } from '../reviews/judgement';
import { reviewedContent } from '../reviews/reviewed-content';
import type { ReleaseRequest } from './release-request';

/** What gates have to do with a release; nothing where there is none, or where only the stack knows. */
export interface PlannedPassage {
  /** Who asked, who agreed and what is missing; left out where no gate is asked. */
  readonly consent?: Consent;
  /** Number of the record whose place the alias goes back to, for which nobody is asked. */
  readonly back?: number;
  /** Number of the record that began the rollout which the release settles, and at which it was agreed to. */
  readonly carried?: number;
}

/**
 * Who asked for a release and who agreed, and what is missing. The registry's functions judge again: this is to say it before
 * there is a change set.
 */
export async function releaseConsent(
  { terminal, now }: CommandContext,
  registry: Registry,
  request: ReleaseRequest,
): Promise<PlannedPassage> {
  const { prompt, state } = request;
  // What users begin to get, or all of them get from then on.
  const to = request.candidate ?? request.to;
  try {
    const way = await wayTo(registry, state, to);
    if (way === 'back') {
      const place = await placeBack(to, state.history);
      return place ? { back: place.sequence } : {};
    }
    if (way !== 'forward') return {};
    return await terminal.progress('looking at its gates', async () => {
      const content = await reviewedContent(registry, prompt, `:${to}`);
      const judged = await judgement(registry, prompt, state, content, now());
      return judged.carried === undefined ? { consent: consentOf(judged) } : { carried: judged.carried };
    });
  } catch (error) {
    // Who may release need not be allowed to read what reviewers say.
    if (!isAccessError(error) && !(error instanceof GatesUnknown)) throw error;
    const why = error instanceof GatesUnknown ? reasonOf(error) : 'not all of it may be read with these credentials';
    terminal.notice(`its gates and what reviewers said are not looked at: ${why}; the stack judges it when it plans`);
    return {};
  }
}

export function notAgreed({ prompt, state, ...target }: ReleaseRequest, { asked, missing }: Consent): CliError {
  const to = target.candidate ?? target.to;
  const name = `${prompt.promptName} ${state.alias.aliasName}`;
  const next =
    missing[0]?.command ?? `prompt-registry ${asked.length === 0 ? 'request' : 'review'} ${name} --to :${to}`;
  return new CliError({
    what: `${state.alias.aliasName} of ${prompt.promptName} cannot move to ${to}: ${missing.map(({ code }) => code).join(', ')}`,
    why: missing.map(({ message }) => message).join('; '),
    fix: [`nothing was moved; ${next}`, 'going back asks nobody: prompt-registry rollback'],
  });
}
