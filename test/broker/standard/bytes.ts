/**
 * What MQTT 3.1.1 forbids, as bytes: each row is sent on a connection of its own, before or after a good CONNECT,
 * and says what must come of it. Clauses are the standard's own numbers (its appendix B).
 */
import { connect, packet, publish, text, word } from '../../support/mqtt-wire.js'

export interface Forbidden {
  clause: string
  what: string
  bytes: Buffer
  /** A CONNECT is accepted first. */
  connected: boolean
  /** The return code of a CONNACK that comes before the end; none means none may come. */
  connack?: number
}

const bytes = (...parts: (Buffer | string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? text(part) : Buffer.from(part))))

/** A CONNECT made by hand: name, level, flags, keep alive 0, then the payload. */
const hello = (flags: number, payload: Buffer, name = 'MQTT', level = 4): Buffer =>
  packet(0x10, bytes(name, [level, flags, 0, 0], payload))

/** A string field of these raw bytes. */
const raw = (...content: number[]): Buffer => bytes(word(content.length), content)

const before = (clause: string, what: string, sent: Buffer, connack?: number): Forbidden => ({
  clause,
  what,
  bytes: sent,
  connected: false,
  ...(connack !== undefined && { connack }),
})
const after = (clause: string, what: string, sent: Buffer): Forbidden => ({
  clause,
  what,
  bytes: sent,
  connected: true,
})

/** Strings that are none, by what is wrong with them. */
const NO_TEXT: readonly [clause: string, what: string, content: Buffer][] = [
  ['MQTT-1.5.3-1', 'a lone surrogate', raw(0x61, 0xed, 0xa0, 0x80)],
  ['MQTT-1.5.3-1', 'an overlong slash', raw(0x61, 0xc0, 0xaf)],
  ['MQTT-1.5.3-1', 'a lone continuation byte', raw(0x61, 0x80)],
  ['MQTT-1.5.3-1', 'a character that is cut off', raw(0x61, 0xe2, 0x82)],
  ['MQTT-1.5.3-1', 'a code point beyond U+10FFFF', raw(0xf4, 0x90, 0x80, 0x80)],
  ['MQTT-1.5.3-2', 'U+0000', raw(0x61, 0, 0x62)],
  ['§1.5.3', 'a control character', raw(0x61, 0x07)],
  ['§1.5.3', 'a control character of two bytes', raw(0x61, 0xc2, 0x85)],
  ['§1.5.3', 'a non-character', raw(0x61, 0xef, 0xbf, 0xbf)],
]

const strings: Forbidden[] = NO_TEXT.flatMap(([clause, what, content]) => [
  before(clause, `${what} in a client id`, hello(2, content)),
  before('MQTT-3.1.3-10', `${what} in a Will topic`, hello(6, bytes('w', content, 'x'))),
  before('MQTT-3.1.3-11', `${what} in a user name`, hello(0x82, bytes('u', content))),
  after('MQTT-3.3.2-1', `${what} in a topic`, packet(0x30, bytes(content, [0x78]))),
  after('MQTT-3.8.3-1', `${what} in a filter`, packet(0x82, bytes(word(1), content, [0]))),
  after('MQTT-3.10.3-1', `${what} in a filter of UNSUBSCRIBE`, packet(0xa2, bytes(word(1), content))),
])

