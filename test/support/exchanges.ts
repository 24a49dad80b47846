/** A page over HTTP whose body says that it comes from the daemon we wrapped. */
export const HTTP_EXCHANGE = {
  request: 'GET / HTTP/1.0\r\nHost: alfwrapper.test\r\n\r\n',
  part: 'served by a wrapped daemon',
};

/** Header (RFC 1035, section 4.1.1): recursion desired, one question; then alfwrapper.test, A, IN. */
const QUESTION = Buffer.concat([
  Buffer.from([0x2a, 0x2a, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...['alfwrapper', 'test', ''].map((label) => Buffer.from(String.fromCharCode(label.length) + label)),
  Buffer.from([0, 1, 0, 1]),
]);

/** Asks for the address of alfwrapper.test, which is 192.0.2.1; over TCP the length goes ahead (section 4.2.2). */
export function dnsExchange(protocol: 'tcp' | 'udp') {
  const length = Buffer.from([0, QUESTION.length]);
  return {
    request: protocol === 'tcp' ? Buffer.concat([length, QUESTION]) : QUESTION,
    part: Buffer.from([0, 4, 192, 0, 2, 1]),
  };
}
