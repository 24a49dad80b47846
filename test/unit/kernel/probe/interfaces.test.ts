import { describe, expect, it } from 'vitest';
import { findInterface } from '../../../../src/kernel/probe/index.js';
import { fakeCore } from '../../support/fake-core.js';

const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_MTU = 4;

interface Link {
  readonly name: string;
  readonly altnames?: readonly string[];
  readonly master?: number;
}

function attribute(type: number, data: Uint8Array): number[] {
  const header = new Uint8Array(new Uint16Array([4 + data.length, type]).buffer);
  const padding = (4 - (data.length % 4)) % 4;
  return [...header, ...data, ...new Array(padding).fill(0)];
}

/** The RTM_NEWLINK message of a link. */
function describeLink(index: number, { name, master }: Link): Uint8Array {
  const number = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
  const attributes = [
    ...attribute(IFLA_MTU, number(1500)),
    ...attribute(IFLA_IFNAME, new TextEncoder().encode(`${name}\0`)),
    ...(master === undefined ? [] : attribute(IFLA_MASTER, number(master))),
  ];
  return Uint8Array.from([
    ...new Array(20).fill(0),
    ...number(index),
    ...new Array(8).fill(0),
    ...attributes,
  ]);
}

/** A machine with these links, the first of which has index 1. */
function machine(...links: readonly Link[]) {
  const { core } = fakeCore();
  return {
    ...core,
    link: (key: string | number, into: Uint8Array) => {
      const found = links.findIndex(
        ({ name, altnames }, i) => key === i + 1 || key === name || altnames?.includes(String(key)) === true,
      );
      if (found < 0) return -core.constants.ENODEV;
      const message = describeLink(found + 1, links[found] as Link);
      into.set(message);
      return message.length;
    },
  };
}

describe('findInterface', () => {
  const core = machine(
    { name: 'lo' },
    { name: 'eth0', altnames: ['lan', 'an-alternative-name-of-more-than-15'], master: 3 },
    { name: 'br0', master: 4 },
    { name: 'vrf-blue' },
    { name: 'eth1', master: 9 },
  );

  it.each(['eth0', 'lan', 'an-alternative-name-of-more-than-15', 2])('finds %s by any name', (key) => {
    expect(findInterface(core, key)).toEqual({ index: 2, name: 'eth0', master: 'vrf-blue' });
  });

  it('names no master of an interface that has none', () => {
    expect(findInterface(core, 'lo')).toEqual({ index: 1, name: 'lo', master: undefined });
  });

  it('does without a master in another namespace', () => {
    expect(findInterface(core, 'eth1')).toEqual({ index: 5, name: 'eth1', master: undefined });
  });

  it('finds nothing under other names', () => {
    expect([findInterface(core, 'eth9'), findInterface(core, 9)]).toEqual([undefined, undefined]);
  });

  it('ends where masters form a circle', () => {
    const circle = machine({ name: 'a', master: 2 }, { name: 'b', master: 1 });
    expect(findInterface(circle, 'a')?.index).toBe(1);
  });

  it('asks for the index alone where there is no rtnetlink', () => {
    const { core: poor } = fakeCore();
    expect(findInterface(poor, 'lo')).toEqual({ index: 1, name: 'lo', master: undefined });
    expect([findInterface(poor, 'eth9'), findInterface(poor, 1)]).toEqual([undefined, undefined]);
  });
});
