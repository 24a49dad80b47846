import type { PolicyInputs } from './inputs.js';
import type { PolicySource, RuleStatement, Warning } from './syntax.js';
import type { Policy } from './types.js';

/** The names of the interfaces that rules ask for, each once. */
export function interfaceNames(policy: Policy): string[] {
  return [...new Set(policy.rules.flatMap(({ match }) => match.interfaces ?? []))];
}

/** Explains why no packet arrives on an interface that has a master. */
export function describePort(name: string, master: string): string {
  return `${name} is a port of ${master}: its packets arrive on ${master}, and never on ${name}`;
}

/** One warning for each interface in a rule whose packets arrive on its master. */
export function warnOfPorts(source: PolicySource, { interfaces }: PolicyInputs): Warning[] {
  const rules = source.statements.filter((statement) => statement.kind === 'rule');
  return [...interfaces].flatMap(([name, { master }]) => {
    const named = rules.filter((rule: RuleStatement) => rule.interfaces?.includes(name));
    const [first] = named;
    if (master === undefined || first === undefined) return [];
    const count = named.length === 1 ? '' : ` (${named.length} rules name it, this one first)`;
    return [{ location: first.location, message: `${describePort(name, master)}${count}` }];
  });
}
