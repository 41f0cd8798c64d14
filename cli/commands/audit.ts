import { usageError } from '../cli-error';
import type { Command } from '../command';
import { auditExport } from './audit-export';
import { auditLog } from './audit-log';
import { auditUsage } from './audit-usage';
import { auditVerify } from './audit-verify';

export const audit: Command = {
  name: 'audit',
  summary: 'who released, published and used what, and whether the evidence still holds',
  positionals: ['log|usage|verify|export'],
  options: {},
  subcommands: [auditLog, auditUsage, auditVerify, auditExport],
  examples: [...auditLog.examples.slice(0, 1), ...auditUsage.examples.slice(0, 1), ...auditVerify.examples.slice(0, 1)],
  run: async ({ positionals: [name] }) => {
    throw usageError(`no audit ${name}`, 'audits: log, usage, verify, export');
  },
};
