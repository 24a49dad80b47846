/** The kernel keeps the values of a per-CPU map at multiples of this many bytes. */
const ALIGNMENT = 8;

/** How far apart the values of the CPUs are, in bytes. */
export function perCpuStride(valueSize: number): number {
  return Math.ceil(valueSize / ALIGNMENT) * ALIGNMENT;
}

/**
 * The same value for every CPU, as the kernel takes it for an entry of a per-CPU map.
 *
 * @param cpus how many CPUs are possible on the machine, whether they are there or not
 */
export function valueOfEveryCpu(value: Uint8Array, cpus: number): Uint8Array {
  const stride = perCpuStride(value.length);
  const bytes = new Uint8Array(stride * cpus);
  for (let cpu = 0; cpu < cpus; cpu++) bytes.set(value, cpu * stride);
  return bytes;
}
