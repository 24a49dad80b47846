import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';
import { type EngineName, type Evidence, findEvidence, quotedIncludes } from './dialect.js';
import type { EngineContext, OpenedFilter, OpenOptions } from './filter.js';
import { type FilterFile, readFilter } from './find.js';
import { openObject } from './object.js';

/**
 * Reads a filter with the engine that is for it: the one that was asked for, or the one its bytes say.
 *
 * @returns what the caller has to close
 * @throws AlfError ALF_FILTER if no engine is for it, ALF_COMPILE if its source cannot be compiled, ALF_OBJECT if what
 *   it has been compiled to cannot be used; nothing is left open then
 */
export async function openFilter(
  found: FilterFile,
  { engine, entry }: OpenOptions,
  context: EngineContext,
): Promise<OpenedFilter> {
  if (found.shipped && engine !== 'auto' && engine !== 'object') {
    throw new AlfError('ALF_FILTER', `filter ${found.name} is shipped as an object`, {
      hint: `to compile it with another engine, copy its source and name the copy`,
    });
  }
  if (found.unused !== undefined) {
    const own = quote(`./${found.unused}`);
    context.warn(
      `${quote(found.unused)} is the shipped filter, not the file in this directory: that is ${own}`,
    );
  }
  const bytes = readFilter(found.file);
  switch (engine === 'auto' ? chooseEngine(found, bytes, context) : engine) {
    case 'object':
      return openObject(bytes, context.ops, entry);
    case 'clang': {
      // A launch with an object does not have to load this.
      const { openClang } = await import('./clang/index.js');
      return openClang({ ...found, bytes }, entry, context);
    }
    case 'bcc': {
      const { openBcc } = await import('./bcc/index.js');
      return openBcc({ ...found, bytes }, entry, context);
    }
  }
}

function chooseEngine(found: FilterFile, bytes: Uint8Array, { report }: EngineContext): EngineName {
  if (isElf(bytes)) {
    if (!found.shipped) report?.(`engine object: ${found.shown} is an ELF file`);
    return 'object';
  }
  // A file named like an object is a damaged object, not C.
  if (found.file.endsWith('.o')) return 'object';
  const { file, shown: name } = found;
  if (bytes.length === 0) throw unusable(name, 'the file is empty');
  if (bytes.includes(0)) throw unusable(name, 'it is neither C source nor an ELF object');
  if (bytes.length > MAX_SOURCE_BYTES)
    throw unusable(name, `C source of more than ${MAX_SOURCE_BYTES / 2 ** 20} MiB, which is the limit`);
  const { evidence, where } = gatherEvidence(file, new TextDecoder().decode(bytes));
  const [first, second] = evidence;
  if (first === undefined) throw unclear(name, 'nothing in it shows whether it is libbpf style or BCC');
  const shown = ({ what, line }: Evidence) => `${what} on line ${line}`;
  if (second !== undefined) {
    const [libbpf, bcc] = first.engine === 'clang' ? [first, second] : [second, first];
    throw unclear(name, `${shown(libbpf)} is libbpf style, ${shown(bcc)} is BCC`);
  }
  const dialect = first.engine === 'clang' ? 'libbpf style' : 'the dialect of BCC';
  report?.(`engine ${first.engine}: ${where === file ? name : where} is in ${dialect}: ${shown(first)}`);
  return first.engine;
}

/** Where the file itself says nothing, what it includes from beside it may. */
function gatherEvidence(
  file: string,
  source: string,
): { readonly evidence: readonly Evidence[]; readonly where: string } {
  const own = findEvidence(source);
  if (own.length > 0) return { evidence: own, where: file };
  const seen = new Set([file]);
  const queue = [{ file, source }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const name of quotedIncludes(next.source)) {
      const included = resolve(dirname(next.file), name);
      if (seen.has(included) || seen.size > MAX_INCLUDES) continue;
      seen.add(included);
      const text = readText(included);
      const evidence = findEvidence(text);
      if (evidence.length > 0) return { evidence, where: included };
      queue.push({ file: included, source: text });
    }
  }
  return { evidence: [], where: file };
}

const MAX_INCLUDES = 64;

/** Longer strings and comments exceed the stack of regular expressions. */
const MAX_SOURCE_BYTES = 4 * 2 ** 20;

/** What cannot be read is for the compiler to complain about. */
function readText(file: string): string {
  try {
    // A pipe would keep us waiting.
    const status = statSync(file);
    return status.isFile() && status.size <= MAX_SOURCE_BYTES ? readFilter(file).toString('utf8') : '';
  } catch {
    return '';
  }
}

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function unusable(file: string, reason: string): AlfError {
  return new AlfError('ALF_FILTER', `unable to use filter ${quote(file)}: ${reason}`, {
    hint: 'expected C source, or an object as clang -target bpf makes it',
  });
}

function unclear(file: string, reason: string): AlfError {
  return new AlfError('ALF_FILTER', `unable to detect the dialect of ${quote(file)}: ${reason}`, {
    remedy: { kind: 'name engine' },
  });
}
