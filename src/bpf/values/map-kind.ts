/**
 * The kinds of maps by BPF_MAP_TYPE_* number (include/uapi/linux/bpf.h): those a socket filter can have, and those that
 * the kernel will refuse it, so that they can be named.
 */
const MAP_KINDS = {
  1: 'hash',
  2: 'array',
  3: 'prog_array',
  4: 'perf_event_array',
  5: 'percpu_hash',
  6: 'percpu_array',
  7: 'stack_trace',
  8: 'cgroup_array',
  9: 'lru_hash',
  10: 'lru_percpu_hash',
  11: 'lpm_trie',
  12: 'array_of_maps',
  13: 'hash_of_maps',
  14: 'devmap',
  15: 'sockmap',
  16: 'cpumap',
  17: 'xskmap',
  18: 'sockhash',
  19: 'cgroup_storage',
  20: 'reuseport_sockarray',
  21: 'percpu_cgroup_storage',
  22: 'queue',
  23: 'stack',
  24: 'sk_storage',
  25: 'devmap_hash',
  26: 'struct_ops',
  27: 'ringbuf',
  28: 'inode_storage',
  29: 'task_storage',
  30: 'bloom_filter',
  31: 'user_ringbuf',
  32: 'cgrp_storage',
  33: 'arena',
} as const;

/** The kind of a map, named as by bpftool(8); `unknown` for numbers that are newer than this list. */
export type MapKind = (typeof MAP_KINDS)[keyof typeof MAP_KINDS] | 'unknown';

/** The kind with a BPF_MAP_TYPE_* number. */
export function mapKind(number: number): MapKind {
  return Object.hasOwn(MAP_KINDS, number) ? MAP_KINDS[number as keyof typeof MAP_KINDS] : 'unknown';
}

/** Kinds whose entries are a key and a value in bytes: those that can be set. */
const SETTABLE: readonly MapKind[] = [
  'hash',
  'array',
  'percpu_hash',
  'percpu_array',
  'lru_hash',
  'lru_percpu_hash',
  'lpm_trie',
];

/** Why entries of a kind cannot be set, to follow "cannot be set:"; undefined if they can. */
export function whyKindNotSettable(kind: MapKind): string | undefined {
  if (SETTABLE.includes(kind)) return undefined;
  switch (kind) {
    case 'prog_array':
      return 'the values of a prog_array are programs';
    case 'array_of_maps':
    case 'hash_of_maps':
      return `the values of ${kind === 'array_of_maps' ? 'an' : 'a'} ${kind} are maps`;
    case 'queue':
    case 'stack':
    case 'bloom_filter':
      return `a ${kind} has no keys`;
    case 'ringbuf':
    case 'perf_event_array':
      return `a ${kind} is written by the program`;
    case 'unknown':
      return 'its kind is not known here';
    default:
      return `entries of ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} are not numbers and addresses`;
  }
}

/** Whether keys are positions from 0 on, all of which are there from the beginning. */
export function isArrayKind(kind: MapKind): boolean {
  return kind === 'array' || kind === 'percpu_array';
}

/** Whether a map has a value for each CPU under one key. */
export function isPerCpu(kind: MapKind): boolean {
  return kind === 'percpu_hash' || kind === 'percpu_array' || kind === 'lru_percpu_hash';
}
