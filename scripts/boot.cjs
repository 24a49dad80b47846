// What the entry script starts: runs the bundle next to this file with the code cache that the build made of it. A cache
// made by another version of V8 is rejected, and the bundle is compiled as if there were none.
const { readFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { Script } = require('node:vm');

const filename = `${__dirname}/main.cjs`;
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/main.cache`);
} catch {
  // Only a slower start.
}
const script = new Script(wrap(readFileSync(filename, 'utf8')), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
module.exports = script;
