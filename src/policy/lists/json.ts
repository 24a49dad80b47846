import { quote } from '../../errors/index.js';
import { parsePrefix } from '../../net/index.js';
import { alternatives, refuse } from '../refuse.js';
import type { Warning } from '../syntax.js';
import type { SourceLocation } from '../types.js';
import type { ByteLines } from './byte-lines.js';
import { JSON_FORMATS, JSON_LINES, type JsonPlace, jsonRoot } from './json-formats.js';
import { type JsonString, JsonTokens } from './json-tokens.js';
import type { ListEntries } from './list-entries.js';

const MAX_DEPTH = 64;
const CONVERT = `expected ${JSON_FORMATS}; list other prefixes one a line: jq -r '.. | strings | select(test("^[0-9a-f.:]+/[0-9]+$"))' FILE`;

/** The result of reading, without the entries. */
export interface JsonList {
  /** The format, for messages. */
  readonly format: string;
  readonly warnings: readonly Warning[];
}

/**
 * Reads JSON texts in which networks publish their prefixes. The first entry determines the format.
 *
 * Refuses an object without its entry, and a prefix that is not an entry: a text is understood completely.
 *
 * @throws AlfError ALF_RULE for anything else
 */
export function readJsonList(lines: ByteLines, entries: ListEntries): JsonList {
  return new JsonReader(lines, entries).read();
}

class JsonReader {
  readonly #lines: ByteLines;
  readonly #entries: ListEntries;
  readonly #tokens: JsonTokens;
  readonly #root = jsonRoot();
  #format: string | undefined;
  #hasMetadata = false;
  #records: number | undefined;

  constructor(lines: ByteLines, entries: ListEntries) {
    this.#lines = lines;
    this.#entries = entries;
    this.#tokens = new JsonTokens(lines);
  }

  read(): JsonList {
    const start = this.#lines.location(this.#lines.lineStart);
    let last = start;
    do {
      last = this.#here();
      this.#readValue(this.#root, 0);
      if (this.#format === undefined) refuse(last, 'an unknown kind of JSON', CONVERT);
    } while (this.#format === JSON_LINES && this.#tokens.peek() !== undefined);
    if (this.#tokens.peek() !== undefined) this.#tokens.refuse('the end of the text');
    return { format: this.#format, warnings: this.#checkComplete(last) };
  }

  /** Only Spamhaus lists have the number of entries. */
  #checkComplete(last: SourceLocation): Warning[] {
    if (this.#format !== JSON_LINES) return [];
    const { count } = this.#entries;
    if (this.#records !== undefined && this.#records !== count) {
      const reason = `the list has ${count} of the ${this.#records} entries that its metadata counts`;
      refuse(last, reason, 'the file is damaged: get it again');
    }
    if (this.#hasMetadata) return [];
    return [{ location: last, message: 'the last record is not the metadata: the file may be cut off' }];
  }

  #readValue(place: JsonPlace | undefined, depth: number): void {
    const next = this.#tokens.peek();
    if (depth > MAX_DEPTH) this.#tokens.refuse(`at most ${MAX_DEPTH} levels`);
    if (place?.role === 'entry' && next !== '"') this.#tokens.refuse('an address or prefix in quotes');
    if (next === '{') this.#readObject(place, depth);
    else if (next === '[') this.#readArray(place, depth);
    else if (place !== undefined && place.role === undefined) this.#tokens.refuse(this.#membersOf(place));
    else if (next === '"') this.#readString(place, this.#tokens.string('a string'));
    else this.#readScalar(place);
  }

  #readObject(place: JsonPlace | undefined, depth: number): void {
    const location = this.#here();
    const expected = this.#expectedKeys(place);
    const hadMetadata = this.#hasMetadata;
    let hasExpected = false;
    this.#tokens.expect('{');
    if (!this.#tokens.take('}')) {
      do {
        const key = this.#tokens.textOf(this.#tokens.string('a name in quotes'));
        this.#tokens.expect(':');
        hasExpected ||= expected.includes(key);
        this.#readValue(place?.keys.get(key), depth + 1);
      } while (this.#tokens.take(','));
      this.#tokens.expect('}', '"," or "}"');
    }
    const isMetadata = place === this.#root && this.#hasMetadata && !hadMetadata;
    if (hasExpected || expected.length === 0 || isMetadata) return;
    if (place === this.#root && this.#format === undefined)
      refuse(location, 'an unknown kind of JSON', CONVERT);
    refuse(location, `an object without ${alternatives(expected)}`, CONVERT);
  }

  #readArray(place: JsonPlace | undefined, depth: number): void {
    if (place !== undefined && place.item === undefined) this.#tokens.refuse(this.#membersOf(place));
    this.#tokens.expect('[');
    if (this.#tokens.take(']')) return;
    do this.#readValue(place?.item, depth + 1);
    while (this.#tokens.take(','));
    this.#tokens.expect(']', '"," or "]"');
  }

  #readString(place: JsonPlace | undefined, string: JsonString): void {
    if (place?.role === 'entry') {
      this.#noteFormat(place, string);
      if (string.plain) this.#entries.add(string.start, string.end);
      else this.#entries.addText(this.#tokens.textOf(string), string.start);
      return;
    }
    const text = this.#tokens.textOf(string);
    if (place?.role === 'metadata') this.#hasMetadata ||= text === 'metadata';
    if (isPrefix(text)) {
      refuse(this.#lines.location(string.start), `unexpected prefix ${quote(text)} here`, CONVERT);
    }
  }

  #readScalar(place: JsonPlace | undefined): void {
    const value = this.#tokens.scalar();
    if (place?.role === 'count' && typeof value === 'number') this.#records = value;
  }

  #noteFormat({ format }: JsonPlace, { start }: JsonString): void {
    this.#format ??= format;
    if (this.#format === format) return;
    refuse(this.#lines.location(start), `an entry of ${format}: expected ${this.#format}`);
  }

  /** The members of an object, of which it must have one. */
  #expectedKeys(place: JsonPlace | undefined): string[] {
    return [...(place?.keys ?? [])].flatMap(([key, { role }]) =>
      role === undefined || role === 'entry' ? [key] : [],
    );
  }

  #membersOf(place: JsonPlace): string {
    const keys = this.#expectedKeys(place);
    const object = keys.length === 0 ? [] : [`an object with ${alternatives(keys)}`];
    return alternatives([...object, ...(place.item === undefined ? [] : ['an array'])]);
  }

  #here(): SourceLocation {
    return this.#tokens.location();
  }
}

/** Whether text is a prefix with its length. Metadata may have plain addresses, such as those of servers. */
function isPrefix(text: string): boolean {
  if (!/^[\d.a-f:]+\/\d+$/i.test(text)) return false;
  try {
    parsePrefix(text);
    return true;
  } catch {
    return false;
  }
}
