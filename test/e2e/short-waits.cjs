// Preloaded into a function's process: whoever waits there for longer than a moment waits a tenth of it.
const { setTimeout: wait } = globalThis;
globalThis.setTimeout = Object.assign((run, ms = 0, ...args) => wait(run, ms > 100 ? ms / 10 : ms, ...args), wait);
