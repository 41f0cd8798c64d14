import { type Mutant, mutant } from '../mutants';

const DECIDE = 'core/rollout/decide.ts';
const DECIDE_TEST = 'test/core/rollout/decide.test.ts';
const LIFE = 'core/rollout/life.ts';
const SHARE = 'core/rollout/share.ts';
const SHARE_TEST = 'test/core/rollout/share.test.ts';
const PLAN = 'core/release/release-plan.ts';
const STATE = 'core/release/rollout-state.ts';
const STANDING = 'core/release/standing.ts';
const PLAN_HANDLER = 'lambda/prompt-release-plan/handler.ts';
const RECORD_HANDLER = 'lambda/prompt-alias/handler.ts';
const OF_RELEASE = 'lambda/prompt-alias/release-rollout.ts';
const HANDLERS_TEST = 'test/lambda/rollouts.test.ts';
const CONTROLLER_TEST = 'test/lambda/prompt-rollout.test.ts';
const CONSTRUCTS_TEST = 'test/lib/rollout.test.ts';
const CONTROLLER_CONSTRUCT_TEST = 'test/lib/rollout-controller.test.ts';

/** One that the matrix itself comes to. */
const lived = (name: string, file: string, text: string, replacement: string): Mutant => ({
  name,
  changes: [{ file, text, replacement }],
});

