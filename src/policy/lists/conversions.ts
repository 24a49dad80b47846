/** An unsupported format: a pattern of its lines, and the command that converts it. */
interface Conversion {
  readonly line: RegExp;
  readonly hint: string;
}

const ADDRESS = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]*:[\da-fA-F:]+)(?:/\d+)?`;

// The first match counts, so special formats come before general ones.
const CONVERSIONS: readonly Conversion[] = [
  {
    line: /^\s*</,
    hint: 'this is HTML or XML, perhaps an error page instead of the list: download it again',
  },
  {
    line: new RegExp(String.raw`^\s*${ADDRESS}\s*;`),
    hint: String.raw`a semicolon starts a comment; if it separates entries: tr ';' '\n' <FILE`,
  },
  {
    line: /[^\0-\x7f]/,
    hint: 'the line has characters outside ASCII: expected ASCII, or UTF-8 in comments only',
  },
  {
    line: /^\s*(?:ip6?tables\s|-[AI]\s|:[A-Z]+\s|\*\w+\s*$)/,
    hint: String.raw`these are rules of iptables: sed -n 's/.* -s \([^ ]*\).*/\1/p' FILE`,
  },
  {
    line: /^\s*(?:allow|deny|require ip)\s/i,
    hint: `this is the configuration of a web server: grep -oE '[0-9a-f:.]+/?[0-9]* *;?$' FILE | tr -d ' ;'`,
  },
  {
    line: /^[^:]*[^\da-fA-F:][^:]*:\d{1,3}\.\d+\.\d+\.\d+\s*-/,
    hint: `this is a P2P list of PeerGuardian: sed 's/.*://' FILE`,
  },
  { line: /^\s*-\s+\S/, hint: `this is a YAML list: sed 's/^ *- *//' FILE` },
  { line: /^\s*["']/, hint: `the entries are in quotes: tr -d "\\"'," <FILE` },
  {
    line: new RegExp(String.raw`^\s*${ADDRESS}\s*,\s*(?:${ADDRESS}\s*(?:,|$)|$)`),
    hint: String.raw`entries are separated by commas: tr ',' '\n' <FILE; if they are ranges: tr ',' '-' <FILE`,
  },
  {
    line: new RegExp(String.raw`^\s*${ADDRESS}\s*,`),
    hint: 'this is CSV: cut -d, -f1 FILE',
  },
  {
    line: /^\s*"?[\w #.-]+"?(?:,"?[\w #.-]*"?)+\s*$/,
    hint: 'this is CSV with a header: tail -n +2 FILE | cut -d, -f1',
  },
  {
    line: new RegExp(String.raw`^\s*${ADDRESS}\s+${ADDRESS}(?:\s|$)`),
    hint: String.raw`two addresses a line: awk '{print $1"-"$2}' FILE if they are ranges, else tr -s ' ' '\n' <FILE`,
  },
  {
    line: new RegExp(String.raw`^\s*${ADDRESS}\s+\S`),
    hint: `this is a table or a hosts file: awk '{print $1}' FILE`,
  },
  {
    line: /^\s*\d{1,3}(?:\.\d{1,3}){3}-\d{1,3}\s*$/,
    hint: 'write both ends of the range in full: 192.0.2.1-192.0.2.20',
  },
  {
    line: /^\s*\d{1,3}(?:\.\d{1,3}){0,2}(?:\/\d+)?\s*$/,
    hint: 'write all four parts of an IPv4 address; left-out parts are read only below the prefix length, as in 10/8',
  },
  {
    line: /^\s*AS\d+\b/i,
    hint: 'these are AS numbers: expected the prefixes that they announce',
  },
  {
    line: /^\s*(?:[\w-]+\.)+[a-z][\w-]*\.?\s*$/i,
    hint: 'these are host names: expected addresses, as getent ahosts NAME prints them',
  },
];

/** How to convert the file that has this line, if the line is recognised. */
export function conversionHint(line: string): string | undefined {
  return CONVERSIONS.find((conversion) => conversion.line.test(line))?.hint;
}
