// Loaded into a command's process: its clock goes CLOCK_SHIFT_MS ahead of the machine's, or behind it.
const shift = Number(process.env.CLOCK_SHIFT_MS);
const Machine = Date;
globalThis.Date = class extends Machine {
  constructor(...args) {
    super(...(args.length === 0 ? [Machine.now() + shift] : args));
  }

  static now() {
    return Machine.now() + shift;
  }
};
