// Preloaded into a function's process: a pause between two tries takes a tenth; moments, the SDK's time limit for a request
// (lambda/aws-client-config.ts), and the watch over the function's own time-out stay as they are.
const { setTimeout: wait } = globalThis;
const isPause = (ms) => ms > 100 && ms < 30_000 && ms !== 5_000;
globalThis.setTimeout = Object.assign((run, ms = 0, ...args) => wait(run, isPause(ms) ? ms / 10 : ms, ...args), wait);
