import { execFileSync } from 'node:child_process';

/** Formats of the kernel inside a bzImage that a program here unpacks, by their first bytes. */
const UNPACKERS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  '28b52ffd': ['zstd', '-dc'],
  fd377a58: ['xz', '-dc', '--single-stream'],
  '02214c18': ['lz4', '-dc'],
};

/** Offsets in a bzImage. @see Documentation/arch/x86/boot.rst in the kernel's source */
const [SETUP_SECTORS, PAYLOAD_OFFSET, PAYLOAD_LENGTH] = [0x1f1, 0x248, 0x24c];
const SECTOR = 512;

/** After the compressed kernel: its size. */
const TRAILER = 4;

/**
 * Unpacks the kernel in a bzImage: under emulation it would take two seconds to unpack itself.
 *
 * @returns an ELF file that qemu boots by its PVH entry; the bzImage itself if its compression is another
 */
export function unpackKernel(image: Buffer): Buffer {
  const start = ((image[SETUP_SECTORS] || 4) + 1) * SECTOR + image.readUInt32LE(PAYLOAD_OFFSET);
  const payload = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH) - TRAILER);
  const [program, ...args] = UNPACKERS[payload.toString('hex', 0, 4)] ?? [];
  return program === undefined ? image : execFileSync(program, args, { input: payload, maxBuffer: 1 << 28 });
}
