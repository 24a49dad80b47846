import type { EngineContext } from '../filter/index.js';
import { gatherCapabilities } from '../kernel/probe/index.js';
import { tryFilter } from '../launch/index.js';
import { interfaceQuestions } from '../plan/index.js';
import { type Explanation, explain } from './explanation.js';
import { openFilterSource } from './filter-source.js';
import type { LaunchRequest } from './launch-program.js';

/**
 * Explains what a launch would do, and the programs it would put on the sockets. Needs no privilege, even
 * if the launch does.
 *
 * @throws AlfError as {@link explain} does, and for filters and rules that cannot be read
 */
export async function explainLaunch(request: LaunchRequest, context: EngineContext): Promise<Explanation> {
  const { ops, warn } = context;
  const { input, filter, warnings } = await openFilterSource(request, context);
  try {
    const capabilities = gatherCapabilities(ops, {
      identity: request.config.identity,
      interfaces: interfaceQuestions(request.config, input),
      interception: request.config.interception !== undefined,
    });
    const first = explain(request.config, input, capabilities);
    const tried = tryFilter(first.plan, input, filter, capabilities, ops.core);
    const explanation = tried === capabilities ? first : explain(request.config, input, tried);
    for (const line of [...warnings, ...explanation.plan.warnings]) warn(line);
    return explanation;
  } finally {
    filter.close();
  }
}
