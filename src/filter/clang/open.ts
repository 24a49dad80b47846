import { readCredentials } from '../../kernel/probe/index.js';
import type { EngineContext, OpenedFilter, SourceFile } from '../filter.js';
import { openObject } from '../object.js';
import { Cache, cacheBase, NoCache } from './cache.js';
import { compile } from './compile.js';
import { type Compiler, findCompiler } from './compiler.js';
import { decodeEntry, encodeEntry, nameEntry } from './entry.js';

/**
 * The engine for C in libbpf style: compiles it with clang, or takes what was compiled from the same files before.
 *
 * @param entry name of the function it starts at; without one it is `filter`, or the only program there is
 * @throws AlfError ALF_COMPILE if there is no clang or it refuses the source, ALF_OBJECT if the result is not a filter
 */
export function openClang(
  source: SourceFile,
  entry: string | undefined,
  context: EngineContext,
): OpenedFilter {
  const compiler = findCompiler(context, source.shown);
  const cache = openCache(context);
  try {
    const object = compileCached(source, compiler, cache, context);
    return { ...openObject(object, context.ops, entry), engine: 'clang' };
  } finally {
    cache?.close();
  }
}

function compileCached(
  source: SourceFile,
  compiler: Compiler,
  cache: Cache | undefined,
  context: EngineContext,
): Uint8Array {
  const { report, warn } = context;
  const name = nameEntry(source, compiler);
  const cached = cache?.read(name);
  const known = cached && decodeEntry(cached);
  if (known !== undefined) {
    report?.(`${source.shown}: compiled before, taken from the cache`);
    return known;
  }
  const compiled = compile(source, compiler, context);
  const entry = encodeEntry(source, compiled);
  report?.(
    `${source.shown}: compiled with ${compiler.path}${entry === undefined ? '; it cannot be cached' : ''}`,
  );
  if (cache === undefined || entry === undefined) return compiled.object;
  try {
    cache.write(name, entry, context.pid);
  } catch (error) {
    if (!(error instanceof NoCache)) throw error;
    warn(`the compiled filter is not kept: ${error.message}`);
  }
  return compiled.object;
}

/** Without a cache a filter takes longer to start and works as well. */
function openCache({ ops, variable, report, warn }: EngineContext): Cache | undefined {
  try {
    const { uid } = readCredentials();
    const base = cacheBase(variable, uid, () => {
      const entry = ops.core.user(uid);
      return typeof entry === 'object' ? entry.home : undefined;
    });
    if (base !== undefined) return Cache.open(base, uid);
    report?.('no cache for compiled filters: neither XDG_CACHE_HOME nor HOME names a directory of this user');
  } catch (error) {
    if (!(error instanceof NoCache)) throw error;
    warn(`no cache for compiled filters: ${error.message}`);
  }
  return undefined;
}
