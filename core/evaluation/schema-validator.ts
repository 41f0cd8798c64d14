/** The one door to the package, which the build writes into this file: who installs the constructs does not install it. */
export { type Schema, Validator } from '@cfworker/json-schema';
