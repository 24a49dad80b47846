import { refusedSocketOption } from './classic.js';
import {
  amiss,
  CONTAINER_CALLS,
  type Examination,
  type Finding,
  SYSTEM_CALLS,
  type Unlock,
  well,
} from './diagnosis.js';

const SETUP: Unlock = { where: 'in the package', line: 'scripts/setup.sh' };

/** Says whether TCP connections can be steered here: kernel, keeper and guard. */
export function diagnoseSteer(examination: Examination): Finding {
  const { tiers, keeper, guard } = examination;
  if (!tiers.steer.works) return refusedSocketOption('steering', tiers.steer, examination);
  switch (keeper.state) {
    case 'missing':
      return amiss([`the keeper is missing: ${keeper.file}`], [SETUP]);
    case 'not executable':
      return amiss(
        [`the keeper cannot be executed: ${keeper.file}`],
        [{ where: 'if its mode is to blame', line: `chmod +x ${keeper.file}` }],
        ['a file system that is mounted noexec refuses as well'],
      );
    case 'executable':
  }
  if (!guard.works) {
    return amiss(
      [`the program cannot be kept from taking steering off (seccomp): ${guard.reason} (${guard.errno})`],
      [
        ...(examination.seccomp ? [SYSTEM_CALLS, CONTAINER_CALLS] : []),
        { where: 'without this guard', line: '--no-lock' },
      ],
    );
  }
  return well();
}
