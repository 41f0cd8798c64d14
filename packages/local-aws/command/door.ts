#!/usr/bin/env node
import { runCommand } from './command';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
void runCommand(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
