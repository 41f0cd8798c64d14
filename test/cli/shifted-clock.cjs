// Loaded into a command's process: its clock goes CLOCK_SHIFT_MS ahead of the machine's, or behind it.
const shift = Number(process.env.CLOCK_SHIFT_MS);
const Machine = Date;
const now = () => Machine.now() + shift;
globalThis.Date = class extends Machine {
  constructor(...args) {
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
};
