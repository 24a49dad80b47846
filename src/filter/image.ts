import { type Image, PAGE_BYTES } from '../compile/table/index.js';
import { type BpfOps, check } from '../kernel/index.js';

/** What a page is called in `bpftool map`. */
const PAGE_NAME = 'alf_page';
const FIRST = new Uint8Array(4);

/** Descriptors of the maps that hold an image; they stay the caller's. */
export interface ImageMaps {
  /** The first pages. */
  readonly heads: number;
  /** The array of the other pages. */
  readonly pages: number;
}

/**
 * Puts the image of a policy into the bank that a freshly loaded filter reads: it judges by it from then on.
 *
 * Most policies have one page, which is at hand in the filter. The others of a larger one go into their slots with one
 * call where the kernel has it, because every single update of an array of maps waits until no packet can see the old
 * one; the first page follows, so that there is no half a policy.
 *
 * @throws AlfError ALF_MAP
 * @see ebpf/include/alf/policy_maps.h
 */
export function writeImage(bpf: BpfOps, maps: ImageMaps, image: Image): void {
  if (image.pages > 1) writePages(bpf, maps.pages, image);
  check(bpf.mapUpdate(maps.heads, FIRST, image.page(0)), 'ALF_MAP', 'put the policy in force');
}

/** Creates all pages but the first, and puts them into their slots. */
function writePages(bpf: BpfOps, pages: number, image: Image): void {
  const descriptors: number[] = [];
  try {
    for (let page = 1; page < image.pages; page++) {
      const fd = check(bpf.mapCreateArray(PAGE_NAME, PAGE_BYTES), 'ALF_MAP', 'create a page of the policy', {
        ENOMEM: 'the kernel has no memory left for the policy',
      });
      descriptors.push(fd);
      check(bpf.mapUpdate(fd, FIRST, image.page(page)), 'ALF_MAP', 'fill a page of the policy');
    }
    addPages(bpf, pages, descriptors);
  } finally {
    for (const fd of descriptors) bpf.mapClose(fd);
  }
}

/** Puts pages into their slots, from 1 on: all at once, or one by one where that is refused, as by Linux 5.10. */
function addPages(bpf: BpfOps, pages: number, descriptors: readonly number[]): void {
  const slots = Uint32Array.from(descriptors, (_, i) => i + 1);
  const values = Int32Array.from(descriptors);
  if (bpf.mapUpdateBatch(pages, bytesOf(slots), bytesOf(values), descriptors.length) >= 0) return;
  for (const i of descriptors.keys()) {
    const status = bpf.mapUpdate(
      pages,
      bytesOf(slots.subarray(i, i + 1)),
      bytesOf(values.subarray(i, i + 1)),
    );
    check(status, 'ALF_MAP', 'add a page of the policy');
  }
}

function bytesOf(numbers: Uint32Array | Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
