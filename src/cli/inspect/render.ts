import type { FilterDescription, MapDescription, TypeDescription } from '../../app/index.js';
import { quoteWhole } from '../../errors/index.js';

/** A description as JSON, two spaces deep, with its final newline. */
export function renderDescriptionJson({ shown, ...filter }: FilterDescription): string {
  return `${JSON.stringify(filter, undefined, 2)}\n`;
}

/** What a filter was before an engine opened it. */
const WRITTEN_AS: Readonly<Record<FilterDescription['engine'], string>> = {
  object: 'compiled object',
  clang: 'C in libbpf style',
  bcc: "C in BCC's dialect",
};

/** A description for people: a paragraph for the filter, one for each map. */
export function renderDescription(filter: FilterDescription): string {
  const { name, shown, engine, shipped, license, keepsState, programs, maps } = filter;
  const lines = [
    `filter ${quoteWhole(name)}: ${WRITTEN_AS[engine]} ${quoteWhole(shown)}${shipped ? ', shipped' : ''}`,
    ...programs.map(
      ({ name, section, entry }) =>
        `program ${quoteWhole(name)}: section ${quoteWhole(section)}${entry ? ', the entry' : ''}`,
    ),
    license === undefined ? 'no licence' : `licence ${quoteWhole(license)}`,
    keepsState ? 'may keep state in its maps' : 'keeps no state',
    ...(maps.length === 0 ? ['no maps'] : []),
  ];
  return `${[...lines, ...maps.flatMap(renderMap)].join('\n')}\n`;
}

function renderMap({ name, kind, maxEntries, slots, perCpu, key, value, set }: MapDescription): string[] {
  const size = maxEntries === 0 ? '' : `, up to ${maxEntries} ${kind === 'ringbuf' ? 'bytes' : 'entries'}`;
  const notes = [...(slots ? ['by slot'] : []), ...(perCpu ? ['a value for every CPU'] : [])];
  return [
    '',
    `map ${quoteWhole(name)}: ${[`${kind}${size}`, ...notes].join(', ')}`,
    ...(key === undefined ? [] : renderType('  ', 'key', key)),
    ...(value === undefined ? [] : renderType('  ', 'value', value)),
    set.works ? `  set with --set ${set.text}` : `  cannot be set: ${set.reason}`,
  ];
}

function renderType(indent: string, name: string, type: TypeDescription): string[] {
  const { sizeBytes, expects, members = [] } = type;
  const size = `${sizeBytes} ${sizeBytes === 1 ? 'byte' : 'bytes'}`;
  return [
    `${indent}${name}: ${type.type}, ${size}: ${expects}`,
    ...members.flatMap((member) => renderType(`${indent}  `, member.name, member)),
  ];
}
