// Draws the picture of README.md: npm run picture
import { writeFileSync } from 'node:fs';
import { drawIdea } from './idea.js';

writeFileSync('docs/idea.svg', drawIdea());
