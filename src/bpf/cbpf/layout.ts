import type { Condition, Insn } from './insn.js';

/** The note on an instruction in a listing; a function where only a listing should compute it. */
export type Note = string | (() => string);

/** An instruction that does not jump or return. */
export interface Step {
  readonly insn: Insn;
  readonly note?: Note | undefined;
}

/** How a block ends. Labels name blocks that come later. */
export type Ending =
  | { readonly kind: 'return'; readonly k: number; readonly note?: Note | undefined }
  | { readonly kind: 'goto'; readonly to: string }
  | {
      readonly kind: 'branch';
      readonly cond: Condition;
      /** The operand, compared with A. */
      readonly k: number;
      /** Where it goes on if the condition holds. */
      readonly yes: string;
      readonly no: string;
      readonly note?: Note | undefined;
    };

/** A straight interval of program with one entrance, its label, and one ending. */
export interface Block {
  readonly label: string;
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

/** A conditional jump holds eight bits. */
const REACH = 255;

/**
 * Concatenates blocks and turns labels into distances.
 *
 * A conditional jump that is farther than 255 instructions from its target gets a trampoline right behind itself,
 * `ja` or, where the target does nothing but return, a copy of that return; jumps before it share it. A `goto` to
 * the block that follows costs nothing.
 *
 * @param blocks in an order in which every jump goes forward; the first one is the entrance
 * @throws RangeError for a label that is not defined by a later block: a bug of the caller
 */
export function layOut(blocks: readonly Block[]): Step[] {
  const layout = new Layout();
  for (const block of [...blocks].reverse()) layout.prepend(block);
  return layout.steps();
}

/** Everything is counted from the end: jumps go forward, so all targets are placed before the jump is. */
class Layout {
  readonly #placed: Step[] = [];
  /** How many instructions there are from the start of a block to the end. */
  readonly #places = new Map<string, number>();
  /** The same of the place that is nearest now and leads to that block: itself, or the last trampoline. */
  readonly #entrances = new Map<string, number>();
  readonly #returns = new Map<string, Step>();

  steps(): Step[] {
    return [...this.#placed].reverse();
  }

  prepend({ label, steps, ending }: Block): void {
    if (ending.kind === 'return') this.#prependReturn(label, steps.length, ending);
    if (ending.kind === 'goto') this.#prependGoto(ending.to);
    if (ending.kind === 'branch') this.#prependBranch(ending);
    this.#placed.push(...[...steps].reverse());
    this.#places.set(label, this.#placed.length);
    this.#entrances.set(label, this.#placed.length);
  }

  #prependReturn(label: string, steps: number, { k, note }: Ending & { kind: 'return' }): void {
    const step: Step = { insn: { op: 'retK', k }, note };
    this.#placed.push(step);
    if (steps === 0) this.#returns.set(label, step);
  }

  #prependGoto(to: string): void {
    if (this.#distance(this.#places, to) > 0) this.#placed.push(this.#steppingStone(to));
  }

  #prependBranch({ cond, k, yes, no, note }: Ending & { kind: 'branch' }): void {
    // A stone pushes the other target away by one, hence again until both are within reach.
    for (let far = this.#far(yes, no); far !== undefined; far = this.#far(yes, no)) {
      this.#placed.push(this.#steppingStone(far));
      this.#entrances.set(far, this.#placed.length);
    }
    const jt = this.#distance(this.#entrances, yes);
    const jf = this.#distance(this.#entrances, no);
    this.#placed.push({ insn: { op: 'jmpK', cond, k, jt, jf }, note });
  }

  #far(...labels: readonly string[]): string | undefined {
    return labels.find((label) => this.#distance(this.#entrances, label) > REACH);
  }

  #steppingStone(to: string): Step {
    return this.#returns.get(to) ?? { insn: { op: 'ja', k: this.#distance(this.#places, to) } };
  }

  /** How many instructions a jump placed now would skip. */
  #distance(places: ReadonlyMap<string, number>, label: string): number {
    const place = places.get(label);
    if (place === undefined) throw new RangeError(`no later block has the label ${label}`);
    return this.#placed.length - place;
  }
}
