#!/usr/bin/env node
// The workspace is not built: its TypeScript runs as it is.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
require('tsx/cjs');
const { runCommand } = require('../command/command.ts');

runCommand(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
