import { accessSync, constants } from 'node:fs';
import { resolveProgram } from '../exec/index.js';
import type { Plan } from '../plan/index.js';
import { throwFailure } from './failure.js';
import type { Resources } from './launch.js';

/**
 * Checks that the programs of ours that a launch is going to start can be executed, in the order it starts them.
 *
 * @throws AlfError ALF_KEEPER, ALF_NOT_FOUND or ALF_NOT_EXECUTABLE, as the launch would
 */
export function checkHelpers(
  plan: Plan,
  { companion, acceptor }: Pick<Resources, 'companion' | 'acceptor'>,
): void {
  if (plan.interception !== undefined || plan.listeners.some(({ tier }) => tier === 'steer'))
    checkCompanion(plan, companion);
  if (plan.passing !== undefined) resolveProgram(Buffer.from(acceptor), undefined);
}

function checkCompanion(plan: Plan, companion: string): void {
  try {
    accessSync(companion, constants.X_OK);
  } catch (error) {
    const errno = -((error as NodeJS.ErrnoException).errno ?? 0);
    throwFailure(
      { step: 'companion', part: 0, listener: 0, index: 0, errno },
      { plan, changes: [], companion },
    );
  }
}
