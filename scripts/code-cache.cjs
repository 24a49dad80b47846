// Makes the code cache of the bundle: code-cache.cjs [alfwrapper's arguments]. It runs them, so that the cache holds the
// functions a start uses, and then writes down what V8 has compiled.
const { rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const dist = join(__dirname, '../dist');
const cache = join(dist, 'main.cache');
rmSync(cache, { force: true });
process.argv[1] = join(dist, 'alfwrapper.cjs');
const script = require(process.argv[1]);
process.on('exit', (status) => {
  if (status === 0) writeFileSync(cache, script.createCachedData());
});
