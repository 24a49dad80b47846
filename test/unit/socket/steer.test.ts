import { describe, expect, it } from 'vitest';
import { type InternetListener, makePlan } from '../../../src/plan/index.js';
import { openSteeredListener, startCompanion } from '../../../src/socket/index.js';
import { failureOf } from '../support/failure.js';
import { CONSTANTS, fakeCore } from '../support/fake-core.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

const PROGRAM = new Uint8Array(8);

/** The kernel's number: it is told by its name. */
const EADDRINUSE = 98;

function planned(address: string, lock = true): InternetListener {
  const config = configOf({ listeners: [listenerOf(address, 80)], tier: 'steer', lock });
  const [listener] = makePlan(config, { ...filterOf(), policy: ALLOW_ALL }, capabilitiesOf()).listeners;
  return listener as InternetListener;
}

const OPEN_V4 = [
  'random(32 bytes)',
  // The sink: shielded before it is bound, no SO_REUSEPORT until it listens.
  'socket(102, 201, 0)',
  'setsockopt(7, 301, 302, 1)',
  'setsockopt(7, 300, 321, 255)',
  'md5Key(7, 16 bytes, 0, 32 bytes)',
  'bind(7, 16 bytes)',
  'listen(7, 0)',
  'getsockname(7, 128 bytes)',
  // The connection that fills it.
  `socket(102, ${201 | CONSTANTS.SOCK_NONBLOCK}, 0)`,
  'md5Key(7, 16 bytes, 32, 32 bytes)',
  'setsockopt(7, 300, 322, 255)',
  'connect(7, 16 bytes)',
  'poll(7, 64, 300)',
  'getsockopt(7, 306, 311)',
  'md5Key(7, 16 bytes, 0, 0 bytes)',
  // The group.
  'setsockopt(7, 301, 315, 1)',
  'socket(102, 201, 0)',
  'setsockopt(7, 301, 302, 1)',
  'setsockopt(7, 301, 315, 1)',
  'setsockopt(7, 300, 321, 255)',
  'md5Key(7, 16 bytes, 0, 32 bytes)',
  'bind(7, 16 bytes)',
  'listen(7, 0)',
  'attachClassic(7, 352, 8 bytes)',
  'setsockopt(7, 301, 344, 1)',
  'close(7)',
  // The listener, last.
  'socket(102, 201, 0)',
  'setsockopt(7, 301, 302, 1)',
  'setsockopt(7, 301, 315, 1)',
  'setsockopt(7, 301, 344, 1)',
  'bind(7, 16 bytes)',
  'listen(7, 4096)',
];

describe('openSteeredListener', () => {
  it('opens the listener when everything stands', () => {
    const { core, calls } = fakeCore();
    const steered = openSteeredListener(core, planned('0.0.0.0'), PROGRAM);
    expect(calls).toEqual(OPEN_V4);
    steered.close();
    expect(calls.slice(OPEN_V4.length)).toEqual(['close(7)', 'close(7)', 'close(7)']);
  });

  it('shields a dual-stack sink against both families', () => {
    const { core, calls } = fakeCore();
    openSteeredListener(core, planned('::'), PROGRAM);
    const shield = calls.slice(4, 8);
    expect(shield).toEqual([
      'setsockopt(7, 300, 321, 255)',
      'setsockopt(7, 341, 373, 255)',
      'md5Key(7, 28 bytes, 0, 32 bytes)',
      'md5Key(7, 28 bytes, 0, 32 bytes)',
    ]);
  });

  it('leaves both open with --no-lock', () => {
    const { core, calls } = fakeCore();
    openSteeredListener(core, planned('0.0.0.0', false), PROGRAM);
    expect(calls.filter((call) => call.includes(' 344,'))).toEqual([]);
  });

  it('keeps signatures on a sink that cannot be filled, and has no peer', () => {
    const { core, calls } = fakeCore({ connect: -101 });
    const { peer } = openSteeredListener(core, planned('0.0.0.0'), PROGRAM);
    expect(peer).toBeUndefined();
    expect(calls).not.toContain('md5Key(7, 16 bytes, 0, 0 bytes)');
  });

  it('does without signatures where the kernel has none', () => {
    const { core } = fakeCore({ md5Key: -92 });
    expect(openSteeredListener(core, planned('0.0.0.0'), PROGRAM).peer).toBeDefined();
  });

  it('waits for the sink of the program before to go', () => {
    const { core, calls } = fakeCore({ 6: -EADDRINUSE });
    openSteeredListener(core, planned('0.0.0.0'), PROGRAM);
    expect(calls).toEqual([...OPEN_V4.slice(0, 6), 'close(7)', ...OPEN_V4.slice(1)]);
  });

  it('gives up when an address stays in use', () => {
    const { core, calls } = fakeCore({ bind: -EADDRINUSE });
    expect(failureOf(() => openSteeredListener(core, planned('0.0.0.0'), PROGRAM))).toMatchObject({
      code: 'ALF_SOCKET',
      errno: 'EADDRINUSE',
      hint: 'another socket has this port; see: ss -lnp',
    });
    const count = (call: string) => calls.filter((each) => each.startsWith(call)).length;
    expect([count('bind'), count('close')]).toEqual([8, 8]);
  });

  it('closes all it has opened, whatever call fails', () => {
    for (let n = 1; n <= OPEN_V4.length; n++) {
      const { core, calls } = fakeCore({ [n]: -5 });
      try {
        openSteeredListener(core, planned('0.0.0.0'), PROGRAM).close();
      } catch (error) {
        expect(error, `call ${n}`).toMatchObject({ code: 'ALF_SOCKET', errno: 'EIO' });
      }
      const failed = OPEN_V4[n - 1]?.startsWith('socket') ? 1 : 0;
      const opened = calls.filter((call) => call.startsWith('socket')).length - failed;
      expect(
        calls.filter((call) => call.startsWith('close')),
        `call ${n}`,
      ).toHaveLength(opened);
    }
  });
});

describe('startCompanion', () => {
  it('hands the sinks over and answers with its process id', () => {
    const { core, calls } = fakeCore();
    const steered = openSteeredListener(core, planned('0.0.0.0'), PROGRAM);
    expect(startCompanion(core, '/companion', [steered], undefined)).toBe(77);
    expect(calls.at(-1)).toBe('startCompanion(10 bytes, [{"listener":7,"sink":7,"peer":7}], -1)');
  });

  it('is told who the target is going to be', () => {
    const { core, calls } = fakeCore();
    startCompanion(core, '/companion', [], 65534);
    expect(calls).toEqual(['startCompanion(10 bytes, [], 65534)']);
  });

  it('fails if it does not come', () => {
    const { core } = fakeCore({ startCompanion: -32 });
    expect(failureOf(() => startCompanion(core, '/companion', [], undefined))).toMatchObject({
      code: 'ALF_KEEPER',
      message: 'unable to start /companion: broken pipe',
    });
  });
});
