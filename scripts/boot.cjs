// Started by the entry: runs the bundle next to this file with its code cache. An old Node.js may fail to parse the bundle, so
// the version is checked here, in syntax that every version knows.
const fs = require('node:fs');

const oldest = [18, 19];
const version = process.versions.node.split('.').map(Number);

if (version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1])) {
  try {
    module.exports = run(`${__dirname}/main.cjs`);
  } catch (error) {
    if (error.syscall === undefined) throw error;
    fs.writeSync(2, `alfwrapper: unable to read the bundle (${error.syscall}): ${error.message}\n`);
    process.exitCode = 125;
  }
} else {
  const hint = `install Node.js ${oldest.join('.')} or later, or put it first in PATH`;
  fs.writeSync(2, `alfwrapper: Node.js ${process.versions.node} is too old\n  hint: ${hint}\n`);
  process.exitCode = 125;
}

/** Runs a bundle as node would run a module. @returns its exports, and its script */
function run(filename) {
  const { Script } = require('node:vm');
  // The wrapper of node's modules, written here to avoid loading node:module.
  const code = `(function (exports, require, module, __filename, __dirname) { ${fs.readFileSync(filename, 'latin1')}\n})`;
  const cacheFile = nameCache();
  const script = new Script(code, { filename, cachedData: readIfThere(cacheFile) });
  script.runInThisContext()(exports, require, module, filename, __dirname);
  return Object.assign(module.exports, { script, cacheFile });
}

/**
 * A code cache is valid only for the binary that wrote it, with the same flags. V8 checks only its own version, and crashes
 * on the cache of another build of that version. Without a cache the start is slower.
 */
function nameCache() {
  const { ino, size, mtimeMs } = fs.statSync(process.execPath);
  return `${__dirname}/main.${process.versions.v8}-${ino}-${size}-${mtimeMs}${process.execArgv.join('')}.cache`;
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
