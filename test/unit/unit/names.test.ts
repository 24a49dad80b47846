import { describe, expect, it } from 'vitest';
import {
  dropInDirectories,
  fragmentNames,
  instanceOf,
  nameUnit,
  orderDropIns,
  searchPath,
  socketOf,
} from '../../../src/unit/index.js';

describe('the name of a service', () => {
  it.each([
    ['nginx', 'nginx.service'],
    ['nginx.service', 'nginx.service'],
    ['postgresql@15-main', 'postgresql@15-main.service'],
    ['getty@.service', 'getty@.service'],
    ['a\\x2db', 'a\\x2db.service'],
    ['php8.2-fpm', 'php8.2-fpm.service'],
  ])('%s is %s', (word, name) => {
    expect(nameUnit(word)).toBe(name);
  });

  it.each(['', 'ssh.socket', 'a.timer', 'a b', 'a/b', '@x', '.service', 'a@b@c', `${'a'.repeat(250)}`])(
    'is not %j',
    (word) => {
      expect(() => nameUnit(word)).toThrow(/does not name a service$/);
    },
  );
});

describe('the files of a service', () => {
  it.each([
    ['a.service', ['a.service'], ['a.service.d']],
    ['a-b-c.service', ['a-b-c.service'], ['a-b-c.service.d', 'a-b-.service.d', 'a-.service.d']],
    ['a@b.service', ['a@b.service', 'a@.service'], ['a@b.service.d', 'a@.service.d']],
    ['a@.service', ['a@.service'], ['a@.service.d']],
    [
      'a-b@c-d.service',
      ['a-b@c-d.service', 'a-b@.service'],
      ['a-b@c-d.service.d', 'a-.service.d', 'a-b@.service.d', 'a-.service.d'],
    ],
  ])('of %s', (name, fragments, directories) => {
    expect(fragmentNames(name)).toEqual(fragments);
    expect(dropInDirectories(name)).toEqual(directories);
  });

  it('are drop-ins in the order of their names, of equal ones the first', () => {
    const found = ['b.conf 1', 'a.conf 1', 'b.conf 2', '10.conf 2'].map((text) => {
      const [name = '', place] = text.split(' ');
      return { name, place };
    });
    expect(orderDropIns(found).map(({ name, place }) => `${name} ${place}`)).toEqual([
      '10.conf 2',
      'a.conf 1',
      'b.conf 1',
    ]);
  });

  it('are a socket of its name, and those of the template for an instance', () => {
    expect(socketOf('a@b.service')).toBe('a@b.socket');
    expect(instanceOf('c@.service', 'a@b.service')).toBe('c@b.service');
    expect(instanceOf('c.service', 'a.service')).toBe('c.service');
  });

  it('are searched where SYSTEMD_UNIT_PATH says', () => {
    const usual = searchPath(undefined);
    expect(usual).toContain('/etc/systemd/system');
    expect(searchPath('')).toEqual(usual);
    expect(searchPath('/a:/b')).toEqual(['/a', '/b']);
    expect(searchPath('/a:')).toEqual(['/a', ...usual]);
  });
});
