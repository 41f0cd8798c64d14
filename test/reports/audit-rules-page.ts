import { RULES } from '../../core/audit/rules';

/** docs/audit-rules.md: every rule of `audit verify`, what it finds and what it reads. */
export function auditRulesPage(): string {
  const checks = [...new Set(RULES.map(({ check }) => check))];
  return `# Rules of the audit

<!-- Generated from core/audit/rules.ts by \`npm run reports\`. -->

\`prompt-registry audit verify\` runs these rules in this order. The registry itself never causes a finding. A finding of level \`note\` is worth knowing and proves nothing. The names stand in \`--json\`, which is a format: see [versioning.md](versioning.md). What could not be read is not judged, and the command says so.
${checks.map(section).join('')}`;
}

function section(check: string): string {
  const rules = RULES.filter((group) => group.check === check).flatMap(({ rules }) => rules);
  const rows = rules.flatMap(({ name, finds, reads }) =>
    Object.entries(finds).map(
      ([problem, means]) => `| \`${problem}\` | ${means} | ${reads} | [${name}](../core/audit/rules/${name}.ts) |`,
    ),
  );
  return `
## ${check}

| finding | what it means | what is compared | rule |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
