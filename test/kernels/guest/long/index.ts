import type { Check } from '../check.js';
import { FILTERS } from './filters.js';
import { KERNEL } from './kernel.js';
import { RULES } from './rules.js';
import { TARGET } from './target.js';

/** What is asked beside the short form when somebody asks for everything. */
export const LONG: readonly Check[] = [...RULES, ...FILTERS, ...TARGET, ...KERNEL];
