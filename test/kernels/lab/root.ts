import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, makeCpio } from './cpio.js';
import { LabError } from './failure.js';

/** What a user of the package has; filters in BCC's dialect are left out, for they would need 100 MB of LLVM. */
const PRODUCT = [
  'alfwrapper',
  'package.json',
  'dist',
  'build/native',
  'build/ebpf',
  'ebpf',
  'scripts',
  'examples',
];
const LEFT_OUT = /\/dist\/types\/|\/alf_bcc\.node$/;

/** Where it is in a guest. */
const PLACE = '/alf';

/** Applets of busybox that the guests' scripts and the product's call. */
const APPLETS = [
  'sh',
  'mount',
  'cat',
  'insmod',
  'id',
  'ls',
  'poweroff',
  'reboot',
  'sleep',
  'stty',
  'sysctl',
  'true',
  'uname',
];

/** Programs of this machine, which bring the libraries they are linked to. */
const PROGRAMS = ['node', 'setpriv', 'ip'];

const DIRECTORIES = ['/proc', '/sys', '/dev', '/run', '/root', '/sbin'];

const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n',
  '/etc/group': 'root:x:0:\nnogroup:x:65534:\nwww-data:x:33:\n',
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};

/**
 * Makes the root that all guests boot from: the built product, node, and little else.
 *
 * @param product the directory of a built clone
 * @param more what this guest needs beside it
 * @throws LabError if a program is missing here
 */
export function makeRoot(product: string, more: readonly Entry[]): Buffer {
  return makeCpio([
    ...DIRECTORIES.map((path) => ({ path, directory: true }) as const),
    { path: '/tmp', directory: true, mode: 0o1777 },
    ...Object.entries(FILES).map(([path, data]) => ({ path, data })),
    { path: '/bin/busybox', from: findProgram('busybox'), mode: 0o755 },
    ...APPLETS.map((name) => ({ path: `/bin/${name}`, target: 'busybox' })),
    ...PROGRAMS.map((name) => ({ path: `/usr/bin/${name}`, from: findProgram(name) })),
    ...libraries([...['busybox', ...PROGRAMS].map(findProgram), join(product, 'build/native/alf_bpf.node')]),
    ...PRODUCT.flatMap((path) => below(join(product, path), join(PLACE, path))),
    ...more,
  ]);
}

/** Every file below a path of this machine, at its place in the guest. */
export function below(from: string, path: string): Entry[] {
  if (!existsSync(from) || LEFT_OUT.test(`${path}/`) || LEFT_OUT.test(path)) return [];
  if (!statSync(from).isDirectory()) return [{ path, from }];
  return readdirSync(from, { withFileTypes: true }).flatMap((entry): Entry[] =>
    entry.isSymbolicLink()
      ? [{ path: join(path, entry.name), target: readlinkSync(join(from, entry.name)) }]
      : below(join(from, entry.name), join(path, entry.name)),
  );
}

/** The file of a program of this machine. @throws LabError if there is none */
export function findProgram(name: string): string {
  const directories = ['/usr/bin', '/usr/sbin', ...(process.env['PATH'] ?? '').split(':')];
  // The programs of npm's own directories are no programs of the machine; node is the one that runs this.
  const path = name === 'node' ? process.execPath : directories.map((at) => join(at, name)).find(existsSync);
  if (path === undefined) throw new LabError(`unable to find ${name}`, 'run scripts/setup.sh --test');
  return realpathSync(path);
}

/** The libraries files are linked to, where the dynamic linker looks for them. */
function libraries(files: readonly string[]): Entry[] {
  const paths = files.flatMap((file) => {
    // It fails for a program without any.
    const text = spawnSync('ldd', [file], { encoding: 'utf8' }).stdout;
    return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  });
  return [...new Set(paths)].map((path) => ({ path, from: realpathSync(path) }));
}
