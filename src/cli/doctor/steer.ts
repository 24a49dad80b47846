import type { Examination } from '../../app/index.js';
import { refusedSocketOption } from './classic.js';
import { CONTAINER_CALLS, type Finding, failed, ok, SYSTEM_CALLS, type Unlock } from './diagnosis.js';

const SETUP: Unlock = { where: 'in the package', line: 'scripts/setup.sh' };

/** Says whether TCP connections can be steered here: kernel, companion and guard. */
export function diagnoseSteer(examination: Examination): Finding {
  const { tiers, companion, guard } = examination;
  if (!tiers.steer.works) return refusedSocketOption('steering', tiers.steer, examination);
  switch (companion.state) {
    case 'missing':
      return failed([`the companion is missing: ${companion.file}`], [SETUP]);
    case 'not executable':
      return failed(
        [`the companion cannot be executed: ${companion.file}`],
        [{ where: 'if its mode is to blame', line: `chmod +x ${companion.file}` }],
        ['a file system that is mounted noexec refuses as well'],
      );
    case 'executable':
  }
  if (!guard.works) {
    return failed(
      [`the program cannot be kept from taking steering off (seccomp): ${guard.reason} (${guard.errno})`],
      [
        ...(examination.seccomp ? [SYSTEM_CALLS, CONTAINER_CALLS] : []),
        { where: 'without this guard', line: '--no-lock' },
      ],
    );
  }
  return ok();
}
