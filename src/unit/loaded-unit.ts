import type { UnitFile } from './parse-unit.js';

/** A service as it stands. */
export interface LoadedUnit {
  readonly name: string;
  /** The unit file, then its drop-ins in their order, without the one of alfwrapper. */
  readonly files: readonly UnitFile[];
  /** The sockets that can start it. */
  readonly sockets: readonly SocketUnit[];
  /** The units that are a part of it (`PartOf=`). */
  readonly parts: readonly string[];
}

/** A socket unit of a service. */
export interface SocketUnit {
  readonly name: string;
  /** `Accept=yes`: systemd accepts the connections. */
  readonly accepts: boolean;
}

/** The program that a service is to be started by. */
export interface Wrapper {
  /** Absolute path of its directory. */
  readonly directory: string;
  /** Its options, and the filter if there is one. */
  readonly words: readonly string[];
  readonly tier: string;
  /** Absolute path of node, without symbolic links. */
  readonly node: string;
  /** The file with the main process of a service of `Type=forking`, if the unit does not name it. */
  readonly pidFile: string | undefined;
}
