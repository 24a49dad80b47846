/** What a codec may need to know beside the value, and may have to say. */
export interface CodecContext {
  /** The index of an interface of this machine, undefined if there is none of that name. */
  readonly interfaceIndex: (name: string) => number | undefined;
  /** The name of an interface, undefined where it is not known. */
  readonly interfaceName: (index: number) => string | undefined;
  /** Takes one line about something accepted that its author may not have meant. */
  readonly warn: (message: string) => void;
  /** Byte order of the object. */
  readonly littleEndian: boolean;
}

/** How values of one type are written by hand. */
export interface Codec {
  /** What a value looks like, to follow "expected". */
  readonly expects: string;
  /** The bytes of a value. @throws AlfError ALF_ADDRESS or ALF_ENTRY */
  readonly parse: (text: string, context: CodecContext) => Uint8Array;
  /** The text of a value; undefined for bytes that no text stands for. */
  readonly format: (bytes: Uint8Array, context: CodecContext) => string | undefined;
}
