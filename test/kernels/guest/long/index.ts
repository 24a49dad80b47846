import type { Check } from '../check.js';
import { DOCTOR } from './doctor.js';
import { FILTERS } from './filters.js';
import { KERNEL } from './kernel.js';
import { RULES } from './rules.js';
import { TARGET } from './target.js';

/** The checks of the long form that the short form does not have. */
export const LONG: readonly Check[] = [...DOCTOR, ...RULES, ...FILTERS, ...TARGET, ...KERNEL];
