// Preloaded into a function's process: a pause takes a tenth. A pause is what ends in a promise's own `resolve`; what is
// called when time is over (the SDK's limit for a request, the watch over the function's own time-out) stays as it is.
const { setTimeout: wait } = globalThis;
const isResolve = (run) => run.name === '' && /\{ \[native code\] \}$/.test(Function.prototype.toString.call(run));
const shorter = (run, ms = 0, ...args) => wait(run, isResolve(run) ? ms / 10 : ms, ...args);
globalThis.setTimeout = Object.assign(shorter, wait);
