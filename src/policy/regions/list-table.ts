/** Gives equal lists of numbers equal indexes, from 0 in the order of their first occurrence. */
export class ListTable {
  readonly #indexes = new Map<string, number>();
  readonly #lists: (readonly number[])[] = [];

  /** Every list so far, at its index. */
  get lists(): readonly (readonly number[])[] {
    return this.#lists;
  }

  /** The index of a list. */
  indexOf(list: readonly number[]): number {
    const key = list.join();
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.#lists.length);
    this.#lists.push([...list]);
    return this.#lists.length - 1;
  }
}
