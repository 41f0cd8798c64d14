#!/usr/bin/env node
// Verifies what `prompt-registry audit export DIR` wrote, offline and with no code of the registry: its own reading of chains
// and reviews, its own ground (what going back is), its own judge (verify-offline-gates.mjs, which is copied with this file).
// A mistake in one shows in the other.
//   node verify-offline.mjs DIR [--gates FILE]        exit 0: nothing found, 2: findings, 1: could not look
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  compareEvents,
  isAsStrict,
  isCounted,
  isMeasured,
  isModelGood,
  isRun,
  judge,
  STATEMENTS,
  unasked,
} from './verify-offline-gates.mjs';

const DIGEST = 'pd1:[0-9a-f]{64}';
const SIGNED = '@([a-z][a-z0-9-]{0,30})/(A[A-Z0-9]{15,30}:[A-Za-z0-9_+=,.@-]{2,64})/([0-9]{8})';
const REVIEW = new RegExp(`^reviews/([0-9A-Za-z]{10})/([A-Za-z][\\w-]{0,31}|~)/(${DIGEST})/${SIGNED}\\.json$`);
const RECORD = /^ledger\/([^/]+\/[^/]+)\/([0-9]{8})\.json$/;
const ARCHIVE = new RegExp(
  `^versions/([^/]+)/(?:([1-9][0-9]{0,4})-(${DIGEST})|claims/${DIGEST}-after-[0-9]{1,5})\\.json$`,
);
const TAG = '(?!(?:none|draft|previous|file)/)(?=[^/]{1,32}/)[A-Za-z][A-Za-z0-9-]*(?:\\.[A-Za-z0-9-]+)*';
const NUMBERED = `(?:rollouts/[0-9A-Za-z]{10}/[A-Za-z][\\w-]{0,31}/[1-9][0-9]{0,7}|tags/[0-9A-Za-z]{10}/${TAG})/(?!9{8})[0-9]{8}`;
const UNJUDGED = new RegExp(`^(?:reasons/[0-9a-f]{64}/[0-9]{13}|${NUMBERED})\\.json$`); // of these, only that nothing was hidden
const COMMENT = /^(?=.*\S)(?: |(?![\p{DI}\p{C}\p{Z}]).){1,500}$/u;
const HANDLER = 180_000; // milliseconds that one is at work

const at = (time) => Date.parse(time);
const byTime = (a, b) => at(a.stored) - at(b.stored) || (a.key < b.key ? -1 : 1);
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const isSamePlace = (one, other) => ['version', 'digest', 'model'].every((name) => one?.[name] === other?.[name]);
const stateOf = ({ to, rollout, withdrawn }) => JSON.stringify([to?.version, rollout?.plan, withdrawn]);
const isState = (one, { withdrawn, ...undo }) =>
  stateOf(one) === stateOf({ ...undo, withdrawn: one.from && !one.to ? one.withdrawn : withdrawn });
const isAt = ({ to }, place) => to && (to.version === place?.version || to.digest === place?.digest);
const isBeyond = (record, whole) => isBack(record) || !(whole || record.passed);
const keptFor = ({ alias, time }, kept) =>
  kept && at(time) >= at(kept.since ?? time) ? (kept.gates[alias] ?? kept.gates['*'] ?? []) : undefined;
const isKind = ({ said }, kind = said?.kind) => kind === said?.kind;
const isUnread = ({ stored, body }) => stored && body === undefined;
const isMove = ({ from, to }) => to && to.version !== from?.version;
const isBack = ({ from, to, passed }) => (passed ? passed.how === 'back' : to?.version < from?.version);

