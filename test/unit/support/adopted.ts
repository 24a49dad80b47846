import { parseListenSpec } from '../../../src/net/index.js';
import { makePlan, type PlannedListener } from '../../../src/plan/index.js';
import { capabilitiesOf, configOf, filterOf } from './plans.js';

/** The plan of a listener that was passed in at descriptor 3. */
export function planInherited(spec: string): PlannedListener {
  const capabilities = capabilitiesOf({ inherited: [{ name: 'web', spec: parseListenSpec(spec) }] });
  const [listener] = makePlan(configOf({ listeners: [] }), filterOf(), capabilities).listeners;
  return listener as PlannedListener;
}
