import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { COMPILERS, cachedCompilers } from '../kernels/lab/compilers.js';
import { cachedKernels } from '../kernels/lab/kernel.js';
import { SHORT_KERNELS } from '../kernels/lab/names.js';
import { canLimitMemory } from './memory-cgroup.js';
import { missingService } from './services.js';

/** What a machine may lack; each answers why it does, or undefined. */
const NEEDS = {
  root: () => (isRoot() ? undefined : 'not root'),
  bpf: () => {
    const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
    return (BigInt(`0x${effective}`) >> 39n) & 1n ? undefined : 'no CAP_BPF';
  },
  // Since Linux 6.2, if it has been built with them.
  kernelTypes: () =>
    runs('grep', '-q', 'bpf_cast_to_kern_ctx', '/sys/kernel/btf/vmlinux')
      ? undefined
      : 'no types of Linux 6.2',
  netns: () => (isRoot() && runs('ip', 'netns', 'list') ? undefined : 'no ip netns'),
  // Not in a chroot, and not where a sysctl or a security module forbids it.
  userns: () => (runs('unshare', '-Ur', 'true') ? undefined : 'no user namespaces'),
  // One's own, in a user namespace: since Linux 6.7.
  binfmt: () =>
    runs('unshare', '-Urm', 'mount', '-t', 'binfmt_misc', 'binfmt_misc', '/proc/sys/fs/binfmt_misc')
      ? undefined
      : 'no binfmt_misc in user namespaces',
  memoryGroups: () => (canLimitMemory() ? undefined : 'no memory cgroups'),
  bpftool: () => (runs('bpftool', 'version') ? undefined : 'no bpftool'),
  strace: () => (runs('strace', '-V') ? undefined : 'no strace'),
  ncat: () => (runs('ncat', '--version') ? undefined : 'no ncat'),
  ipset: () => (runs('ipset', '--version') ? undefined : 'no ipset'),
  nft: () => (runs('nft', '--version') ? undefined : 'no nft'),
  systemd: () =>
    runs('/lib/systemd/systemd', '--version') && runs('systemd-analyze', '--version')
      ? undefined
      : 'no systemd',
  services: missingService,
  runc: () =>
    runs('runc', '--version') && runs('tini', '--version') ? undefined : 'not both of runc and tini',
  // Their versions: one of them knows no other question, and asks for it in its own way.
  daemons: () =>
    runs('lighttpd', '-v') && runs('gunicorn', '--version') && runs('unbound', '-V') && runs('python3', '-V')
      ? undefined
      : 'not all of lighttpd, gunicorn, unbound and python3',
  shells: () =>
    ['bash', 'zsh', 'fish', 'script'].every((program) => runs(program, '--version'))
      ? undefined
      : 'not all of bash, zsh, fish and script',
  man: () =>
    runs('man', '--version') && runs('sh', '-c', 'command -v mandoc')
      ? undefined
      : 'not both of man and mandoc',
  clang: () => (runs('clang', '--version') ? undefined : 'no clang'),
  bcc: () => (existsSync('build/native/alf_bcc.node') ? undefined : 'no libbcc'),
  // They are fetched where nothing may be missing; elsewhere 700 MB are downloaded on request only.
  kernels: () => {
    if (!runs('qemu-system-x86_64', '--version')) return 'no qemu-system-x86_64';
    const script = ['--import', 'tsx', 'test/kernels/run.ts', '--fetch', ...SHORT_KERNELS];
    if (process.env['ALF_TEST_REQUIRE'] === 'all' && !haveKernels()) runs(process.execPath, ...script);
    return haveKernels() ? undefined : 'no kernels in the cache: npm run test:kernels -- --fetch';
  },
  musl: () => (runs('musl-gcc', '--version') ? undefined : 'no musl-gcc'),
  // Some distributions have it in a package of its own.
  staticLibrary: () =>
    runs('sh', '-c', 'test -e "$(cc -print-file-name=libc.a)"') ? undefined : 'no static C library',
  dash: () => (runs('dash', '-c', 'true') ? undefined : 'no dash'),
  busybox: () => (runs('busybox', 'true') ? undefined : 'no busybox'),
  iprange: () => (runs('iprange', '/dev/null') ? undefined : 'no iprange'),
};

/** A thing a test needs of the machine. */
export type Need = keyof typeof NEEDS;

/**
 * Like `describe`, for tests that need something of the machine: they are skipped, with the reason in their title,
 * where it is missing. With ALF_TEST_REQUIRE=all nothing may be missing: then they fail.
 */
export function describeWith(needs: readonly Need[], title: string, body: () => void): void {
  const missing = needs.map((need) => NEEDS[need]()).filter((reason) => reason !== undefined);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  if (process.env['ALF_TEST_REQUIRE'] === 'all') throw new Error(`${title}: ${missing.join(', ')}`);
  describe.skip(`${title} (${missing.join(', ')})`, body);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function haveKernels(): boolean {
  const [kernels, compilers] = [cachedKernels(), cachedCompilers()];
  return (
    SHORT_KERNELS.every((name) => kernels.includes(name)) &&
    COMPILERS.every((version) => compilers.includes(version))
  );
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
