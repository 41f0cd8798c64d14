#!/usr/bin/env node
// In this repository the TypeScript runs as it is.
require('tsx/cjs');
require('../command/door.ts');
