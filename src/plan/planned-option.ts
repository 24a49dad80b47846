/** A socket option by its kernel name. */
export interface PlannedOption {
  readonly level: 'SOL_SOCKET' | 'IPPROTO_IP' | 'IPPROTO_IPV6' | 'IPPROTO_TCP';
  readonly name:
    | 'SO_REUSEADDR'
    | 'SO_REUSEPORT'
    | 'SO_BINDTODEVICE'
    | 'SO_MARK'
    | 'SO_KEEPALIVE'
    | 'SO_BROADCAST'
    | 'SO_TIMESTAMP'
    | 'SO_TIMESTAMPNS'
    | 'SO_PRIORITY'
    | 'SO_RCVBUF'
    | 'SO_RCVBUFFORCE'
    | 'SO_SNDBUF'
    | 'SO_SNDBUFFORCE'
    | 'SO_PASSCRED'
    | 'SO_PASSSEC'
    | 'IP_FREEBIND'
    | 'IP_TRANSPARENT'
    | 'IP_PKTINFO'
    | 'IP_TOS'
    | 'IP_TTL'
    | 'IPV6_V6ONLY'
    | 'IPV6_FREEBIND'
    | 'IPV6_TRANSPARENT'
    | 'IPV6_RECVPKTINFO'
    | 'IPV6_TCLASS'
    | 'IPV6_UNICAST_HOPS'
    | 'TCP_KEEPIDLE'
    | 'TCP_KEEPINTVL'
    | 'TCP_KEEPCNT'
    | 'TCP_NODELAY'
    | 'TCP_DEFER_ACCEPT'
    | 'TCP_CONGESTION';
  /** An int, or the name of an interface or an algorithm. */
  readonly value: number | string;
  /** It concerns traffic: a socket that only holds the address does without. */
  readonly traffic?: true;
}
