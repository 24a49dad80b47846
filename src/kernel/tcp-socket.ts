/** One end of a connection. */
export interface TcpEnd {
  /** 4 or 16 bytes, network order; an IPv4 client of a dual-stack socket has a mapped address. */
  readonly bytes: Uint8Array;
  /** Host order. */
  readonly port: number;
}

/** A TCP socket as the kernel lists it. */
export interface TcpSocket {
  /** TCP_LISTEN, or that of a connection. */
  readonly state: number;
  readonly local: TcpEnd;
  readonly peer: TcpEnd;
  /** Index of the interface it is bound to, 0 if none. */
  readonly device: number;
  /** IP_TRANSPARENT, which connections have from their listener. Always false before Linux 5.14. */
  readonly transparent: boolean;
  /** What SO_COOKIE says of it: no other socket ever has the same. */
  readonly cookie: bigint;
}
