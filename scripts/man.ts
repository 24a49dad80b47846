// Writes man/alfwrapper.1 from the option table: npm run man.
import { writeFileSync } from 'node:fs';
import { manualPage } from './manual.js';

writeFileSync(new URL('../man/alfwrapper.1', import.meta.url), manualPage());
