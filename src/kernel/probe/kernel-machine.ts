import { arch, machine } from 'node:os';

/** By the names that Node.js has for the machine it was built for. A 64-bit program runs on a 64-bit kernel only. */
const MACHINES: ReadonlyMap<string, string> = new Map([
  ['x64', 'x86_64'],
  ['arm64', 'aarch64'],
]);

/** The machine of the kernel, as uname(2) calls it. Under a personality such as setarch(8) sets, uname(2) names another. */
export function kernelMachine(): string {
  return MACHINES.get(arch()) ?? machine();
}
