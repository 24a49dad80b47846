import type { ExplainedPart, Explanation } from '../../app/index.js';
import type { MapSpec } from '../../bpf/values/index.js';
import { PAGE_BYTES } from '../../compile/table/index.js';
import type { Plan } from '../../plan/index.js';
import { type AddressSet, describeRule, type Policy, type Rule } from '../../policy/index.js';
import { renderPlan } from '../render-plan.js';

/** An explanation for people: the plan, then for each program the listeners it is for and what it does. */
export function renderExplanation(explanation: Explanation): string {
  const parts = explanation.parts.map((part) => `\n${renderPart(part, explanation).join('\n')}\n`);
  const { plan, seccomp } = explanation;
  const guard =
    seccomp.length === 0
      ? ''
      : `\nthe program runs under this filter of system calls\n${seccomp.join('\n')}\n`;
  return renderPlan(plan) + parts.join('') + guard;
}

function renderPart(part: ExplainedPart, explanation: Explanation): string[] {
  const { labels, tier, answer, listing } = part;
  const lines = [`${labels.join(', ')}: tier ${tier}`];
  if (!answer.works) lines.push(`  which does not work here: ${answer.reason} (${answer.errno})`);
  if (tier === 'steer') lines.push('  ret #0 is the sink, which drops; any other number is a listener');
  if (tier === 'none') return [`${labels.join(', ')}: no filter, the rules allow every packet`];
  if (tier !== 'ebpf') return [...lines, ...listing];
  return [...lines, ...renderFilter(explanation)];
}

function renderFilter({ plan, maps, policy, pages }: Explanation): string[] {
  const { name, entry, entries } = plan.filter;
  return [
    `  filter ${name}, function ${entry}`,
    ...maps.flatMap((map) => renderMap(map, entries)),
    ...(policy === undefined ? [] : renderRules(policy)),
    ...(pages === undefined ? [] : [`  laid out in ${pages} × ${PAGE_BYTES / 1024} KiB`]),
  ];
}

function renderMap(
  { name, kind, maxEntries, key, value }: MapSpec,
  all: Plan['filter']['entries'],
): string[] {
  const entries = all.filter(({ map }) => map === name);
  const types = `${key.spelling} → ${value.spelling}`;
  return [
    `  map ${name}: ${kind}, ${types}, ${entries.length} of ${maxEntries} entries set`,
    ...entries.map((entry) => `    ${entry.keyText}: ${entry.key} → ${entry.value}`),
  ];
}

function renderRules({ rules, default: verdict }: Policy): string[] {
  return [
    '  rules, the first that matches decides:',
    ...rules.map((rule, i) => `  ${String(i + 1).padStart(4)}  ${describeRule(rule)}${renderRanges(rule)}`),
    `        default ${verdict}`,
  ];
}

function renderRanges({ match: { source, destination } }: Rule): string {
  const sides = [
    ...(source === undefined ? [] : [`from ${countOf(source)}`]),
    ...(destination === undefined ? [] : [`to ${countOf(destination)}`]),
  ];
  return sides.length === 0 ? '' : `: ${sides.join('; ')}`;
}

function countOf({ v4, v6 }: AddressSet): string {
  return `${ranges(v4.length / 2, 'IPv4')}, ${ranges(v6.length / 4, 'IPv6')}`;
}

function ranges(count: number, family: string): string {
  return `${count} ${family} range${count === 1 ? '' : 's'}`;
}