/** @returns findings, each `{ problem, object, message }` */
export function verify({ about, objects, events, renderings = [] }, kept) {
  const findings = [];
  const find = (problem, object, message) => void findings.push({ problem, object, message });
  const read = objects.map((object) => readObject(object, find));
  const records = read.filter(({ chain }) => chain).sort((a, b) => a.number - b.number);
  const ofAlias = (id) => records.filter(({ chain }) => chain === id);
  const chains = [...new Set(records.map(({ chain }) => chain))].map((id) => readChain(ofAlias(id), find));
  const registries = new Set(chains.flat().map(({ record }) => record.registry));
  const reviews = read.filter(({ signer }) => signer).sort((a, b) => a.number - b.number);
  for (const review of reviews) if (review.body !== undefined) review.said = readReview(review, registries, find);
  inOrder(reviews, find);
  for (const chain of chains) judgeChain(chain, reviews, kept, find);
  if (about.events?.withDataEvents) compareEvents(about, read, events, find);
  const versionsOf = (id, digest) =>
    read.filter(({ archived }) => archived === `${id} ${digest}`).map((one) => one.number);
  for (const key of unasked(reviews, versionsOf, about, events, renderings))
    find('CallsMissing', key, 'has answers that its signer did not ask for');
  return findings;
}

function readObject({ key, versions, body, unreadable }, find) {
  const bodies = versions.filter(({ marker }) => !marker);
  if (bodies.length < versions.length) find('DeleteMarker', key, 'was hidden');
  if (bodies.length > 1) find('Rewritten', key, `has ${bodies.length} versions`);
  if (bodies.length === 0) find('NothingUnderMarker', key, 'was deleted for good');
  const object = { key, body, stored: bodies[0]?.time };
  if (unreadable) find('Unreadable', key, unreadable);
  const [, chain, sequence] = RECORD.exec(key) ?? [];
  if (chain) return { ...object, chain, number: 99_999_999 - Number(sequence) };
  const [, promptId, alias, digest, group, signer, digits] = REVIEW.exec(key) ?? [];
  const number = 99_999_999 - Number(digits);
  if (number > 0) return { ...object, promptId, alias, digest, group, signer, number };
  const [isArchive, of, version, content] = ARCHIVE.exec(key) ?? [];
  if (!isArchive && !UNJUDGED.test(key)) find('JunkKey', key, 'is no key that a registry writes');
  return { ...object, ...(version && { archived: `${of} ${content}`, number: Number(version) }) };
}

/** The records of one alias, oldest first; none where one may not be read, since what is missing then proves nothing. */
function readChain(links, find) {
  let before = { number: 0, record: { to: null } };
  for (const link of links) {
    link.record = [parsed(link.body)].find(isRecord);
    if (link.number > before.number + 1) find('Gap', link.key, `follows record ${before.number}`);
    if (link.record) checkLink(link, before, find);
    else if (link.body !== undefined) find('BadRecord', link.key, 'is no record');
    before = link;
  }
  return links.some(isUnread) ? [] : links.filter(({ record }) => record);
}

function checkLink({ key, number, stored, record: { promptId, alias, sequence, previous, time, from } }, before, find) {
  const place = `ledger/${promptId}/${alias}/${99_999_999 - sequence}.json`;
  if (place !== key) find('WrongKey', key, `says that it belongs at ${place}`);
  const isNext = number === before.number + 1 && !isUnread(before);
  if (isNext && previous !== (before.body ? sha256(before.body) : null)) find('WrongPrevious', key, 'was changed');
  if (isNext && before.record && !isSamePlace(from, before.record.to)) find('WrongFrom', key, 'begins elsewhere');
  const late = at(stored) - at(time);
  if (late > 600_000 || late < -120_000) find('OtherTime', key, `says ${time}, S3 has it since ${stored}`);
}

