// Stands in for node:assert in the bundle. The real one looks at process.stderr when it is loaded, which makes a pipe or
// terminal non-blocking for everybody who shares it; yargs uses these two functions of it.
export function strictEqual(actual, expected, message) {
  if (!Object.is(actual, expected)) throw new Error(message);
}

export function notStrictEqual(actual, expected, message) {
  if (Object.is(actual, expected)) throw new Error(message);
}
