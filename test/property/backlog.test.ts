import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { noInputs, parsePolicy, resolvePolicy } from '../../src/policy/index.js';
import {
  type Backlog,
  describeBacklogs,
  isAllowed,
  listKept,
  randomBacklog,
  randomRules,
} from '../support/backlogs.js';
import { makeNetwork } from '../support/network.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed } from '../support/run.js';

const TIERS = ['ebpf', 'classic'] as const;
const LAUNCHES = Number(process.env['ALF_TEST_BACKLOGS'] ?? 2000) / 100;
const PORTS_PER_LAUNCH = 50;
const FIRST_PORT = 2000;

/** For ten times the backlogs, on a busy machine. */
const TIME_LIMIT_MS = 3_600_000;

describeWith(['root', 'bpf', 'netns'], 'random backlogs of sockets that were passed in', () => {
  const network = makeNetwork();
  const random = new Random(seedOf('backlogs'));
  let number = 0;
  let port = FIRST_PORT;

  /** Arranges backlogs, launches, and says what was served and what each client has seen. */
  function launch(tier: string, rules: readonly string[], backlogs: readonly Backlog[]) {
    const netns = `/run/netns/${network.client.at(-1)}`;
    const alfwrapper = [
      installed('alfwrapper'),
      '--tier',
      tier,
      ...rules.flatMap((rule) => ['--rule', rule]),
    ];
    const [command = '', ...args] = [
      ...[...network.server, fixture('backlog'), 'arrange', netns, '--'],
      ...[...alfwrapper, '--', fixture('backlog'), 'serve'],
    ];
    const { status, stdout, stderr } = spawnSync(command, args, {
      ...{ input: describeBacklogs(backlogs), encoding: 'utf8', env: cleanEnvironment() },
    });
    expect({ status, errors: stderr.split('\n').filter((line) => !line.includes('warning: ')) }).toEqual({
      status: 0,
      errors: [''],
    });
    const words = stdout.split('\n').map((line) => line.split(' '));
    const of = (kind: string) => words.filter(([first]) => first === kind);
    return {
      data: new Set(of('served').map(([, , sent]) => Number(sent))),
      outcomes: new Map(of('client').map(([, client, outcome]) => [Number(client), outcome])),
    };
  }

  it.each(TIERS)(
    'on tier %s: no denied client is served, and where the list is exact the others are',
    (tier) => {
      let servedCount = 0;
      let deniedCount = 0;
      for (let count = 0; count < LAUNCHES; count++) {
        const rules = randomRules(random);
        const source = parsePolicy(rules.join('\n'), 'rules');
        const { policy } = resolvePolicy(source, noInputs);
        const backlogs = Array.from({ length: PORTS_PER_LAUNCH }, () => {
          const backlog = randomBacklog(random, policy, port++, number);
          number += backlog.waiting.length;
          return backlog;
        });
        const { data, outcomes } = launch(tier, rules, backlogs);
        for (const backlog of backlogs) {
          const served = backlog.waiting.filter(
            (client) => data.has(client.number) || outcomes.get(client.number) === 'ok',
          );
          const wrong = served.filter((client) => !isAllowed(policy, client));
          expect({ rules, backlog, wrong }).toEqual({ rules, backlog, wrong: [] });
          const kept = listKept(policy, backlog);
          expect({ rules, backlog, served }).toEqual({ rules, backlog, served: kept });
          servedCount += served.length;
          deniedCount += backlog.waiting.filter((client) => !isAllowed(policy, client)).length;
        }
      }
      // Nothing is shown by backlogs that are all alike.
      expect(servedCount).toBeGreaterThan(LAUNCHES * 10);
      expect(deniedCount).toBeGreaterThan(LAUNCHES * 10);
    },
    TIME_LIMIT_MS,
  );
});
