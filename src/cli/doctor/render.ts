import type { Examination } from '../../app/index.js';
import type { Report } from './diagnose.js';
import type { Finding } from './diagnosis.js';

/** A report for people: a block for each tier, one for interception, one for the machine, and what it comes to. */
export function renderReport({ tiers, interception, machine, strongest }: Report): string {
  const blocks = tiers.map((diagnosis) => {
    const { tier, protocols, works } = diagnosis;
    const title = `${tier} on ${protocols.join(' and ').toUpperCase().replace('AND', 'and')}`;
    return [`${title}: ${works ? 'works' : 'does not work'}`, ...renderFinding(diagnosis)];
  });
  const intercepted = [
    `interception: ${interception.works ? 'works' : 'does not work'}`,
    ...renderFinding(interception),
  ];
  const common = [`this machine: ${machine.works ? 'fit' : 'not fit'}`, ...renderFinding(machine)];
  const sum = [
    `strongest tier that works: ${strongest.tcp ?? 'none'} on TCP, ${strongest.udp ?? 'none'} on UDP`,
  ];
  return `${[...blocks, intercepted, common, sum].map((block) => block.join('\n')).join('\n\n')}\n`;
}

/** A report as JSON, with the answers it was made from. */
export function renderReportJson(report: Report, examination: Examination): string {
  const { nodeVersion, credentials, userNamespace, seccomp, noNewPrivs, sysctls } = examination;
  const { effective, bounding, uid } = credentials;
  const sets = { effective: effective.toString(16), bounding: bounding.toString(16) };
  const answers = { nodeVersion, uid, ...sets, userNamespace, seccomp, noNewPrivs, sysctls };
  return `${JSON.stringify({ ...report, answers }, undefined, 2)}\n`;
}

const LABEL_WIDTH = 6;

function renderFinding({ why, unlock, notes }: Finding): string[] {
  const width = Math.max(0, ...unlock.map(({ where }) => where.length));
  return [
    ...labelled('why', why),
    ...labelled(
      'unlock',
      unlock.map(({ where, line }) => `${`${where}:`.padEnd(width + 1)} ${line}`),
    ),
    ...labelled('note', notes),
  ];
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}  ${line}`);
}
