import { type Mutant, mutant } from './mutants';

const APPROVALS = 'core/release/gates/approval.ts';
const JUDGE_TEST = 'test/core/release/judge.test.ts';
const EVALUATION = 'core/release/gates/evaluation.ts';
const EVALUATION_TEST = 'test/core/release/evaluation-gate.test.ts';
const REVIEW = 'core/ledger/review.ts';
const REVIEW_TEST = 'test/core/ledger/review.test.ts';
const LEFT = 'core/release/last-left.ts';
const LEFT_TEST = 'test/core/release/last-left.test.ts';
const PASSAGE = 'lambda/passage.ts';
const MODEL = 'core/release/gates/model.ts';
const MODEL_TEST = 'test/lambda/model-gate.test.ts';
const HANDLERS_TEST = 'test/lambda/gates.test.ts';
const BUCKET = 'lib/private/ledger-bucket.ts';
const CONSTRUCTS_TEST = 'test/lib/gates.test.ts';

/** A gate with one of its safeguards taken out. */
export const GATE_MUTANTS: readonly Mutant[] = [
  mutant('who asks may approve', JUDGE_TEST, APPROVALS, '.filter((person) => !askers.has(person))', ''),
  mutant('approvals do not expire', JUDGE_TEST, APPROVALS, 'now - written <= gate.expires * 1000', 'true'),
  mutant(
    'an old approval counts after a return',
    JUDGE_TEST,
    APPROVALS,
    '(leftAt === undefined || written > leftAt)',
    'true',
  ),
  mutant(
    'rejections do not block',
    JUDGE_TEST,
    APPROVALS,
    'const [rejection] = rejections;',
    'const rejection = rejections[99];',
  ),
  mutant(
    ...(['rejections expire', JUDGE_TEST, APPROVALS] as const),
    "rejections: oldestFirst(said(gate.by, 'reject')),",
    "rejections: oldestFirst(said(gate.by, 'reject')).filter(counts),",
  ),
  mutant(
    ...(['consent stands under what cannot be read', JUDGE_TEST, APPROVALS] as const),
    "(isNewest || kind === 'reject')",
    '(isNewest || kind)',
  ),
  mutant(
    ...(['what cannot be read is no rejection', JUDGE_TEST, APPROVALS] as const),
    "if (unheard === '') return unreadObjection(hearing, props);",
    "if (unheard === '') return undefined;",
  ),
  mutant(
    ...(['what cannot be read lifts a rejection', JUDGE_TEST, APPROVALS] as const),
    "(isNewest || kind === 'reject')",
    'isNewest',
  ),
  mutant(
    'the oldest request counts',
    JUDGE_TEST,
    APPROVALS,
    'requests.filter(counts).at(-1)',
    'requests.filter(counts).at(0)',
  ),
  mutant(
    ...(['one person counts for two gates', JUDGE_TEST, APPROVALS] as const),
    'const other = taken.get(person);',
    'const other = undefined;',
  ),
  mutant(
    'one approval is enough',
    JUDGE_TEST,
    APPROVALS,
    'Array.from({ length: gate.count }',
    'Array.from({ length: 1 }',
  ),
  mutant(
    'a gate that is not known lets through',
    JUDGE_TEST,
    'core/release/judge.ts',
    'own.map(unknownGate)',
    'own.slice(own.length).map(unknownGate)',
  ),
  mutant(
    'names differ by the size of letters',
    REVIEW_TEST,
    REVIEW,
    "signer.slice(signer.indexOf(':') + 1).toLowerCase()",
    "signer.slice(signer.indexOf(':') + 1)",
  ),
  mutant('a review of another registry counts', REVIEW_TEST, REVIEW, "['registry', 'promptId',", "['promptId',"),
  mutant('a review of another group counts', REVIEW_TEST, REVIEW, "'digest', 'group']", "'digest']"),
  mutant('a review of another content counts', REVIEW_TEST, REVIEW, "'alias', 'digest', 'group']", "'alias', 'group']"),
  mutant('members of any group count', REVIEW_TEST, REVIEW, '.filter(({ address }) => address.group === group)', ''),
  mutant(
    ...(['the first word counts, not the last', REVIEW_TEST, REVIEW] as const),
    'b.address.number - a.address.number',
    'a.address.number - b.address.number',
  ),
  mutant(
    ...(['an evaluation takes an approval back', REVIEW_TEST, REVIEW] as const),
    "return kind === 'request' || kind === 'approve' || kind === 'reject';",
    'return Boolean(kind);',
  ),
  mutant(
    'reviews of 10 MB are read',
    REVIEW_TEST,
    REVIEW,
    'if (Buffer.byteLength(body) > REVIEW_BYTES) {',
    'if (REVIEW_BYTES === 0) {',
  ),
  mutant(
    'comments hold what nobody sees',
    REVIEW_TEST,
    REVIEW,
    'visibleLine(character) !== character',
    'character === ""',
  ),
  mutant('a key may go on', REVIEW_TEST, 'core/ledger/layout.ts', 'REVIEW_PATTERN}$`)', 'REVIEW_PATTERN}`)'),
  mutant(
    ...(['a name holds slashes', REVIEW_TEST, 'core/contract/names.ts'] as const),
    "'[A-Za-z0-9_+=,.@-]{2,64}'",
    "'[A-Za-z0-9_+=,.@:/-]{2,64}'",
  ),
  mutant(
    ...(['an exact name does not win over *', 'test/core/release/gate.test.ts', 'core/release/gate.ts'] as const),
    'Object.hasOwn(ofRegistry, alias) ? ofRegistry[alias] : ofRegistry[EVERY_ALIAS]',
    'ofRegistry[EVERY_ALIAS] ?? ofRegistry[alias]',
  ),
  mutant(
    ...([
      'gates of an alias replace those of the registry',
      'test/core/release/gate.test.ts',
      'core/release/gate.ts',
    ] as const),
    '[...(byName ?? []), ...own]',
    '(own.length > 0 ? [...own] : [...(byName ?? [])])',
  ),
  mutant(
    'a withdrawal leaves nothing',
    LEFT_TEST,
    LEFT,
    'if (newer && isWithdrawnInNewer && !isWithdrawn)',
    'if (newer && isWithdrawnInNewer && isWithdrawn === undefined)',
  ),
  mutant('a return that failed left the content', LEFT_TEST, LEFT, 'of withoutUndone(history)', 'of history'),
  mutant(
    'a removal leaves nothing',
    LEFT_TEST,
    LEFT,
    'if (to === null) return true;',
    'if (to === null) return false;',
  ),
  mutant(
    ...(['a return is judged', HANDLERS_TEST, PASSAGE] as const),
    'if (place !== undefined) {',
    'if (place?.sequence === 0) {',
  ),
  mutant(
    'an alias that stands is judged',
    HANDLERS_TEST,
    PASSAGE,
    'return to.version === from?.version ? null : to;',
    'return to;',
  ),
  mutant('a model that ended passes', MODEL_TEST, MODEL, 'if (ends !== null && ', 'if (ends === "" && '),
  mutant(
    'a model that nobody knows passes',
    MODEL_TEST,
    MODEL,
    "if (status === 'UNKNOWN') {\n    const fix",
    "if (id === '') {\n    const fix",
  ),
  mutant(
    'every model is among those named',
    MODEL_TEST,
    MODEL,
    'if (gate.among && ',
    'if (gate.among?.length === 0 && ',
  ),
  mutant(
    'Bedrock that is away stops a release',
    MODEL_TEST,
    'core/models/model-facts.ts',
    '} catch (error) {',
    '} catch (error) {\n    if (error) throw error;',
  ),
  mutant(
    'an alias that follows may have a gate',
    HANDLERS_TEST,
    PASSAGE,
    'if (move.followsContent) throw gateOnFollower(move);',
    '',
  ),
  mutant(
    ...(['consent of before the last leaving counts', HANDLERS_TEST, 'core/release/lapsed-at.ts'] as const),
    'await lastLeft(content, history, since)',
    'await lastLeft(content, history, Number.POSITIVE_INFINITY)',
  ),
  mutant(
    ...(['reviews that cannot be read are none', HANDLERS_TEST, 'lambda/review-reader.ts'] as const),
    '  } catch (cause) {',
    '  } catch (cause) {\n    if (cause) return [];',
  ),
  mutant(
    'the plan does not judge',
    HANDLERS_TEST,
    'lambda/prompt-release-plan/handler.ts',
    '  await passage(',
    '  void [passage].at(1)?.(',
  ),
  mutant(
    ...(['the plan judges on the way back', HANDLERS_TEST, 'lambda/prompt-release-plan/handler.ts'] as const),
    'Terms: goingBack ? NO_VERSION : await',
    'Terms: await',
  ),
  mutant(
    ...(['the record does not judge', HANDLERS_TEST, 'lambda/prompt-alias/handler.ts'] as const),
    'const passed = await passage(move, deps);',
    'const passed = (await [passage].at(1)?.(move, deps)) ?? null;',
  ),
  mutant(
    'the record does not say why',
    HANDLERS_TEST,
    'lambda/prompt-alias/handler.ts',
    'schemaFields({ rollout, passed, ended })',
    'schemaFields({ rollout, passed: null, ended })',
  ),
  mutant(
    "everybody signs in everybody's name",
    CONSTRUCTS_TEST,
    BUCKET,
    'aws:userid}/????????.json`',
    'aws:username}/????????.json`',
  ),
  mutant(
    'a presigned URL lends a name',
    CONSTRUCTS_TEST,
    BUCKET,
    "'REST-HEADER'",
    "['REST-HEADER', 'REST-QUERY-STRING']",
  ),
  mutant(
    'everybody is in every group',
    CONSTRUCTS_TEST,
    BUCKET,
    'produce: () => group.arns',
    "produce: () => ['*', ...group.arns]",
  ),
  mutant(
    ...(['old handlers pass gates of an alias', CONSTRUCTS_TEST, 'lib/private/release-record.ts'] as const),
    "Terms: gating.gates === undefined && rollout === undefined ? undefined : planned('Terms'),",
    '',
  ),
  mutant(
    'a gate on a follower is synthesized',
    CONSTRUCTS_TEST,
    'lib/private/alias-gating.ts',
    'if (inForce.length > 0 && !target.pinned) {',
    'if (inForce.length > 99) {',
  ),
  mutant(
    'a gate that nobody can open is synthesized',
    CONSTRUCTS_TEST,
    'lib/private/registry-gates.ts',
    'if (nobody !== undefined) {',
    'if (nobody === "") {',
  ),
  mutant(
    'a run against another content counts',
    EVALUATION_TEST,
    EVALUATION,
    'evaluation.baseline === live && !isBefore(signed, leftAt)',
    '!isBefore(signed, leftAt)',
  ),
  mutant(
    'a run of before a return counts',
    EVALUATION_TEST,
    EVALUATION,
    'evaluation.baseline === live && !isBefore(signed, leftAt)',
    'evaluation.baseline === live',
  ),
  mutant(
    'critical cases may fail',
    EVALUATION_TEST,
    EVALUATION,
    'if (failed > 0) below.push',
    'if (failed > 999) below.push',
  ),
  mutant(
    'the oldest run counts',
    EVALUATION_TEST,
    EVALUATION,
    'Date.parse(b.time) - Date.parse(a.time)',
    'Date.parse(a.time) - Date.parse(b.time)',
  ),
  mutant(
    'what cannot be read takes no run back',
    EVALUATION_TEST,
    EVALUATION,
    'address.signer === signer ? address.number > number :',
    'address.signer === signer ? address.number > 1e9 :',
  ),
  mutant(
    'unread runs of a signer are as good as none',
    EVALUATION_TEST,
    EVALUATION,
    '!runners.has(address.signer)',
    "address.signer === ''",
  ),
];
