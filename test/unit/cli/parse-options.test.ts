import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure.js';
import { cutWords } from '../support/parse-options.js';

const words = (line: string) => line.split(' ').filter((word) => word !== '');

describe('parseOptions divides', () => {
  it.each([
    ['', '', ''],
    ['filter prog', '', 'filter prog'],
    ['--port 80 filter prog', '--port=80', 'filter prog'],
    ['--port=80 filter prog', '--port=80', 'filter prog'],
    ['--address :: --port 80 --type SOCK_DGRAM f p', '--address=:: --port=80 --type=SOCK_DGRAM', 'f p'],
    ['--set a,0,1 --set b,0,1 f p', '--set=a,0,1 --set=b,0,1', 'f p'],
    ['--set-file a,x --set-file=a,y f p', '--set-file=a,x --set-file=a,y', 'f p'],
    ['--set a=b,0,c=d f p', '--set=a=b,0,c=d', 'f p'],
    ['--set=a=b,0,1 f p', '--set=a=b,0,1', 'f p'],
    ['--tier ebpf f p', '--tier=ebpf', 'f p'],
    ['-v f p', '--verbose', 'f p'],
    ['-vq f p', '--verbose --quiet', 'f p'],
    ['-h', '--help', ''],
    ['--help --version', '--help --version', ''],
    ['--dry-run --json f p', '--dry-run --json', 'f p'],
    ['--verbose --quiet f p', '--verbose --quiet', 'f p'],
    ['--lock f p', '--lock', 'f p'],
    ['--port 80 -v --port=81 -v f', '--port=80 --verbose --port=81 --verbose', 'f'],
    ['--no-lock f p', '--no-lock', 'f p'],
    ['f p --port 80 -v --no-lock -- x', '', 'f p --port 80 -v --no-lock -- x'],
    ['-v f --bogus', '--verbose', 'f --bogus'],
    ['-- f p', '', 'f p'],
    ['-v -- -v p', '--verbose', '-v p'],
    ['-- -- p', '', '-- p'],
    ['--', '', ''],
    ['- p', '', '- p'],
  ])('%s', (line, own, rest) => {
    const argv = words(line);
    const cut = cutWords(argv);
    expect(cut.own).toEqual(words(own));
    expect(argv.slice(cut.rest)).toEqual(words(rest));
  });

  it.each([
    [['--port', '-1', 'f'], ['--port=-1'], 2],
    [['--port', '--', 'f'], ['--port=--'], 2],
    [['--port', '--help', 'f'], ['--port=--help'], 2],
    [['--port', '', 'f'], ['--port='], 2],
    [['--port=', 'f'], ['--port='], 1],
    [['--set', 'a b', 'f'], ['--set=a b'], 2],
    [['--set=a\nb', 'f'], ['--set=a\nb'], 1],
    [['', 'p'], [], 0],
  ])('a value may look like anything: %j', (argv, own, rest) => {
    expect(cutWords(argv)).toEqual({ own, rest });
  });
});

describe('parseOptions refuses', () => {
  const help = { hint: 'see: alfwrapper --help' };

  it.each([
    ['--bogus', 'unknown option --bogus', help],
    ['--bogus=1', 'unknown option --bogus=1', help],
    ['--Port 80', 'unknown option --Port', help],
    ['--por 80', 'unknown option --por', help],
    ['-p 80', 'unknown option -p', help],
    ['-vx', 'unknown option -vx', help],
    ['-port 80', 'unknown option -port', help],
    ['--v', 'unknown option --v', help],
    ['--h', 'unknown option --h', help],
    ['---port', 'unknown option ---port', help],
    ['--=80', 'unknown option --=80', help],
    ['--no-port', 'unknown option --no-port', help],
    ['--no-dry-run', 'unknown option --no-dry-run', help],
    ['--no-no-lock', 'unknown option --no-no-lock', help],
    ['--no-', 'unknown option --no-', help],
    ['--__proto__ x', 'unknown option --__proto__', help],
    ['--constructor', 'unknown option --constructor', help],
    ['-1', 'unknown option -1', help],
    ['--port', 'option --port needs a value: PORT', {}],
    ['--set', 'option --set needs a value: MAP,KEY,VALUE', {}],
    ['--set-file', 'option --set-file needs a value: MAP,FILE', {}],
    ['--verbose=1', 'option --verbose takes no value', {}],
    ['--lock=false', 'option --lock takes no value', {}],
    ['--no-lock=true', 'option --no-lock takes no value', {}],
    ['--dry-run=', 'option --dry-run takes no value', {}],
  ])('%s', (line, message, hint) => {
    expect(failureOf(() => cutWords(words(line)))).toEqual({ code: 'ALF_USAGE', message, ...hint });
  });
});