/** Flags that the first byte of each packet must have, and all others it could have. */
const FLAGS: readonly [type: number, allowed: number, body: Buffer, name: string, clause: string][] = [
  [4, 0, word(1), 'PUBACK', 'MQTT-2.2.2-2'],
  [5, 0, word(1), 'PUBREC', 'MQTT-2.2.2-2'],
  [6, 2, word(1), 'PUBREL', 'MQTT-3.6.1-1'],
  [7, 0, word(1), 'PUBCOMP', 'MQTT-2.2.2-2'],
  [8, 2, bytes(word(1), 'a', [0]), 'SUBSCRIBE', 'MQTT-3.8.1-1'],
  [10, 2, bytes(word(1), 'a'), 'UNSUBSCRIBE', 'MQTT-3.10.1-1'],
  [12, 0, Buffer.alloc(0), 'PINGREQ', 'MQTT-2.2.2-2'],
  [14, 0, Buffer.alloc(0), 'DISCONNECT', 'MQTT-3.14.1-1'],
]
const flags: Forbidden[] = FLAGS.flatMap(([type, allowed, body, name, clause]) =>
  [0, 1, 2, 4, 8, 15]
    .filter((flag) => flag !== allowed)
    .map((flag) => after(clause, `${name} with flags ${flag}`, packet((type << 4) | flag, body))),
)

const fromServersOnly: Forbidden[] = [
  [2, bytes([0, 0]), 'CONNACK'],
  [9, bytes(word(1), [0]), 'SUBACK'],
  [11, word(1), 'UNSUBACK'],
  [13, Buffer.alloc(0), 'PINGRESP'],
  [0, Buffer.alloc(0), 'packet type 0'],
  [15, Buffer.alloc(0), 'packet type 15'],
].map(([type, body, name]) =>
  after('MQTT-4.8.0-1', `${name as string} from a client`, packet((type as number) << 4, body as Buffer)),
)

const lengths: Forbidden[] = [
  after('§2.2.3', 'a remaining length of five bytes', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])),
  after('§2.2.3', 'a topic longer than its packet', packet(0x30, bytes(word(9), [0x61]))),
  after('§2.2.3', 'PUBLISH without a topic length', packet(0x30, Buffer.from([0]))),
  after('§2.2.3', 'QoS 1 without room for a packet identifier', packet(0x32, bytes('a', [0]))),
  after('§2.2.3', 'PUBACK of three bytes', packet(0x40, Buffer.from([0, 1, 0]))),
  after('§2.2.3', 'PUBACK of one byte', packet(0x40, Buffer.from([1]))),
  after('§2.2.3', 'PINGREQ with a body', packet(0xc0, Buffer.from([0]))),
  after('§2.2.3', 'DISCONNECT with a body', packet(0xe0, Buffer.from([0]))),
  after('§2.2.3', 'SUBSCRIBE that ends before its QoS', packet(0x82, bytes(word(1), 'a'))),
  before('MQTT-3.1.4-1', 'CONNECT with bytes after its payload', hello(2, bytes('id', [0]))),
  before('MQTT-3.1.4-1', 'CONNECT without a client id', hello(2, Buffer.alloc(0))),
  before('MQTT-3.1.4-1', 'CONNECT without the password it announces', hello(0xc2, bytes('id', 'user'))),
]

const identifiers: Forbidden[] = [
  after('MQTT-2.3.1-1', 'PUBLISH of QoS 1 with packet identifier 0', publish('a', 'x', 1, 0)),
  after('MQTT-2.3.1-1', 'PUBLISH of QoS 2 with packet identifier 0', publish('a', 'x', 2, 0)),
  after('MQTT-2.3.1-1', 'SUBSCRIBE with packet identifier 0', packet(0x82, bytes(word(0), 'a', [0]))),
  after('MQTT-2.3.1-1', 'UNSUBSCRIBE with packet identifier 0', packet(0xa2, bytes(word(0), 'a'))),
  after('MQTT-2.3.1-1', 'PUBACK of packet identifier 0', packet(0x40, word(0))),
]

