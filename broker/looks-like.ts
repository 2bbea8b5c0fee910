/**
 * What somebody speaks who does not speak MQTT, by the first bytes. For people who took the wrong port: the log
 * then says so instead of citing a malformed packet. Both begin with bytes no MQTT connection begins with.
 */
export type Stranger = 'TLS' | 'HTTP'

/** A record of type handshake and any version since SSL 3.0. RFC 8446 5.1 */
const isHello = (bytes: Uint8Array): boolean => bytes[0] === 0x16 && bytes[1] === 0x03 && bytes[2]! <= 0x04

/** The methods of RFC 9110 9.3 and PATCH, and the preface of HTTP/2 (RFC 9113 3.4). */
const REQUEST = /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI) [/*\w]/

/** Looks at the first few bytes of a connection. */
export function looksLike(firstBytes: Uint8Array): Stranger | undefined {
  if (isHello(firstBytes)) return 'TLS'
  const text = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, Math.min(firstBytes.length, 16))
  return REQUEST.test(text.toString('latin1')) ? 'HTTP' : undefined
}

/** Which port is the right one, where it is open. */
export interface OtherPorts {
  mqtts_port?: number | undefined
  http_port?: number | undefined
}

/** What to tell somebody who came with that to the port for plain MQTT. */
export function wrongDoor(stranger: Stranger, { mqtts_port, http_port }: OtherPorts = {}): string {
  if (stranger === 'TLS')
    return mqtts_port === undefined
      ? 'this looks like TLS; MQTT over TLS needs --mqtts-port'
      : `this looks like TLS; the TLS port is ${mqtts_port}`
  return http_port === undefined
    ? 'this looks like HTTP; this port is for MQTT'
    : `this looks like HTTP; the HTTP port is ${http_port}`
}
