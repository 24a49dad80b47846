import { quoteWhole } from '../errors/index.js';
import { describeStep, isUnixListener, type Plan, type PlannedInterception } from '../plan/index.js';

/** A plan as JSON, two spaces deep, with its final newline. */
export function renderPlanJson(plan: Plan): string {
  return `${JSON.stringify(plan, undefined, 2)}\n`;
}

/** A plan for people: what would be done, in the order it would be. */
export function renderPlan(plan: Plan): string {
  const lines = renderFilter(plan);
  for (const listener of plan.listeners) {
    const verb = listener.inherited === true ? 'take over' : 'open';
    lines.push(`${verb} ${listener.label}, fd ${listener.fd} "${listener.fdname}"`);
    for (const option of listener.options) lines.push(`  set ${option.name} to ${option.value}`);
    lines.push(
      listener.tier === 'none'
        ? '  no filter: the rules allow every packet'
        : `  attach the filter (tier ${listener.tier})`,
    );
    if (listener.lock) lines.push('  lock the filter');
    if (listener.inherited === true) continue;
    const mode = isUnixListener(listener) ? `, mode ${listener.mode.toString(8).padStart(4, '0')}` : '';
    lines.push(`  bind${mode}${listener.socket.type === 'datagram' ? '' : ' and listen'}`);
  }
  if (plan.interception !== undefined) lines.push(...renderInterception(plan.interception));
  for (const step of plan.identity?.steps ?? []) lines.push(describeStep(step));
  if (plan.drop.capabilities.length > 0) lines.push(`drop ${plan.drop.capabilities.join(', ')}`);
  for (const variable of plan.environment) lines.push(`set variable ${quoteWhole(variable)}`);
  if (plan.target.length > 0) lines.push(...describeEnd(plan.target.map(quoteWhole).join(' '), plan.passing));
  return `${lines.join('\n')}\n`;
}

/** Tiers of classic BPF load nothing: what the filter means has been compiled for each listener. */
function renderFilter({ filter, listeners, interception }: Plan): string[] {
  const { name, file, entries, policy } = filter;
  const loads = [...listeners, interception?.tcp, interception?.udp].some((each) => each?.tier === 'ebpf');
  return [
    loads ? `load filter ${name} from ${file}` : `compile filter ${name}`,
    ...entries.map(({ map, keyText, valueText }) => `  set ${map}: ${keyText} = ${valueText}`),
    ...(policy === undefined ? [] : [`  ${policy}`]),
  ];
}

function renderInterception(interception: PlannedInterception): string[] {
  const { mechanism, tcp, udp, clientPorts, declared, undeclared } = interception;
  const others = declared.length === 0 ? 'sockets' : 'other sockets';
  return [
    mechanism === 'fetch'
      ? 'intercept the sockets that the program opens (seccomp)'
      : 'create the sockets that the program opens (seccomp)',
    `  TCP: attach the filter (tier ${tcp.tier}) and lock it before the socket listens`,
    `  UDP: attach the filter (tier ${udp.tier}) and lock it before the socket is bound`,
    ...(clientPorts === undefined
      ? []
      : [`  UDP ports ${clientPorts.join(' to ')} are those of clients: no filter unless declared`]),
    ...declared.map(({ label }) => `  expect ${label}`),
    `  ${undeclared === 'filter' ? 'filter' : 'refuse'} ${others}`,
    ...(interception.newPrivileges ? ['  let the program gain privileges'] : []),
  ];
}

function describeEnd(program: string, passing: Plan['passing']): string[] {
  if (passing === undefined) return [`become ${program}`];
  if (passing.pass === 'listener') return [`become ${program}, the socket its standard input and output`];
  const { maxConnections, maxPerSource } = passing;
  const as = passing.pass === 'connection' ? 'fd 3' : 'standard input and output';
  const perSource = maxPerSource === 0 ? '' : `, ${maxPerSource} from one source`;
  return [
    `accept connections, at most ${maxConnections} at a time${perSource}`,
    `for each start ${program}, the connection its ${as}`,
  ];
}
