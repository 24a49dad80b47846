/** Steps of a list while they are put together: keys from `firsts[i]` up to the next have `results[i]`. */
export interface Cells {
  readonly count: number;
  readonly firsts: Uint32Array;
  readonly results: Uint32Array;
}

/** Cells that grow; reused from one list to the next. */
export class CellBuffer implements Cells {
  count = 0;
  firsts = new Uint32Array(64);
  results = new Uint32Array(64);

  clear(): void {
    this.count = 0;
  }

  /** Adds a step behind the others; one at the same key takes the place of the last. */
  push(first: number, result: number): void {
    if (this.count > 0 && this.firsts[this.count - 1] === first) this.count--;
    if (this.count === this.firsts.length) {
      this.firsts = enlarge(this.firsts);
      this.results = enlarge(this.results);
    }
    this.firsts[this.count] = first;
    this.results[this.count] = result;
    this.count++;
  }
}

function enlarge(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}
