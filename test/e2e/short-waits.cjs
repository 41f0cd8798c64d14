// Preloaded into a process, a function's or the command's: a pause takes a tenth, and what is measured between two pauses
// takes ten times as long, so that whoever keeps to so many calls a second does in less time. The time of day stays. A pause
// is what ends in a promise's own `resolve`; what is called when time is over (the SDK's limit for a request, the watch over
// the function's own time-out) stays as it is.
const { setTimeout: wait } = globalThis;
const isResolve = (run) => run.name === '' && /\{ \[native code\] \}$/.test(Function.prototype.toString.call(run));
const shorter = (run, ms = 0, ...args) => wait(run, isResolve(run) ? ms / 10 : ms, ...args);
globalThis.setTimeout = Object.assign(shorter, wait);

const measured = performance.now.bind(performance);
const began = measured();
performance.now = () => began + (measured() - began) * 10;
