import { expect, it } from 'vitest';
import { urisOf } from '../../kernels/lab/mirror.js';

it.each([
  [
    'Types: deb\nURIs: http://mirror/debian/ http://other/debian\nSuites: trixie\n',
    ['http://mirror/debian', 'http://other/debian'],
  ],
  ['deb http://mirror/debian bookworm main\n', ['http://mirror/debian']],
  [
    'deb [arch=amd64 signed-by=/key] http://mirror/debian-security/ x main',
    ['http://mirror/debian-security'],
  ],
  ['# deb http://mirror/debian bookworm main\n#URIs: http://mirror/debian\n', []],
  ['deb-src http://mirror/debian bookworm main\n', []],
  ['', []],
])('finds the archives of %j', (text, uris) => {
  expect(urisOf(text)).toEqual(uris);
});
