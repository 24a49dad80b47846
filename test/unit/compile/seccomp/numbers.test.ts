import { describe, expect, it } from 'vitest';
import { abisOf } from '../../../../src/compile/seccomp/abi.js';
import { dataOffset, seccompUapi } from '../../../../src/compile/seccomp/seccomp-uapi.js';
import { kernelMachine } from '../../../../src/kernel/probe/kernel-machine.js';
import { numbersInC } from '../../support/c-numbers.js';

describe("the numbers are those of the system's headers", () => {
  const headers = [
    ...['linux/audit.h', 'linux/seccomp.h', 'errno.h', 'netinet/in.h', 'netinet/udp.h'],
    ...['asm/socket.h', 'sys/socket.h', 'asm/unistd.h'],
  ];

  it('for each name', () => {
    const expressions = Object.keys(seccompUapi).map((name) => `(unsigned)(${name})`);
    expect(numbersInC(headers, expressions)).toEqual(Object.values(seccompUapi));
  });

  it('for the layout of struct seccomp_data', () => {
    const fields = ['nr', 'arch', 'args[0]', 'args[2]'];
    const offsets = fields.map((field) => `offsetof(struct seccomp_data, ${field})`);
    expect(numbersInC(headers, offsets)).toEqual([
      ...[dataOffset.number, dataOffset.arch, dataOffset.argument(0), dataOffset.argument(2)],
    ]);
  });

  const CALLS = ['socket', 'bind', 'listen', 'setsockopt'] as const;
  const numbersOf = (header: string) =>
    numbersInC(
      [header],
      CALLS.map((call) => `__NR_${call}`),
    );

  it('for the system calls of this machine', () => {
    const [native] = abisOf(kernelMachine()) ?? [];
    expect(numbersOf('asm/unistd.h')).toEqual(CALLS.map((call) => native?.[call]));
  });

  it('for the system calls of aarch64, which are the generic ones', () => {
    const [native] = abisOf('aarch64') ?? [];
    expect(numbersOf('asm-generic/unistd.h')).toEqual(CALLS.map((call) => native?.[call]));
  });
});
