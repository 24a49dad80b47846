import { readdirSync } from 'node:fs';
import { perform } from './check.js';
import { Guest } from './guest.js';
import { loadAll, OBJECTS } from './load.js';
import { objectChecks } from './objects.js';
import { writeRules } from './rules.js';
import { SHORT } from './short.js';

/** The program of a guest: main.mjs short|long|objects runs checks; main.mjs load is what one of them runs. */
const [task = ''] = process.argv.slice(2);

const objects = () => objectChecks(readdirSync(OBJECTS));

const CHECKS = {
  short: () => [...SHORT, ...objects()],
  objects,
};

if (task === 'load') {
  console.log(JSON.stringify(loadAll()));
} else {
  writeRules();
  const guest = new Guest();
  await Promise.all(CHECKS[task as keyof typeof CHECKS]().map((check) => perform(check, guest)));
}
