import type { Explanation } from '../../app/index.js';
import { PAGE_BYTES } from '../../compile/table/index.js';
import type { AddressSet, Policy } from '../../policy/index.js';

/** An explanation as JSON, two spaces deep, with its final newline. */
export function renderExplanationJson({ plan, parts, seccomp, maps, policy, pages }: Explanation): string {
  const value = {
    plan,
    programs: parts.map(({ labels, tier, answer, compiled, listing }) => ({
      listeners: labels,
      tier,
      ...answer,
      ...(compiled === undefined
        ? {}
        : { instructions: compiled.program.length, memoryBytes: compiled.bytes, listing }),
    })),
    ...(seccomp.length === 0 ? {} : { seccomp }),
    maps: maps.map(({ name, kind, maxEntries, key, value }) => ({
      name,
      kind,
      maxEntries,
      key: key.spelling,
      value: value.spelling,
      entries: plan.filter.entries.filter(({ map }) => map === name),
    })),
    ...(policy === undefined ? {} : { policy: policyAsData(policy) }),
    ...(pages === undefined ? {} : { imageBytes: pages * PAGE_BYTES }),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function policyAsData({ rules, default: verdict }: Policy) {
  return {
    rules: rules.map(({ verdict, text, location, match: { source, destination } }) => ({
      verdict,
      text,
      location,
      ...(source === undefined ? {} : { sourceRanges: rangesOf(source) }),
      ...(destination === undefined ? {} : { destinationRanges: rangesOf(destination) }),
    })),
    default: verdict,
  };
}

function rangesOf({ v4, v6 }: AddressSet) {
  return { ipv4: v4.length / 2, ipv6: v6.length / 4 };
}
