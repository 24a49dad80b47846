/** Whether this machine, and so its kernel, stores the low byte of a number first. */
export function hostIsLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}
