#!/usr/bin/env node
import { main } from '../cli/main';

/** Set by the build from package.json. */
declare const PACKAGE_VERSION: string;

// The SDK's note on Node versions would stand above every output; `engines` says what this package runs on.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

main(process, PACKAGE_VERSION).then((code) => {
  process.exitCode = code;
});