/** Rollouts with one of their safeguards taken out. */
export const ROLLOUT_MUTANTS: readonly Mutant[] = [
  lived(
    'the candidate is not callable',
    PLAN,
    'callableVersions({ target: version, candidate, history: planned.history, size, withdrawn })',
    'callableVersions({ target: version, history: planned.history, size, withdrawn })',
  ),
  lived(
    'a halt is recorded before it is served',
    DECIDE,
    "if (own?.state === 'halt') {",
    "if (own?.state === 'halt' || request || verdict?.halt !== undefined) {",
  ),
  lived(
    'a step is served before it is recorded',
    DECIDE,
    'return append(situation, rollout, { ...next, step: newest.step + 1 }, evidence);',
    "return put({ v: 1, plan: rollout.plan, n: newest.n + 1, step: newest.step + 1, state: 'step', at: next.at, until: own.until });",
  ),
  lived(
    'what ends a rollout does not say so',
    OF_RELEASE,
    'if (!ended || ended.plan === after?.plan) return null;',
    'if (ended?.plan !== -1) return null;',
  ),
  lived(
    'a release that fails ends the rollout',
    STATE,
    'return rolling < 0 || isEnded ? null : (begun?.rollout ?? null);',
    'return begun?.sequence === -1 ? begun.rollout : null;',
  ),
  lived('a withdrawal ends no rollout', PLAN, 'candidate: isOut ? null : wanted', 'candidate: wanted'),
  lived('a step is served for days without a controller', LIFE, '30 * 60_000', '3000 * 60_000'),
  mutant(
    'the controller takes the progress of another plan for its own',
    CONTROLLER_TEST,
    DECIDE,
    'const own = progress?.plan === rollout.plan ? progress : null;',
    'const own = progress;',
  ),
  mutant('readers take any progress', SHARE_TEST, SHARE, 'progress?.plan !== rollout.plan', '!progress'),
  mutant('readers know no end', SHARE_TEST, SHARE, 'now >= Date.parse(progress.until)', 'now < 0'),
  mutant('readers serve a step before its time', SHARE_TEST, SHARE, 'progress.step - Number(isAhead)', 'progress.step'),
  mutant('readers serve a halt', SHARE_TEST, SHARE, "|| progress.state !== 'step'", ''),
  mutant('a step holds at once', DECIDE_TEST, DECIDE, 'const NOTICE = 75_000;', 'const NOTICE = 0;'),
  mutant('a step follows before its bake', DECIDE_TEST, DECIDE, 'if (!isBaked || isLast', 'if (isLast'),
  mutant('a step follows one that nobody got', DECIDE_TEST, DECIDE, '|| !isServed ||', '||'),
  mutant('a plan goes on after its halt', DECIDE_TEST, DECIDE, '(halt ? undefined : goOn(', '(goOn('),
  mutant(
    'a halt in the parameter is taken back',
    DECIDE_TEST,
    DECIDE,
    "if (own?.state === 'halt') {",
    "if (own?.state === 'halt' && request) {",
  ),
  mutant('a step without a record stays', DECIDE_TEST, DECIDE, '    agree(newest, own, situation) ??\n', ''),
  mutant('what is over is still said', DECIDE_TEST, DECIDE, "{ do: 'put', progress: null };", 'NOTHING;'),
  mutant(
    'a rollout begins in ALARM',
    DECIDE_TEST,
    DECIDE,
    'return halt === undefined ? append(',
    'return append ? append(',
  ),
  mutant(
    'a candidate that was served is not callable afterwards',
    HANDLERS_TEST,
    STANDING,
    'yield* candidates.splice(0);',
    'candidates.splice(0);',
  ),
  mutant(
    'a rollout takes the settings of the newest deployment',
    HANDLERS_TEST,
    RECORD_HANDLER,
    'const rollout = runningRollout(before, release) ?? newRollout(release);',
    'const rollout = newRollout(release);',
  ),
  mutant(
    'what was withdrawn begins again by itself',
    HANDLERS_TEST,
    PLAN,
    'if (!isNewTarget) return { version, candidate: null };',
    '',
  ),
  mutant(
    'a rollout moves the alias',
    HANDLERS_TEST,
    PLAN,
    'if (version === null || version !== current) throw',
    'if (version === null) throw',
  ),
  mutant('a rollout goes back', HANDLERS_TEST, PLAN, 'if (begun <= version) throw', 'if (begun < 0) throw'),
  mutant(
    'a rollout runs over a withdrawn version',
    HANDLERS_TEST,
    PLAN,
    'if (withdrawn.includes(version)) throw',
    'if (withdrawn.includes(-1)) throw',
  ),
  mutant(
    'an alarm that rings stops no start',
    HANDLERS_TEST,
    PLAN_HANDLER,
    'if (wrong.length === 0) return;',
    'if (wrong.length >= 0) return;',
  ),
  mutant(
    'an alarm is asked on every way',
    HANDLERS_TEST,
    PLAN_HANDLER,
    'if (candidate?.version !== asked) return;',
    '',
  ),
  mutant(
    'settling changes the policy',
    HANDLERS_TEST,
    PLAN_HANDLER,
    'settings === undefined ? callable : callable.toSorted(newestFirst)',
    'callable',
  ),
  mutant(
    'nobody waits for IAM at the start',
    HANDLERS_TEST,
    RECORD_HANDLER,
    "kind === 'rollout' ? rollout !== null :",
    "kind === 'rollout' ? false :",
  ),
  mutant(
    'steps that cannot be read hold up a way back',
    HANDLERS_TEST,
    OF_RELEASE,
    '  } catch (error) {',
    '  } catch (error) {\n    if (error) throw error;',
  ),
  mutant(
    'a halt does not end the consent',
    HANDLERS_TEST,
    'core/release/carried-consent.ts',
    '(await haltedAt(plan)) === undefined ? plan : undefined',
    'plan',
  ),
  mutant(
    'whether it was halted is not known, so it was not',
    HANDLERS_TEST,
    'lambda/halt-reader.ts',
    '  } catch (cause) {',
    '  } catch (cause) {\n    if (cause) return undefined;',
  ),
  mutant(
    'the controller follows the pointer to another prompt',
    CONTROLLER_TEST,
    'lambda/prompt-rollout/roll.ts',
    'if (head?.prompt !== alias.prompt || head.alias !== alias.alias) throw',
    'if (head === undefined) throw',
  ),
  mutant(
    'one alias stops all others',
    CONTROLLER_TEST,
    'lambda/prompt-rollout/handler.ts',
    'failed.set(',
    'if (error) throw error;\n        failed.set(',
  ),
  mutant(
    'the same rollouts are left out each minute',
    CONTROLLER_TEST,
    'lambda/prompt-rollout/handler.ts',
    'Math.floor(turn * aliases.length)',
    '0',
  ),
  mutant(
    'two controllers at once',
    CONTROLLER_CONSTRUCT_TEST,
    'lib/private/rollout-controller.ts',
    '      reservedConcurrentExecutions: 1,\n',
    '',
  ),
  mutant(
    'everybody writes steps',
    CONTROLLER_CONSTRUCT_TEST,
    'lib/private/rollout-controller.ts',
    "    ledger.reserve('rollouts', role);\n",
    '',
  ),
  mutant(
    'a rollout ends before the pointer moves',
    CONSTRUCTS_TEST,
    'lib/private/rollout-parameters.ts',
    '    plan.addDependency(pointer);\n',
    '',
  ),
  mutant(
    'two versions are enough',
    CONSTRUCTS_TEST,
    'lib/private/alias-rollout.ts',
    'const FEWEST_CALLABLE = 3;',
    'const FEWEST_CALLABLE = 2;',
  ),
];
