import type { Target } from '../exec/index.js';
import { Writer } from './writer.js';

/** `ALFT`. */
const MAGIC = 0x54464c41;

/** The first descriptor that is not standard input, output or error. */
const FIRST_FD = 3;

/**
 * Encodes a target for the runtime.
 *
 * @returns what alf_decode_target takes
 * @see native/runtime/target.c
 */
export function encodeTarget({ path, argv, environment, record }: Target): Uint8Array {
  const writer = new Writer();
  writer.string(path);
  for (const strings of [argv, environment]) writer.array(strings, (string) => writer.string(string));
  const inherited = record.descriptors.filter((fd) => fd >= FIRST_FD);
  writer.array(inherited, (fd) => writer.u32(fd));
  for (let fd = 0; fd < FIRST_FD; fd++) writer.bool(record.descriptors.includes(fd));
  writer.u64(record.ignoredSignals);
  writer.u64(record.blockedSignals);
  writer.u64(record.nofileSoft);
  writer.u64(record.nofileHard);
  return writer.finish(MAGIC);
}
