import { describe, expect, it } from 'vitest';
import { type Package, parseSimulation, parseVersions } from '../../kernels/lab/apt.js';
import { SOURCES } from '../../kernels/lab/names.js';
import { resolveKernel } from '../../kernels/lab/resolve.js';

const kernel = (part: string, release: string, version: string, suite: string): Package => ({
  ...{ name: `linux-${part}-${release}`, version, suite },
});

const PACKAGES = [
  kernel('image', '6.12.9+deb13-cloud-amd64', '6.12.9-1', 'trixie'),
  kernel('image', '6.12.11+deb13-cloud-amd64', '6.12.11-1', 'trixie-security'),
  kernel('image', '6.12.11+deb13-rt-amd64', '6.12.11-1', 'trixie-security'),
  kernel('image', '6.12.12+deb12-cloud-amd64', '6.12.12-1~bpo12+1', 'bookworm-backports'),
  kernel('image', '6.19.4+deb13-cloud-amd64', '6.19.4-1~bpo13+1', 'trixie-backports'),
  kernel('binary', '6.19.4+deb13-cloud-amd64', '6.19.4-1~bpo13+1', 'trixie-backports'),
  kernel('image', '7.3.4+deb13-cloud-amd64', '7.3.4-1~bpo13+1', 'trixie-backports'),
  kernel('binary', '7.3.4+deb13-cloud-amd64', '7.3.4-1~bpo13+1', 'trixie-backports'),
  kernel('modules', '7.3.4+deb13-cloud-amd64', '7.3.4-1~bpo13+1', 'trixie-backports'),
];

describe('the newest kernel of a source', () => {
  it.each([
    ['6.12', '6.12.11+deb13-cloud-amd64', ['image']],
    ['6.12-rt', '6.12.11+deb13-rt-amd64', ['image']],
    ['6.19', '6.19.4+deb13-cloud-amd64', ['image', 'binary']],
    ['backports', '7.3.4+deb13-cloud-amd64', ['image', 'binary', 'modules']],
  ] as const)('%s is %s, of its %j', (name, release, parts) => {
    const found = resolveKernel(SOURCES[name], PACKAGES);
    expect(found?.release).toBe(release);
    expect(found?.packages.map(({ name }) => name)).toEqual(parts.map((part) => `linux-${part}-${release}`));
  });

  it('is none where no suite has one', () => {
    expect(resolveKernel(SOURCES['5.10'], PACKAGES)).toBeUndefined();
  });

  it('counts once a package that two suites have', () => {
    const twice = PACKAGES.slice(0, 1).flatMap((one) => [one, { ...one, suite: 'trixie-security' }]);
    expect(resolveKernel(SOURCES['6.12'], twice)?.packages).toHaveLength(1);
  });
});

describe('what apt says', () => {
  it('lists versions with their suites', () => {
    const text = ' clang-19 | 1:19.1.7-3+b1 | http://mirror/debian trixie/main amd64 Packages\n\n';
    expect(parseVersions(text)).toEqual([{ name: 'clang-19', version: '1:19.1.7-3+b1', suite: 'trixie' }]);
  });

  it('tells what would be installed', () => {
    const text =
      'Reading package lists...\nInst libc6 (2.41-12 Debian:13.8/stable [amd64])\n' +
      'Inst zlib1g (1:1.3-1 Debian:13.8/stable, Debian-Security:13/stable-security [amd64]) []\nConf libc6 (…)\n';
    expect(parseSimulation(text)).toMatchObject([
      { name: 'libc6', version: '2.41-12' },
      { name: 'zlib1g', version: '1:1.3-1' },
    ]);
  });
});
