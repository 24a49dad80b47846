/** The meaning of a value in a JSON text: an entry, the mark of a metadata record, the count of entries. */
export type JsonRole = 'entry' | 'metadata' | 'count';

/** A place in a JSON text, and the places below it. */
export interface JsonPlace {
  /** The members of an object. */
  readonly keys: Map<string, JsonPlace>;
  /** The elements of an array. */
  item: JsonPlace | undefined;
  role: JsonRole | undefined;
  /** The format that has an entry here. */
  format: string | undefined;
}

/** The format with one record a line. */
export const JSON_LINES = 'Spamhaus DROP as JSON lines';

/** The places of entries: `.name` is a member, `[]` an element. */
const ENTRIES: readonly (readonly [format: string, places: readonly string[]])[] = [
  ['the IP ranges of AWS as JSON', ['.prefixes[].ip_prefix', '.ipv6_prefixes[].ipv6_prefix']],
  ['the IP ranges of Google as JSON', ['.prefixes[].ipv4Prefix', '.prefixes[].ipv6Prefix']],
  ['the service tags of Azure as JSON', ['.values[].properties.addressPrefixes[]']],
  [
    'the IP ranges of Cloudflare as JSON',
    ['.result.ipv4_cidrs[]', '.result.ipv6_cidrs[]', '.result.jdcloud_cidrs[]'],
  ],
  [JSON_LINES, ['.cidr']],
  ['a JSON array of addresses', ['[]']],
];

/** The supported formats, for messages. */
export const JSON_FORMATS =
  'AWS, Google, Azure or Cloudflare ranges, Spamhaus DROP as JSON lines, or an array of addresses';

/** The place of a whole text, with all places of all formats below. */
export function jsonRoot(): JsonPlace {
  const root = emptyPlace();
  for (const [format, places] of ENTRIES)
    for (const path of places) Object.assign(placeAt(root, path), { role: 'entry', format });
  placeAt(root, '.type').role = 'metadata';
  placeAt(root, '.records').role = 'count';
  return root;
}

function placeAt(root: JsonPlace, path: string): JsonPlace {
  let place = root;
  for (const [step] of path.matchAll(/\.\w+|\[\]/g)) {
    let below = step === '[]' ? place.item : place.keys.get(step.slice(1));
    below ??= emptyPlace();
    if (step === '[]') place.item = below;
    else place.keys.set(step.slice(1), below);
    place = below;
  }
  return place;
}

function emptyPlace(): JsonPlace {
  return { keys: new Map(), item: undefined, role: undefined, format: undefined };
}
