// The judge of verify-offline.mjs: what each kind of gate lets through, which of two is as strict as the other, and what
// CloudTrail says of it. It has no code of the registry either.

export const STATEMENTS = ['request', 'approve', 'reject'];

const at = (time) => Date.parse(time);
const isWithin = (some, all) => !all || some?.every((one) => all.includes(one)) === true;
const nameOf = (model) => model.replace(/^arn:.*:(foundation-model|inference-profile)\//, '');

const isStricterModel = (one, gate) => isWithin(one.among, gate.among) && (one.endsAfter ?? 0) >= (gate.endsAfter ?? 0);
const isStricterEvaluation = (one, gate) =>
  one.by === gate.by &&
  one.suite === gate.suite &&
  Object.entries(gate.atLeast).every(([name, share]) => one.atLeast[name] >= share) &&
  Object.entries(gate.noWorseThanLive).every(([name, margin]) => one.noWorseThanLive[name] <= margin);
const isStricterApproval = (one, gate) =>
  one.askedBy === gate.askedBy && one.by === gate.by && one.count >= gate.count && one.expires <= gate.expires;
const STRICTER = { approval: isStricterApproval, model: isStricterModel, evaluation: isStricterEvaluation };

export const isAsStrict = (one, gate) => one.gate === gate.gate && STRICTER[gate.gate]?.(one, gate) === true;

/** Whether for each gate one asked, as many others as it counts agreed, nobody for two gates, and nobody rejects. */
export function judge(gates, reviews, left, now) {
  const isNewer = (one, other) => one.signer === other.signer && one.group === other.group && one.number > other.number;
  // What cannot be read takes back consent and lifts no rejection.
  const lifts = ({ said }, kind) => (said ? STATEMENTS.includes(said.kind) : kind !== 'reject');
  const stands = (one) => !reviews.some((other) => isNewer(other, one) && lifts(other, one.said.kind));
  const say = (by, kind) => reviews.filter((one) => one.group === by && one.said?.kind === kind && stands(one));
  // It may be a rejection.
  const isUnread = (by) => (one) =>
    one.group === by &&
    !one.said &&
    !reviews.some((other) => isNewer(other, one) && STATEMENTS.includes(other.said?.kind));
  const person = ({ signer }) => signer.slice(signer.indexOf(':') + 1).toLowerCase();
  const heard = gates.map(({ gate, askedBy, by, count, expires }) => {
    const counts = ({ stored }) => now - at(stored) <= expires * 1000 && at(stored) > left;
    const request = say(askedBy, 'request').filter(counts).at(-1);
    const people = [...new Set(say(by, 'approve').filter(counts).map(person))];
    const isOpen = gate === 'approval' && request && say(by, 'reject').length === 0 && !reviews.some(isUnread(by));
    return { asker: isOpen ? person(request) : undefined, people, count };
  });
  const askers = heard.map(({ asker }) => asker);
  const seats = heard.flatMap(({ people, count }) => Array(count).fill(people));
  const sit = ([seat, ...on], taken) => !seat || seat.some((one) => !taken.includes(one) && sit(on, [one, ...taken]));
  return !askers.includes(undefined) && sit(seats, askers);
}

/** Whether the model that a record names is that of its version, and one that the gate lets through. */
export function isModelGood({ endsAfter = 0, among }, said, id, now) {
  if (!id) return true;
  if (said?.id !== id || said.status === 'UNKNOWN') return false;
  if (said.ends && at(said.ends) <= now + endsAfter * 1000) return false;
  const names = [nameOf(id), id.includes(':application-inference-profile/') ? said.model : undefined];
  return !among || among.some((one) => names.includes(nameOf(one)));
}

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const cellsOf = (counts) => ['both', 'onlyCandidate', 'onlyLive', 'neither'].map((cell) => counts?.[cell]);

/** Whether a review has the counts that a record names. */
export function isCounted({ said }, { metrics = {} }) {
  const isIn = ([name, counts]) => String(cellsOf(counts)) === String(cellsOf(said?.metrics?.[name]));
  return Object.entries(metrics).every(isIn);
}

/** Whether counts can be those of a run. */
export function isRun({ suite, baseline, cases, critical, metrics, errors, rows, runner, questions }) {
  const all = Object.values(metrics ?? {}).map(cellsOf);
  const failed = critical?.failed?.length + critical?.unnamed;
  const isOfNothing = ([both, , onlyLive]) => both + onlyLive === 0;
  const isAbout = ([a, b, c, d]) => a + b + c + d >= 1 && a + b + c + d <= cases;
  const isOne = (cells) => cells.every(isCount) && isAbout(cells) && (baseline !== null || isOfNothing(cells));
  const isWhole = [cases, errors, critical?.cases, failed].every(isCount) && /^[0-9a-f]{64}$/.test(rows) && runner;
  const isAsked =
    questions === undefined || (at(questions?.since) > 0 && [questions.candidate, questions.live].every(isCount));
  const isPossible = failed <= critical?.cases && critical.cases <= cases && cases <= 10_000 && all.length > 0;
  return /^es1:[0-9a-f]{64}$/.test(suite) && isWhole && isAsked && isPossible && all.every(isOne);
}

/** Whether the newest run of a suite over a content, of those that compared with what was live, is good enough. */
export function isMeasured({ by, suite, atLeast, noWorseThanLive }, reviews, left, live) {
  const own = reviews.filter(({ group }) => group === by);
  const isBad = ({ said }) => !said || (said.kind === 'evaluate' && !isRun(said));
  const isOf = ({ said, stored }) => said.suite === suite && said.baseline === live && at(stored) > left;
  const runs = own.filter((one) => one.said?.kind === 'evaluate' && !isBad(one) && isOf(one));
  const [newest] = runs.sort((a, b) => at(b.stored) - at(a.stored) || (a.key < b.key ? -1 : 1));
  const isAbove = (one) =>
    one.signer === newest.signer ? one.number > newest.number : at(one.stored) >= at(newest.stored);
  if (!newest || own.some((one) => isAbove(one) && isBad(one))) return false;
  const { metrics, critical } = newest.said;
  const isEnough = ([name, least]) => shareOf(cellsOf(metrics[name])) >= least;
  const isNoWorse = ([name, margin]) => live === null || lowest(cellsOf(metrics[name])) > -margin;
  const isWhole = critical.failed.length + critical.unnamed === 0;
  return isWhole && Object.entries(atLeast).every(isEnough) && Object.entries(noWorseThanLive).every(isNoWorse);
}

const shareOf = ([a, b, c, d]) => (a + b) / (a + b + c + d);

/** The lower bound of Newcombe's paired interval (method 10), one-sided 95 %. */
function lowest([a, b, c, d]) {
  const [n, zz] = [a + b + c + d, 1.6448536269514722 ** 2];
  const middle = (p) => (p + zz / 2 / n) / (1 + zz / n);
  const reach = (p) => Math.sqrt(zz * p * (1 - p) * n + zz ** 2 / 4) / (n + zz);
  const [p, q, spread] = [(a + b) / n, (a + c) / n, Math.sqrt((a + b) * (c + d) * (a + c) * (b + d))];
  const phi = spread ? Math.max(Math.min(0, a * d - b * c), a * d - b * c - n / 2) / spread : 0;
  const [down, up] = [p - middle(p) + reach(p), middle(q) + reach(q) - q];
  return p - q - Math.sqrt(Math.max(0, down ** 2 - 2 * phi * down * up + up ** 2));
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const TURNS = ['StartLogging', 'StopLogging', 'DeleteTrail'];
const TRAIL = [...TURNS, 'UpdateTrail', 'PutEventSelectors'];

/** What CloudTrail says of who wrote what: it delivers within 15 minutes. */
export function compareEvents({ bucket, time, events: { from, to } }, objects, events, find) {
  const isCovered = (one) => at(one) >= at(from) && at(one) <= Math.min(at(to), at(time) - 15 * MINUTE);
  const isWrite = ({ name, errorCode, request }) => name === 'PutObject' && !errorCode && request.bucketName === bucket;
  const byKey = new Map(objects.map((object) => [object.key, object]));
  for (const { request, identity, time: written } of events.filter(isWrite)) {
    const { signer } = byKey.get(request.key) ?? {};
    if (signer && identity.principalId !== signer) find('SignedByOther', request.key, `was written by ${identity.arn}`);
    if (!byKey.has(request.key) && isCovered(written)) find('ObjectGone', request.key, `was written at ${written}`);
  }
}

/** Keys of evaluations with more answers than their signer's role had renderings; each rendering is given to one that may have made it. */
export function unasked(reviews, versionsOf, about, events, renderings) {
  if (!about.events?.rendered) return [];
  const claims = reviews
    .filter(({ said }) => said?.kind === 'evaluate' && isRun(said))
    .flatMap((review) => claimsOf(review, versionsOf))
    .filter((claim) => isTold(claim, about, events))
    .sort((a, b) => a.to - b.to);
  const calls = renderings.flatMap(({ times, ...one }) => times.map((time) => ({ ...one, time: at(time) })));
  for (const { role, promptId, version, time } of calls.sort((a, b) => a.time - b.time)) {
    const isOwn = (one) => one.role === role && one.promptId === promptId && one.versions.includes(version);
    const isThen = ({ from, to }) => from - MINUTE <= time && time <= to + MINUTE;
    const claim = claims.find((one) => one.left > 0 && isOwn(one) && isThen(one));
    if (claim) claim.left -= 1;
  }
  const isProof = ({ left, all, isCounted }) => left > 0 && (isCounted || left === all);
  return new Set(claims.filter(isProof).map(({ key }) => key));
}

/** What a run says that each version answered: of before questions were counted, all cases that had an answer. */
function claimsOf({ key, signer, stored, said }, versionsOf) {
  const { promptId, digest, version, baseline, cases, errors, questions } = said;
  const to = at(stored);
  const since = questions ? at(questions.since) : Math.min(at(said.time), to) - 2 * DAY;
  const of = { key, promptId, role: signer.split(':')[0], to, from: Math.max(Math.min(since, to), to - 7 * DAY) };
  const own = versionsOf(promptId, digest);
  const other = baseline === digest ? [] : versionsOf(promptId, baseline);
  return [
    { versions: own.length > 0 ? own : [version], all: questions?.candidate ?? cases - errors },
    { versions: other, all: other.length === 0 ? 0 : (questions?.live ?? cases - errors) },
  ].map((one) => ({ ...of, ...one, left: one.all, isCounted: questions !== undefined }));
}

/** Whether the trail took renderings all the while, and has delivered them. */
function isTold({ from, to, promptId }, { time, trails, events: span }, events) {
  const nameOf = ({ name, trailName }) => (name ?? trailName ?? '').split('/').at(-1);
  const isChange = ({ source, name, request, errorCode }) =>
    source === 'cloudtrail.amazonaws.com' && TRAIL.includes(name) && !errorCode && isWithin([nameOf(request)], trails);
  const changes = events.filter((one) => isChange(one) && at(one.time) <= to + 15 * MINUTE);
  const turns = changes.filter(({ name }) => TURNS.includes(name)).sort((a, b) => at(a.time) - at(b.time));
  const isOn = [undefined, 'StartLogging'].includes(turns.at(-1)?.name);
  const isSteady = isOn && changes.every((one) => at(one.time) < from - 15 * MINUTE);
  const isDelivered = from >= at(span.from) && to <= Math.min(at(span.to), at(time) - HOUR);
  return isSteady && isDelivered && at(span.rendered[promptId]) <= to + MINUTE;
}
