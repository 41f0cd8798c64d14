// Loaded into a command's process: its clock goes CLOCK_SHIFT_MS ahead of the machine's, or behind it, and CLOCK_RATE times as
// fast: with pauses that are as much shorter (test/e2e/short-waits.cjs), what waits by the clock does so in less time.
const shift = Number(process.env.CLOCK_SHIFT_MS);
const rate = Number(process.env.CLOCK_RATE ?? 1);
const Machine = Date;
const began = Machine.now();
const now = () => began + shift + Math.round((Machine.now() - began) * rate);
globalThis.Date = class extends Machine {
  constructor(...args) {
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
};
