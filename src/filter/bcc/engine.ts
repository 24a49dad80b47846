import { ENTRY, type ObjectSpec, traitsOf } from '../../bpf/object/index.js';
import { AlfError } from '../../errors/index.js';
import { check } from '../../kernel/index.js';
import { hostIsLittleEndian } from '../../net/index.js';
import type { EngineContext, LoadedFilter, OpenedFilter, SourceFile } from '../filter.js';
import { type BccModule, compileModule } from './module.js';
import { kernelSource, readSource } from './source.js';

/**
 * The engine for C in BCC's dialect: compiles it, which creates its tables in the kernel, and describes them.
 *
 * @param entry name of the function it starts at; without one it is `filter`, or the only one there is
 * @throws AlfError ALF_FILTER if the source is empty, ALF_COMPILE if it does not compile, ALF_MAP if the kernel refuses a
 *   table, ALF_OBJECT if there is no such entry, ALF_NATIVE without libbcc; nothing is left open then
 */
export function openBcc(
  { file, shown, bytes }: SourceFile,
  entry: string | undefined,
  { ops, root, variable, warn }: EngineContext,
): OpenedFilter {
  const source = readSource({ file, text: new TextDecoder().decode(bytes) }, shown);
  const module = compileModule(ops, source, kernelSource(root, variable('BCC_KERNEL_SOURCE')));
  try {
    module.warnings.forEach(warn);
    return {
      engine: 'bcc',
      spec: describeModule(module, entry),
      load: (filter) => {
        for (const { map, key, value } of filter.entries)
          module.table(map).update(Buffer.from(key, 'hex'), Buffer.from(value, 'hex'));
        return load(module, filter.entry, filter.name, (fd) => ops.bpf().programId(fd));
      },
      traits: () =>
        traitsOf(
          module.license,
          module.functions.map((name) => module.code(name)),
          hostIsLittleEndian(),
        ),
      close: () => module.close(),
    };
  } catch (error) {
    module.close();
    throw error;
  }
}

function describeModule({ functions, tables }: BccModule, wanted: string | undefined): ObjectSpec {
  return {
    entry: pickFunction(functions, wanted),
    programs: functions.map((name) => ({ name, section: 'socket' })),
    maps: tables.map(({ spec }) => spec),
    littleEndian: hostIsLittleEndian(),
  };
}

/** Every function that is not static can be loaded as a program for any hook. */
function pickFunction(functions: readonly string[], wanted: string | undefined): string {
  const name = wanted ?? (functions.length === 1 ? functions[0] : ENTRY) ?? ENTRY;
  if (functions.includes(name)) return name;
  const names = functions.join(', ') || 'none';
  if (wanted === undefined && functions.length > 1) {
    throw new AlfError('ALF_OBJECT', `the filter has several functions, none called ${ENTRY}: ${names}`, {
      remedy: { kind: 'name entry' },
    });
  }
  throw new AlfError('ALF_OBJECT', `the filter has no function ${name} (it has: ${names})`, {
    hint: 'the entry of a filter is: uint32_t filter(struct __sk_buff *skb)',
  });
}

function load(
  module: BccModule,
  entry: string,
  name: string,
  programId: (fd: number) => number,
): LoadedFilter {
  const program = module.load(entry, name);
  try {
    const id = check(programId(program.fd), 'ALF_OBJECT', `load filter ${name}`);
    return {
      ...{ programFd: program.fd, programId: id },
      instructions: () => module.instructions(entry),
      close: () => program.close(),
    };
  } catch (error) {
    program.close();
    throw error;
  }
}
