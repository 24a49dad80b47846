// Prints the one line about a vitest report, and fails unless tests ran and all of them passed.
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };

for (const file of read(path)) {
  for (const { status } of file.assertionResults) {
    count[status === 'passed' || status === 'failed' ? status : 'skipped'] += 1;
  }
  // A file that could not be read or set up has failed, without a test of its own that says so.
  const failed = file.assertionResults.some(({ status }) => status === 'failed');
  if (file.status === 'failed' && !failed) count.failed += 1;
}

const { passed, failed, skipped } = count;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = passed > 0 && failed === 0 && skipped === 0 ? 0 : 1;

/** The test files of a report; none if there is no report, which is then no success either. */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch (error) {
    console.log(`unable to read the test report: ${error.message}`);
    return [];
  }
}
