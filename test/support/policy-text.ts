import type { AddressSet, Policy, Rule } from '../../src/policy/index.js';
import { formatSet } from './address-text.js';

/** Writes a policy in the rule language, as the ranges and numbers it has become. */
export function policyText({ rules, default: verdict }: Policy): string {
  const lines = rules.filter(canMatch).map(ruleText);
  return [...lines, `default ${verdict}`, ''].join('\n');
}

/** There is no way to write an empty list; a rule that has one matches nothing and can be left out. */
function canMatch({ match }: Rule): boolean {
  const { source, destination, ...lists } = match;
  const isEmpty = (set: AddressSet | undefined) => formatSet(set)?.length === 0;
  return (
    !isEmpty(source) && !isEmpty(destination) && Object.values(lists).every((list) => list?.length !== 0)
  );
}

function ruleText({ verdict, match }: Rule): string {
  const { interfaces, protocols, source, sourcePorts, destination, destinationPorts } = match;
  return [
    verdict,
    interfaces && `in on ${interfaces}`,
    protocols && `proto ${protocols}`,
    sideText('from', source, sourcePorts),
    sideText('to', destination, destinationPorts),
  ]
    .filter((clause) => clause !== undefined)
    .join(' ');
}

function sideText(
  word: string,
  set: AddressSet | undefined,
  ports: Rule['match']['sourcePorts'],
): string | undefined {
  if (set === undefined && ports === undefined) return undefined;
  const peers = formatSet(set)?.join(',') ?? 'any';
  const list = ports?.map(({ first, last }) => `${first}-${last}`).join(',');
  return `${word} ${peers}${list === undefined ? '' : ` port ${list}`}`;
}