const connects: Forbidden[] = [
  before('MQTT-3.1.0-1', 'PUBLISH as the first packet', publish('a', 'x')),
  before('MQTT-3.1.0-1', 'PINGREQ as the first packet', Buffer.from([0xc0, 0])),
  after('MQTT-3.1.0-2', 'a second CONNECT', connect({ clientId: 'again' })),
  before('MQTT-3.1.2-1', 'another protocol name', hello(2, bytes('id'), 'MQTt')),
  before('MQTT-3.1.2-1', 'an empty protocol name', hello(2, bytes('id'), '')),
  before('MQTT-3.1.2-2', 'protocol level 0', hello(2, bytes('id'), 'MQTT', 0), 1),
  before('MQTT-3.1.2-2', 'protocol level 3 of MQTT', hello(2, bytes('id'), 'MQTT', 3), 1),
  before('MQTT-3.1.2-2', 'protocol level 5', connect({ clientId: 'five', version: 5 }), 1),
  before('MQTT-3.1.2-2', 'protocol level 127', hello(2, bytes('id'), 'MQTT', 127), 1),
  before('MQTT-3.1.2-3', 'the reserved flag', hello(3, bytes('id'))),
  before('MQTT-3.1.2-13', 'a Will QoS without a Will', hello(2 | (1 << 3), bytes('id'))),
  before('MQTT-3.1.2-14', 'Will QoS 3', hello(6 | (3 << 3), bytes('id', 'w', 'x'))),
  before('MQTT-3.1.2-15', 'Will Retain without a Will', hello(2 | 32, bytes('id'))),
  before('MQTT-3.1.2-22', 'a password without a user name', hello(2 | 64, bytes('id', 'secret'))),
  before('MQTT-3.1.3-8', 'an empty client id that wants a lasting session', hello(0, bytes('')), 2),
]

const publishes: Forbidden[] = [
  after('MQTT-3.3.1-2', 'DUP with QoS 0', publish('a', 'x', 0, 1, true)),
  after('MQTT-3.3.1-4', 'QoS 3', packet(0x36, bytes('a', word(1), [0x78]))),
  after('MQTT-3.3.2-2', 'a topic with +', publish('a/+', 'x')),
  after('MQTT-3.3.2-2', 'a topic with #', publish('a/#', 'x')),
  after('MQTT-3.3.2-2', 'a topic with # inside a word', publish('a#b', 'x')),
  after('MQTT-4.7.3-1', 'an empty topic', publish('', 'x')),
]

const filtered = (filter: string): Buffer => packet(0x82, bytes(word(1), filter, [0]))
const filters: Forbidden[] = [
  after('MQTT-3.8.3-3', 'SUBSCRIBE without a filter', packet(0x82, word(1))),
  after('MQTT-3.8.3-4', 'requested QoS 3', packet(0x82, bytes(word(1), 'a', [3]))),
  after('MQTT-3.8.3-4', 'a reserved bit of the requested QoS', packet(0x82, bytes(word(1), 'a', [0x80]))),
  after('MQTT-3.10.3-2', 'UNSUBSCRIBE without a filter', packet(0xa2, word(1))),
  after('MQTT-4.7.1-2', '# inside a word', filtered('a/b#')),
  after('MQTT-4.7.1-2', '# before the last level', filtered('a/#/b')),
  after('MQTT-4.7.1-2', 'two # in one level', filtered('##')),
  after('MQTT-4.7.1-3', '+ after a word', filtered('a+')),
  after('MQTT-4.7.1-3', '+ before a word', filtered('+a/b')),
  after('MQTT-4.7.1-3', '+ inside a word', filtered('a/b+c/d')),
  after('MQTT-4.7.1-3', 'two + in one level', filtered('++')),
  after('MQTT-4.7.1-3', '+ and # in one level', filtered('+#')),
  after('MQTT-4.7.3-1', 'an empty filter', filtered('')),
  after('MQTT-4.7.1-2', '# inside a word of UNSUBSCRIBE', packet(0xa2, bytes(word(1), 'a#'))),
]

export const forbidden: readonly Forbidden[] = [
  ...strings,
  ...flags,
  ...fromServersOnly,
  ...lengths,
  ...identifiers,
  ...connects,
  ...publishes,
  ...filters,
]
