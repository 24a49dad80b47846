import type { Examination } from '../../app/index.js';
import { type Finding, failed, type Unlock } from './diagnosis.js';

const SETUP: Unlock = { where: 'in the package', line: 'scripts/setup.sh' };

/** Says why the companion cannot be started; undefined if it can. */
export function diagnoseCompanion({ companion: { state, file } }: Examination): Finding | undefined {
  switch (state) {
    case 'missing':
      return failed([`the companion is missing: ${file}`], [SETUP]);
    case 'not executable':
      return failed(
        [`the companion cannot be executed: ${file}`],
        [{ where: 'if its mode is to blame', line: `chmod +x ${file}` }],
        ['a file system that is mounted noexec refuses as well'],
      );
    case 'executable':
      return undefined;
  }
}
