import { AlfError } from '../errors/index.js';
import { readLines, STDIN, unquoted } from '../files/index.js';
import { type EngineContext, findFilter, type OpenOptions, openFilter, runTrial } from '../filter/index.js';
import { findInterface, gatherCapabilities } from '../kernel/probe/index.js';
import { type Config, interfaceQuestions, makePlan } from '../plan/index.js';
import { type NamedPacket, parsePacket } from './parse-packet.js';

/** Packets to try a filter on. */
export interface TryRequest {
  readonly filter: string;
  readonly opening: OpenOptions;
  /** Its map entries, as for a launch. */
  readonly config: Config;
  /** As {@link parsePacket} takes them. */
  readonly packets: readonly string[];
  /** A file with more of them, one a line; `-` is standard input. */
  readonly file: string | undefined;
}

/** What a filter does with a packet. */
export interface TriedFilter {
  /** The packet, in words. */
  readonly packet: string;
  readonly verdict: 'allow' | 'deny';
  /** How many bytes it keeps from the transport header on, where these are not all. */
  readonly cut: number | undefined;
}

/**
 * Runs a filter on crafted packets. They meet one filter in order, so that what it remembers counts. Needs CAP_BPF.
 *
 * @throws AlfError ALF_USAGE for an invalid packet or without packets; otherwise as a launch does
 */
export async function tryPackets(request: TryRequest, context: EngineContext): Promise<TriedFilter[]> {
  const { ops, root, warn } = context;
  const packets = readPackets(request, (name) => findInterface(ops.core, name)?.index);
  if (packets.length === 0)
    throw new AlfError('ALF_USAGE', 'no packet given', { remedy: { kind: 'give packet' } });
  const found = findFilter(request.filter, root);
  const opened = await openFilter(found, request.opening, context);
  try {
    const input = { ...found, spec: opened.spec, policy: undefined };
    const config = { ...request.config, listeners: [] };
    const interfaces = interfaceQuestions(config, input);
    const plan = makePlan(config, input, gatherCapabilities(ops, { interfaces }));
    for (const warning of plan.warnings) warn(warning);
    const loaded = opened.load(plan.filter);
    try {
      const kept = runTrial(ops.bpf(), loaded, packets);
      return packets.map((packet, i) => outcome(packet, kept[i] ?? 0));
    } finally {
      loaded.close();
    }
  } finally {
    opened.close();
  }
}

function outcome({ text, bytes, transport }: NamedPacket, kept: number): TriedFilter {
  const cut = kept > 0 && kept < bytes.length - transport ? kept : undefined;
  return { packet: text, verdict: kept > 0 ? 'allow' : 'deny', cut };
}

/** The packets of the request, then those of its file. */
function readPackets(
  { packets, file }: TryRequest,
  interfaceIndex: (name: string) => number | undefined,
): NamedPacket[] {
  const given = packets.map((text) => parsePacket(text, interfaceIndex));
  if (file === undefined) return given;
  const { lines, quotable } = readLines(file === '-' ? STDIN : file, /^\s*#.*$/s, { code: 'ALF_USAGE' });
  const read = unquoted(quotable ? [] : [file], () =>
    lines.map(({ line, text }) => placed(`${file}:${line}`, () => parsePacket(text, interfaceIndex))),
  );
  return [...given, ...read];
}

/** Says where what is refused stands. */
function placed<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    const { code, message, hint } = error;
    throw new AlfError(code, `${where}: ${message}`, hint === undefined ? {} : { hint });
  }
}
