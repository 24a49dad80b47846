import type { Examination } from '../../app/index.js';
import { refusedSocketOption } from './classic.js';
import { diagnoseCompanion } from './companion.js';
import { CONTAINER_CALLS, type Finding, failed, ok, SYSTEM_CALLS } from './diagnosis.js';

/** Says whether TCP connections can be steered here: kernel, companion and guard. */
export function diagnoseSteer(examination: Examination): Finding {
  const { tiers, guard } = examination;
  if (!tiers.steer.works) return refusedSocketOption('steering', tiers.steer, examination);
  const companion = diagnoseCompanion(examination);
  if (companion !== undefined) return companion;
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
