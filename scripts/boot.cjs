// What the entry script starts: runs the bundle next to this file with the code cache that the build made of it. A cache
// made by another version of V8 is rejected, and the bundle is compiled as if there were none.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/main.cjs`;
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/main.cache`);
} catch {
  // Only a slower start.
}
// As node wraps its modules; node:module, which has the words, would have to be loaded for them.
const code = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(filename, 'latin1')}\n})`;
const script = new Script(code, { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
module.exports.script = script;
