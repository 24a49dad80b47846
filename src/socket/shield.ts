import { type CoreOps, check, type Status } from '../kernel/index.js';
import { type Address, type Endpoint, encodeSockaddr, parseAddress } from '../net/index.js';
import type { InternetListener } from '../plan/index.js';

/** The highest hop limit there is: a packet that has it comes from this machine or from the link. */
const MAX_HOPS = 255;

const KEY_BYTES = 32;

/**
 * What keeps everybody but ourselves from a listening socket while its accept queue is not full yet. Two doors:
 *
 * * A minimum hop limit of 255. Nobody sends such packets who does not mean to, and no router lets one through
 *   undiminished; but on this machine or the link, whoever means to can.
 * * TCP's MD5 signatures with a key nobody knows. It keeps out those as well, where the kernel was built with it.
 *
 * What either turns away is dropped without an answer, and counted.
 *
 * @see ip(7) IP_MINTTL, tcp(7) TCP_MD5SIG, RFC 2385, RFC 5082
 */
export class Shield {
  readonly #core: CoreOps;
  readonly #plan: InternetListener;
  readonly #key = new Uint8Array(KEY_BYTES);

  /** @throws AlfError ALF_SOCKET if there is no randomness to be had */
  constructor(core: CoreOps, plan: InternetListener) {
    this.#core = core;
    this.#plan = plan;
    check(core.random(this.#key), 'ALF_SOCKET', `make a key for ${plan.label}`);
  }

  /** Puts both doors up, before listen(2). @throws AlfError ALF_SOCKET if not even the first can be */
  raise(fd: number): void {
    const { IPPROTO_IP, IP_MINTTL, IPPROTO_IPV6, IPV6_MINHOPCOUNT } = this.#core.constants;
    const what = `shield the sink of ${this.#plan.label}`;
    // A dual-stack socket receives both kinds of packets.
    check(this.#core.setsockopt(fd, IPPROTO_IP, IP_MINTTL, MAX_HOPS), 'ALF_SOCKET', what);
    if (this.#plan.socket.address.family === 6) {
      check(this.#core.setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, MAX_HOPS), 'ALF_SOCKET', what);
    }
    this.#signFor(fd, this.#key);
  }

  /** Takes the second door away, which a full queue does not need. */
  dropSignatures(fd: number): void {
    this.#signFor(fd, new Uint8Array());
  }

  /**
   * Lets a socket that is going to connect through both doors.
   *
   * @returns 0, or -errno if the first cannot be passed
   */
  pass(fd: number, to: Endpoint): Status {
    const { IPPROTO_IP, IP_TTL, IPPROTO_IPV6, IPV6_UNICAST_HOPS } = this.#core.constants;
    this.#setKey(fd, to.address, 8 * to.address.bytes.length, this.#key);
    return to.address.family === 4
      ? this.#core.setsockopt(fd, IPPROTO_IP, IP_TTL, MAX_HOPS)
      : this.#core.setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, MAX_HOPS);
  }

  /** Wants signatures of everybody; with an empty key, of nobody any more. A kernel may refuse, for both sides alike. */
  #signFor(fd: number, key: Uint8Array): void {
    const everybody = this.#plan.socket.address.family === 4 ? ['0.0.0.0'] : ['::', '::ffff:0:0'];
    for (const address of everybody) this.#setKey(fd, parseAddress(address), 0, key);
  }

  #setKey(fd: number, address: Address, prefixLength: number, key: Uint8Array): void {
    const sockaddr = encodeSockaddr({ address, port: 0 }, this.#plan.scopeId, this.#core.constants);
    this.#core.md5Key(fd, sockaddr, prefixLength, key);
  }
}