function parsed(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

function isRecord({ schema, sequence, undo, from, to, withdrawn, time }) {
  const isPlaced =
    [from, to].every((place) => place === null || /^pd1:[0-9a-f]{64}$/.test(place?.digest)) && sequence > 0;
  return isPlaced && [1, 2].includes(schema) && typeof undo === 'boolean' && Array.isArray(withdrawn) && at(time) > 0;
}

function readReview({ key, body, ...place }, registries, find) {
  const said = parsed(body);
  if (!isReview(said) || Buffer.byteLength(body) > 65_536)
    return find('BadReview', key, 'is not written as a review is');
  const other = ['group', 'promptId', 'alias', 'digest'].find((name) => said[name] !== place[name]);
  if (said.kind === 'evaluate' && !isRun(said)) find('BadReview', key, 'has counts that no run can have');
  const isOurs = other === undefined && (registries.size === 0 || registries.has(said.registry));
  return isOurs ? said : find('ReviewElsewhere', key, `is of another ${other ?? 'registry'}`);
}

function isReview({ schema, kind, alias, comment, time, ...texts }) {
  const isKnown = schema === 1 && [...STATEMENTS, 'evaluate', 'comment'].includes(kind) && at(time) > 0;
  const isWhole = ['group', 'registry', 'promptId', 'prompt', 'digest'].every((name) => texts[name]);
  return isKnown && isWhole && (comment === null || COMMENT.test(comment)) && (kind === 'comment') === (alias === '~');
}

function inOrder(reviews, find, last = new Map()) {
  for (const { key, number, stored } of reviews) {
    const before = last.get(key.slice(0, -13));
    if (number > (before?.number ?? 0) + 1) find('ReviewGap', key, 'has others before it that are missing');
    if (stored < before?.stored) find('ReviewOutOfOrder', key, `is older than number ${before.number}`);
    last.set(key.slice(0, -13), { number, stored });
  }
}

/** Each move of an alias, judged by what was there before it. */
function judgeChain(chain, reviews, kept, find) {
  let [alive, had] = [[], []]; // alive: those that count, without what failed and what undid it
  for (const { record, ...link } of chain) {
    const target = record.rollout?.plan === record.sequence ? record.rollout.candidate : isMove(record) && record.to;
    if (target && !record.undo) had = judgeMove({ ...link, record, target, alive, chain }, reviews, kept, had, find);
    const isKnown = chain.some((one) => one.number < link.number && isAt(one.record, target));
    if (target && record.undo && !isKnown) find('NotBack', link.key, 'undid to where the alias never was');
    alive = record.undo ? alive.slice(0, alive.findLastIndex((one) => isState(one, record)) + 1) : [...alive, record];
  }
}

function judgeMove({ key, stored, ...move }, reviews, kept, earlier, find) {
  const { record, target, alive, chain } = move;
  const { passed, time, to } = record;
  const back = target === to ? placeBack(to.version, alive, chain[0].record.sequence === 1) : undefined;
  if (passed?.how === 'back' && back?.sequence !== passed.to) find('NotBack', key, 'did not go back there');
  const agreed = agreementOf(move);
  if (passed?.how === 'carried' && !agreed) find('ConsentMissing', key, 'no rollout carried it');
  const why = passed?.how === 'agreed' && disagreement({ ...move, stored: at(stored ?? time) }, reviews);
  if (why) find('ConsentMissing', key, why);
  const expected = keptFor(record, kept) ?? earlier;
  const isWithout = expected.some((gate) => !agreed?.gates.some((one) => isAsStrict(one, gate)));
  if (!back && (isWithout || agreed?.gates.length === 0)) find('GateGone', key, 'moved without a gate');
  return agreed?.gates ?? earlier;
}

function agreementOf({ record: { passed }, target, chain }) {
  const plan = chain.find(({ record }) => record.sequence === passed?.plan)?.record;
  const agreed = plan?.rollout?.candidate.digest === target.digest ? plan.passed : passed;
  return agreed?.how === 'agreed' ? agreed : undefined;
}

/** The record whose place a move goes back to: agreed to (or of before the gate), never left backwards or withdrawn since. */
function placeBack(version, alive, isWhole) {
  let [ground, whole] = [[], isWhole];
  for (const record of alive) {
    const { from, to, withdrawn } = record;
    if (from && !to) [ground, whole] = [[], true];
    else if (ground.includes(to?.version)) ground = ground.slice(0, ground.indexOf(to.version) + 1);
    else if (isMove(record)) ground = [...(isBeyond(record, whole) ? [] : ground), to.version];
    ground = ground.filter((one) => !withdrawn.includes(one));
  }
  const isThere = ground.includes(version) && alive.at(-1).to?.version !== version;
  return isThere ? alive.findLast((record) => isMove(record) && record.to.version === version) : undefined;
}

/** Why reviews do not let a move through; undefined where they do, or where one of them could not be read. */
function disagreement({ record, target, alive, stored }, reviews) {
  const { promptId, alias, passed } = record;
  const isOwn = (one) => one.promptId === promptId && one.alias === alias && one.digest === target.digest;
  const own = reviews.filter((one) => isOwn(one) && one.stored).sort(byTime);
  if (own.some(({ body }) => body === undefined)) return undefined;
  const [early, known] = [stored - HANDLER, stored].map((time) => own.filter((one) => at(one.stored) <= time));
  const isSame = (one, { key, time, ...as }) =>
    one.key === key && sha256(one.body) === as.sha256 && one.stored === time;
  const isAs = (one, as) => isSame(one, as) && isCounted(one, as);
  const named = known.filter((one) => passed.reviews.some((as) => isAs(one, as) && isKind(one, as.kind)));
  if (named.length < passed.reviews.length) return 'a review is not there as it was named, or came later';
  const [models, runs] = ['model', 'evaluation'].map((kind) => passed.gates.filter(({ gate }) => gate === kind));
  const isGood = (gate) => isModelGood(gate, passed.model, target.model, stored - HANDLER);
  if (!models.every(isGood)) return 'its model is not one that the gate lets through';
  const approvals = passed.gates.filter((gate) => !models.includes(gate) && !runs.includes(gate));
  const [left, live] = [leftAt(target, alive), record.from?.digest ?? null];
  const passes = (those) =>
    judge(approvals, those, left, stored - HANDLER) && runs.every((gate) => isMeasured(gate, those, left, live));
  if (!passes(named)) return 'those named do not agree';
  // What was said while the handler worked it may have seen or not.
  const seen = known.map((_, index) => known.slice(0, index + 1)).slice(early.length);
  return [[...new Set([...early, ...named])], ...seen].some(passes) ? undefined : 'somebody had said otherwise';
}

function leftAt({ version, digest }, alive) {
  const left = alive.findLast((record, index) => {
    const isLeft = record.from?.digest === digest && record.to?.digest !== digest;
    const isWithdrawn = record.withdrawn.includes(version) && !alive[index - 1]?.withdrawn.includes(version);
    return isWithdrawn || (isLeft && (!record.to || isBack(record)));
  });
  return left ? at(left.time) : Number.NEGATIVE_INFINITY;
}

function main([dir, option, file]) {
  const about = JSON.parse(readFileSync(join(dir, 'about.json'), 'utf8'));
  const [objects, events, renderings] = ['objects.jsonl', 'events.jsonl', 'renderings.jsonl'].map((name) => {
    if (!about.sha256[name]) return [];
    const text = readFileSync(join(dir, name), 'utf8');
    if (sha256(text) !== about.sha256[name]) throw new Error(`${name} is not the file that was exported`);
    return text.trim().split('\n').filter(Boolean).map(JSON.parse);
  });
  const findings = verify(
    { about, objects, events, renderings },
    option === '--gates' && JSON.parse(readFileSync(file, 'utf8')),
  );
  for (const { problem, object, message } of findings) console.log(problem, JSON.stringify({ object, message }));
  console.log(`${objects.length} objects, ${events.length} events: ${findings.length || 'no'} findings`);
  process.exitCode = findings.length > 0 ? 2 : 0;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
