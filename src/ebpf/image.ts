import { type Image, PAGE_BYTES } from '../abi/index.js';
import { type BpfOps, check } from '../native/index.js';

/** What a page is called in `bpftool map`. */
const PAGE_NAME = 'alf_page';
const FIRST = new Uint8Array(4);

/**
 * Puts the image of a policy into the bank that a freshly loaded filter reads: it judges by it from then on.
 *
 * All pages go into their slots with one call, because every single update of an array of maps waits until no packet
 * can see the old one.
 *
 * @param pages descriptor of the array of pages; stays the caller's
 * @throws AlfError ALF_MAP
 * @see ebpf/include/alf/policy_maps.h
 */
export function writeImage(bpf: BpfOps, pages: number, image: Image): void {
  const descriptors: number[] = [];
  try {
    for (let page = 0; page < image.pages; page++) {
      const fd = check(bpf.mapCreateArray(PAGE_NAME, PAGE_BYTES), 'ALF_MAP', 'create a page of the policy', {
        ENOMEM: 'the kernel has no memory left for the policy',
      });
      descriptors.push(fd);
      check(bpf.mapUpdate(fd, FIRST, image.page(page)), 'ALF_MAP', 'fill a page of the policy');
    }
    const slots = Uint32Array.from(descriptors.keys());
    const values = Int32Array.from(descriptors);
    const status = bpf.mapUpdateBatch(pages, bytesOf(slots), bytesOf(values), descriptors.length);
    check(status, 'ALF_MAP', 'put the policy in force');
  } finally {
    for (const fd of descriptors) bpf.mapClose(fd);
  }
}

function bytesOf(numbers: Uint32Array | Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
