/**
 * What MQTT 3.1.1 demands of a server, one row per demand: a conversation on raw sockets and what must come of it.
 * Clauses are the standard's own numbers (its appendix B).
 */
import type { Test } from 'tap'
import {
  type Arrived,
  CONNACK,
  connect,
  type Hello,
  ids,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  packet,
  publish,
  pubrel,
  SUBACK,
  subscribe,
  text,
  type Wire,
  word,
} from '../../support/mqtt-wire.js'
import { until } from '../../support/until.js'

const UNSUBACK = 11
const PUBREL = 6

/** What a demand has to work with; topics and client ids under `name` are its own. */
export interface Lab {
  t: Test
  name: string
  /** Opens a connection; with a hello, waits for its CONNACK. */
  open(hello?: Hello): Promise<Wire>
}

export interface Demand {
  clauses: string[]
  what: string
  prove(lab: Lab): Promise<void>
}

const demand = (clauses: string, what: string, prove: Demand['prove']): Demand => ({
  clauses: clauses.split(' '),
  what,
  prove,
})

interface Heard {
  topic: string
  payload: string
  qos: number
  retain: boolean
  dup: boolean
  id: number | undefined
}

/** A PUBLISH in words. */
function read({ first, body }: Arrived): Heard {
  const end = 2 + body.readUInt16BE(0)
  const qos = (first >> 1) & 3
  return {
    topic: body.toString('utf8', 2, end),
    payload: body.toString('utf8', qos > 0 ? end + 2 : end),
    qos,
    retain: (first & 1) === 1,
    dup: (first & 8) === 8,
    id: qos > 0 ? body.readUInt16BE(end) : undefined,
  }
}

const heard = (wire: Wire): Heard[] => wire.arrived.filter(({ type }) => type === PUBLISH).map(read)
const payloads = (wire: Wire): string[] => heard(wire).map(({ payload }) => payload)

/** Everything sent before has been worked off. */
async function settled(wire: Wire): Promise<void> {
  const before = wire.arrived.filter(({ type }) => type === PINGRESP).length
  wire.send(PINGREQ)
  await wire.packet(PINGRESP, before + 1)
}

const subscribed = async (wire: Wire, filter: string, qos = 0, id = 1): Promise<number> => {
  const before = wire.arrived.filter(({ type }) => type === SUBACK).length
  wire.send(subscribe(filter, qos, id))
  return (await wire.packet(SUBACK, before + 1)).body[2]!
}

const retained = (topic: string, payload: string, qos: 0 | 1 | 2 = 1, id = 1): Buffer => {
  const bytes = publish(topic, payload, qos, id)
  bytes[0]! |= 1
  return bytes
}

/** Publishes with QoS 1 and waits for the PUBACK. */
const said = async (wire: Wire, bytes: Buffer): Promise<void> => {
  const before = wire.arrived.filter(({ type }) => type === PUBACK).length
  wire.send(bytes)
  await wire.packet(PUBACK, before + 1)
}

const gone = async (wire: Wire): Promise<void> => {
  wire.send(Buffer.from([0xe0, 0]))
  await wire.end()
}

const sessionPresent = (wire: Wire): number => wire.arrived.find(({ type }) => type === CONNACK)!.body[0]!

/** Long enough for something that must not happen to have happened, ms. */
const MOMENT = 150
const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, MOMENT))

const connecting: Demand[] = [
  demand(
    'MQTT-3.2.0-1 MQTT-3.1.4-4',
    'the first packet from the server is a CONNACK with code 0',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      t.equal(wire.arrived[0]?.type, CONNACK)
      t.strictSame([...wire.arrived[0]!.body], [0, 0])
    },
  ),
  demand(
    'MQTT-3.1.3-6 MQTT-3.1.3-7',
    'an empty client id with a clean session is given one',
    async ({ t, open }) => {
      const [one, other] = [await open({ clientId: '' }), await open({ clientId: '' })]
      await Promise.all([settled(one), settled(other)])
      t.notOk(one.closed || other.closed, 'each has an id of its own')
    },
  ),
  demand('MQTT-3.1.3-5', 'a client id of 23 letters and digits is taken', async ({ t, open }) => {
    const wire = await open({ clientId: 'ABCDEFGHIJKLMNOPQRSTUVW'.toLowerCase() })
    t.equal(wire.arrived[0]!.body[1], 0)
  }),
  demand(
    'MQTT-1.5.3-3',
    'a BOM at the start of a topic is a character like any other',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `\ufeff${name}`)
      await subscribed(wire, name, 0, 2)
      wire.send(publish(`\ufeff${name}`, 'with'))
      await wire.packet(PUBLISH)
      await settled(wire)
      t.strictSame(
        heard(wire).map(({ topic }) => topic),
        [`\ufeff${name}`],
      )
    },
  ),
  demand('MQTT-3.1.4-2', 'a second client of the same id throws the first out', async ({ t, name, open }) => {
    const first = await open({ clientId: name })
    const second = await open({ clientId: name })
    await first.end()
    await settled(second)
    t.notOk(second.closed)
  }),
  demand(
    'MQTT-3.1.4-5',
    'what a refused client sent after its CONNECT is not processed',
    async ({ t, name, open }) => {
      const watcher = await open({ clientId: `${name}-w` })
      await subscribed(watcher, `${name}/#`)
      const refused = await open()
      refused.send(
        packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 0, 0, 0]), text('')])),
        publish(`${name}/x`, 'no'),
      )
      await refused.end()
      await settled(watcher)
      t.strictSame(heard(watcher), [])
      t.strictSame(
        refused.arrived.map(({ type }) => type),
        [CONNACK],
      )
    },
  ),
  demand(
    'MQTT-3.2.2-4 MQTT-3.2.2-5',
    'a refusal says no session is present and ends the connection',
    async ({ t, open }) => {
      const wire = await open()
      wire.send(packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 0, 0, 0]), text('')])))
      await wire.end()
      t.strictSame([...wire.arrived[0]!.body], [0, 2])
    },
  ),
  demand(
    'MQTT-3.1.2-24',
    'a client that is silent for one and a half keep alives is closed',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name, keepAlive: 1 })
      const from = Date.now()
      await wire.end()
      t.ok(Date.now() - from >= 1_400, 'not before')
    },
  ),
  demand('MQTT-3.12.4-1', 'PINGREQ is answered with PINGRESP', async ({ t, name, open }) => {
    const wire = await open({ clientId: name })
    wire.send(PINGREQ)
    t.equal((await wire.packet(PINGRESP)).body.length, 0)
  }),
  demand(
    'MQTT-3.14.4-1 MQTT-3.14.4-2',
    'after DISCONNECT nothing else of the client is processed',
    async ({ t, name, open }) => {
      const watcher = await open({ clientId: `${name}-w` })
      await subscribed(watcher, `${name}/#`)
      const wire = await open({ clientId: name })
      wire.send(Buffer.from([0xe0, 0]), publish(`${name}/x`, 'too late'))
      await wire.end()
      await settled(watcher)
      t.strictSame(heard(watcher), [])
    },
  ),
]

const wills: Demand[] = [
  demand('MQTT-3.1.2-8', 'the Will is published when the connection breaks', async ({ t, name, open }) => {
    const watcher = await open({ clientId: `${name}-w` })
    await subscribed(watcher, `${name}/will`, 1)
    const wire = await open({ clientId: name, will: { topic: `${name}/will`, payload: 'gone', qos: 1 } })
    wire.socket.destroy()
    await watcher.packet(PUBLISH)
    t.match(heard(watcher), [{ topic: `${name}/will`, payload: 'gone', qos: 1, retain: false }])
  }),
  demand(
    'MQTT-3.1.2-8',
    'the Will is published when the client breaks the protocol',
    async ({ t, name, open }) => {
      const watcher = await open({ clientId: `${name}-w` })
      await subscribed(watcher, `${name}/will`)
      const wire = await open({ clientId: name, will: { topic: `${name}/will`, payload: 'gone' } })
      wire.send(packet(0x36, Buffer.concat([text('a'), word(1)])))
      await watcher.packet(PUBLISH)
      t.strictSame(payloads(watcher), ['gone'])
    },
  ),
  demand('MQTT-3.1.2-10 MQTT-3.14.4-3', 'the Will is discarded by DISCONNECT', async ({ t, name, open }) => {
    const watcher = await open({ clientId: `${name}-w` })
    await subscribed(watcher, `${name}/will`)
    const wire = await open({ clientId: name, will: { topic: `${name}/will`, payload: 'gone' } })
    await gone(wire)
    await moment()
    await settled(watcher)
    t.strictSame(heard(watcher), [])
  }),
  demand('MQTT-3.1.2-17', 'a Will with Will Retain is retained', async ({ t, name, open }) => {
    const watcher = await open({ clientId: `${name}-w` })
    await subscribed(watcher, `${name}/will`)
    const wire = await open()
    wire.send(
      packet(
        0x10,
        Buffer.concat([
          text('MQTT'),
          Buffer.from([4, 2 | 4 | 32, 0, 0]),
          text(name),
          text(`${name}/will`),
          text('gone'),
        ]),
      ),
    )
    await wire.packet(CONNACK)
    wire.socket.destroy()
    await watcher.packet(PUBLISH)
    const late = await open({ clientId: `${name}-l` })
    await subscribed(late, `${name}/will`)
    await late.packet(PUBLISH)
    t.match(heard(late), [{ payload: 'gone', retain: true }])
  }),
  demand('MQTT-3.1.2-16', 'a Will without Will Retain is not retained', async ({ t, name, open }) => {
    const watcher = await open({ clientId: `${name}-w` })
    await subscribed(watcher, `${name}/will`)
    const wire = await open({ clientId: name, will: { topic: `${name}/will`, payload: 'gone' } })
    wire.socket.destroy()
    await watcher.packet(PUBLISH)
    const late = await open({ clientId: `${name}-l` })
    await subscribed(late, `${name}/will`)
    await settled(late)
    t.strictSame(heard(late), [])
  }),
]

const acknowledging: Demand[] = [
  demand(
    'MQTT-3.3.4-1 MQTT-2.3.1-6 MQTT-4.3.2-2',
    'QoS 1 is answered with a PUBACK of its identifier',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      wire.send(publish(name, 'x', 1, 4711))
      t.equal((await wire.packet(PUBACK)).body.readUInt16BE(0), 4711)
    },
  ),
  demand('MQTT-4.3.1-1', 'QoS 0 is answered with nothing', async ({ t, name, open }) => {
    const wire = await open({ clientId: name })
    wire.send(publish(name, 'x'))
    await settled(wire)
    t.strictSame(
      wire.arrived.map(({ type }) => type),
      [CONNACK, PINGRESP],
    )
  }),
  demand(
    'MQTT-4.3.3-2 MQTT-2.3.1-6',
    'QoS 2 is answered with PUBREC, then PUBCOMP, of its identifier',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      wire.send(publish(name, 'x', 2, 815))
      t.equal((await wire.packet(PUBREC)).body.readUInt16BE(0), 815)
      wire.send(pubrel(815))
      t.equal((await wire.packet(PUBCOMP)).body.readUInt16BE(0), 815)
    },
  ),
  demand(
    'MQTT-4.3.3-2',
    'a QoS 2 message that is sent twice before PUBREL is heard once',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, name)
      wire.send(publish(name, 'x', 2, 9))
      await wire.packet(PUBREC)
      wire.send(publish(name, 'x', 2, 9, true))
      await wire.packet(PUBREC, 2)
      wire.send(pubrel(9))
      await wire.packet(PUBCOMP)
      await settled(wire)
      t.strictSame(payloads(wire), ['x'])
    },
  ),
  demand('MQTT-4.3.3-2', 'after PUBREL the same identifier is a new message', async ({ t, name, open }) => {
    const wire = await open({ clientId: name })
    await subscribed(wire, name)
    for (const [n, word] of ['one', 'two'].entries()) {
      wire.send(publish(name, word, 2, 9))
      await wire.packet(PUBREC, n + 1)
      wire.send(pubrel(9))
      await wire.packet(PUBCOMP, n + 1)
    }
    await until(() => heard(wire).length === 2, 'both messages')
    t.strictSame(payloads(wire), ['one', 'two'])
  }),
  demand(
    'MQTT-4.3.3-2',
    'a PUBREL of an unknown identifier is answered all the same',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      wire.send(pubrel(33))
      t.equal((await wire.packet(PUBCOMP)).body.readUInt16BE(0), 33)
    },
  ),
  demand(
    'MQTT-4.6.0-2 MQTT-4.6.0-4',
    'PUBACKs come in the order of the PUBLISHes',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      const all = Array.from({ length: 30 }, (_, n) => n + 1)
      wire.send(...all.map((n) => publish(name, `${n}`, 1, n)))
      await wire.packet(PUBACK, 30)
      t.strictSame(ids(wire, PUBACK), all)
    },
  ),
  demand(
    'MQTT-3.3.2-3 MQTT-4.6.0-6',
    'a subscriber hears the topic as published, in order',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/+`, 1)
      const all = Array.from({ length: 30 }, (_, n) => `${n}`)
      wire.send(...all.map((payload, n) => publish(`${name}/a`, payload, 1, n + 1)))
      await wire.packet(PUBLISH, 30)
      t.strictSame(payloads(wire), all)
      t.ok(heard(wire).every(({ topic }) => topic === `${name}/a`))
    },
  ),
  demand('MQTT-3.3.1-3', 'DUP of the publisher is not passed on', async ({ t, name, open }) => {
    const wire = await open({ clientId: name })
    await subscribed(wire, name, 1)
    wire.send(publish(name, 'x', 1, 5, true))
    await wire.packet(PUBLISH)
    t.match(heard(wire), [{ payload: 'x', dup: false }])
  }),
  demand(
    'MQTT-2.3.1-2 MQTT-2.3.1-4',
    'messages in flight to one client have identifiers of their own, never 0',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, name, 1)
      wire.send(...Array.from({ length: 40 }, (_, n) => publish(name, `${n}`, 1, n + 1)))
      await wire.packet(PUBLISH, 40)
      const used = heard(wire).map(({ id }) => id)
      t.equal(new Set(used).size, 40)
      t.notOk(used.includes(0))
    },
  ),
]

const subscribing: Demand[] = [
  demand(
    'MQTT-3.8.4-1 MQTT-3.8.4-2 MQTT-3.9.3-1',
    'SUBACK has the identifier and a code per filter, in order',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      const filters = [`${name}/a`, '$SYS/#', `${name}/b`].map((filter, qos) =>
        Buffer.concat([text(filter), Buffer.from([qos])]),
      )
      wire.send(packet(0x82, Buffer.concat([word(777), ...filters])))
      t.strictSame([...(await wire.packet(SUBACK)).body], [...word(777), 0, 0x80, 2])
    },
  ),
  demand(
    'MQTT-3.8.4-3',
    'the same filter again replaces the subscription and brings the retained message again',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await said(wire, retained(name, 'kept'))
      await subscribed(wire, name, 0)
      await wire.packet(PUBLISH, 1)
      await subscribed(wire, name, 1, 2)
      await wire.packet(PUBLISH, 2)
      await said(wire, publish(name, 'live', 1, 2))
      await wire.packet(PUBLISH, 3)
      await settled(wire)
      t.match(heard(wire), [
        { qos: 0, retain: true },
        { qos: 1, retain: true },
        { payload: 'live', qos: 1, retain: false },
      ])
    },
  ),
  demand(
    'MQTT-3.8.4-6',
    'a message is delivered at the lower of its QoS and the granted one',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/0`, 0, 1)
      await subscribed(wire, `${name}/1`, 1, 2)
      await subscribed(wire, `${name}/2`, 2, 3)
      wire.send(
        publish(`${name}/0`, 'a', 1, 1),
        publish(`${name}/1`, 'b', 2, 2),
        publish(`${name}/2`, 'c', 1, 3),
      )
      await wire.packet(PUBREC)
      wire.send(pubrel(2))
      await wire.packet(PUBLISH, 3)
      const qosOf = Object.fromEntries(heard(wire).map(({ topic, qos }) => [topic.at(-1), qos]))
      t.strictSame(qosOf, { 0: 0, 1: 1, 2: 1 })
    },
  ),
  demand(
    'MQTT-3.8.4-6',
    'a wildcard of lower QoS lowers a message of higher QoS too',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/#`, 1)
      wire.send(publish(`${name}/a`, 'x', 2, 2))
      await wire.packet(PUBLISH)
      t.match(heard(wire), [{ qos: 1 }])
    },
  ),
  demand(
    'MQTT-3.3.5-1',
    'overlapping subscriptions bring the message once, at the highest QoS',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/#`, 0, 1)
      await subscribed(wire, `${name}/+`, 2, 2)
      await subscribed(wire, `${name}/a`, 1, 3)
      wire.send(publish(`${name}/a`, 'x', 2, 2))
      await wire.packet(PUBLISH)
      await settled(wire)
      t.match(heard(wire), [{ payload: 'x', qos: 2 }])
      t.equal(heard(wire).length, 1)
    },
  ),
  demand(
    'MQTT-3.10.4-2 MQTT-3.10.4-4',
    'UNSUBSCRIBE ends the subscription and is answered with its identifier',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, name)
      wire.send(packet(0xa2, Buffer.concat([word(99), text(name)])))
      t.equal((await wire.packet(UNSUBACK)).body.readUInt16BE(0), 99)
      wire.send(publish(name, 'x'))
      await settled(wire)
      t.strictSame(heard(wire), [])
    },
  ),
  demand(
    'MQTT-3.10.4-1 MQTT-3.10.4-5',
    'UNSUBSCRIBE compares filters character by character, and is answered without a match',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/+`)
      wire.send(packet(0xa2, Buffer.concat([word(7), text(`${name}/a`)])))
      await wire.packet(UNSUBACK)
      wire.send(publish(`${name}/a`, 'x'))
      await wire.packet(PUBLISH)
      t.strictSame(payloads(wire), ['x'])
    },
  ),
  demand(
    'MQTT-3.10.4-6',
    'several filters in one UNSUBSCRIBE are answered once',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/a`, 0, 1)
      await subscribed(wire, `${name}/b`, 0, 2)
      wire.send(packet(0xa2, Buffer.concat([word(7), text(`${name}/a`), text(`${name}/b`)])))
      await wire.packet(UNSUBACK)
      wire.send(publish(`${name}/a`, 'x'), publish(`${name}/b`, 'x'))
      await settled(wire)
      t.strictSame(heard(wire), [])
      t.equal(wire.arrived.filter(({ type }) => type === UNSUBACK).length, 1)
    },
  ),
]

/** Filter, topic, whether they match. §4.7.1 and §4.7.3 with their own examples. */
const MATCHES: readonly [clause: string, filter: string, topic: string, match: boolean][] = [
  ['MQTT-4.7.1-2', 'sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['MQTT-4.7.1-2', 'sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
  ['MQTT-4.7.1-2', 'sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['MQTT-4.7.1-2', 'sport/#', 'sport', true],
  ['MQTT-4.7.1-3', 'sport/tennis/+', 'sport/tennis/player1', true],
  ['MQTT-4.7.1-3', 'sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['MQTT-4.7.1-3', 'sport/+', 'sport', false],
  ['MQTT-4.7.1-3', 'sport/+', 'sport/', true],
  ['MQTT-4.7.1-3', '+/finance', '/finance', true],
  ['MQTT-4.7.1-3', '+/+', '/finance', true],
  ['MQTT-4.7.1-3', '+', '/finance', false],
  ['MQTT-4.7.1-3', '+/+/finance', '/finance', false],
  ['MQTT-4.7.3-4', 'ACCOUNTS', 'Accounts', false],
  ['MQTT-4.7.3-4', 'a/b', 'a/b/', false],
  ['MQTT-4.7.3-4', '/a', 'a', false],
  ['MQTT-4.7.3-4', 'Accounts payable', 'Accounts payable', true],
]
const matching: Demand[] = MATCHES.map(([clause, filter, topic, match]) =>
  demand(
    clause,
    `"${filter}" ${match ? 'matches' : 'does not match'} "${topic}"`,
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `${name}/${filter}`)
      wire.send(publish(`${name}/${topic}`, 'x'))
      if (match) await wire.packet(PUBLISH)
      await settled(wire)
      t.equal(heard(wire).length, match ? 1 : 0)
    },
  ),
)
const wildcards: Demand[] = [
  demand(
    'MQTT-4.7.2-1',
    'a topic that begins with $ is heard by who asks for it, not through a wildcard',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, `+/${name}`, 1, 1)
      await subscribed(wire, `$test/${name}`, 1, 2)
      const other = await open({ clientId: `${name}-o` })
      await subscribed(other, '#', 1, 1)
      await subscribed(other, `+/${name}`, 1, 2)
      await said(wire, publish(`$test/${name}`, 'x', 1, 1))
      await wire.packet(PUBLISH)
      await settled(other)
      await settled(wire)
      t.strictSame(payloads(wire), ['x'])
      t.notOk(heard(other).some(({ topic }) => topic.startsWith('$')))
    },
  ),
  demand(
    'MQTT-4.7.2-1',
    '# and + at the start match no topic that begins with $',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, '#', 0, 1)
      await subscribed(wire, '+/broker/#', 0, 2)
      const other = await open({ clientId: `${name}-o` })
      await settled(other)
      await settled(wire)
      t.notOk(heard(wire).some(({ topic }) => topic.startsWith('$')))
    },
  ),
]

const retaining: Demand[] = [
  demand(
    'MQTT-3.3.1-5 MQTT-3.3.1-6 MQTT-3.3.1-8',
    'a retained message is sent to a new subscriber, marked',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await said(wire, retained(name, 'old'))
      await said(wire, retained(name, 'new', 1, 2))
      const late = await open({ clientId: `${name}-l` })
      await subscribed(late, `${name.slice(0, -1)}+`.replace(/\+$/, name.at(-1)!), 1)
      await late.packet(PUBLISH)
      t.match(heard(late), [{ payload: 'new', retain: true, qos: 1 }])
    },
  ),
  demand(
    'MQTT-3.3.1-9',
    'to a subscriber that was there already it comes unmarked',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await subscribed(wire, name)
      await said(wire, retained(name, 'x'))
      await wire.packet(PUBLISH)
      t.match(heard(wire), [{ payload: 'x', retain: false }])
    },
  ),
  demand(
    'MQTT-3.3.1-10 MQTT-3.3.1-11',
    'an empty retained message removes it and is delivered like any other',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await said(wire, retained(name, 'x'))
      await subscribed(wire, name)
      await wire.packet(PUBLISH)
      await said(wire, retained(name, '', 1, 2))
      await wire.packet(PUBLISH, 2)
      const late = await open({ clientId: `${name}-l` })
      await subscribed(late, name)
      await settled(late)
      t.strictSame(payloads(wire), ['x', ''])
      t.strictSame(heard(late), [])
    },
  ),
  demand(
    'MQTT-3.3.1-12',
    'a message without RETAIN neither replaces nor removes it',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await said(wire, retained(name, 'kept'))
      await said(wire, publish(name, 'passing', 1, 2))
      await said(wire, publish(name, '', 1, 3))
      const late = await open({ clientId: `${name}-l` })
      await subscribed(late, name)
      await late.packet(PUBLISH)
      t.strictSame(payloads(late), ['kept'])
    },
  ),
  demand(
    'MQTT-3.3.1-7',
    'a retained message of QoS 0 takes the place of the one before',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await said(wire, retained(name, 'one'))
      wire.send(retained(name, 'two', 0))
      await settled(wire)
      const late = await open({ clientId: `${name}-l` })
      await subscribed(late, name)
      await late.packet(PUBLISH)
      t.notOk(payloads(late).includes('one'))
    },
  ),
  demand('MQTT-3.1.2.7', 'retained messages do not go with the session', async ({ t, name, open }) => {
    const wire = await open({ clientId: name, clean: true })
    await said(wire, retained(name, 'kept'))
    await gone(wire)
    const again = await open({ clientId: name, clean: true })
    await subscribed(again, name)
    await again.packet(PUBLISH)
    t.strictSame(payloads(again), ['kept'])
  }),
]

const lasting: Demand[] = [
  demand(
    'MQTT-3.2.2-1 MQTT-3.2.2-2 MQTT-3.2.2-3',
    'Session Present says whether there is a session',
    async ({ t, name, open }) => {
      const first = await open({ clientId: name, clean: false })
      await subscribed(first, name, 1)
      await gone(first)
      const second = await open({ clientId: name, clean: false })
      await gone(second)
      const third = await open({ clientId: name, clean: true })
      await gone(third)
      const fourth = await open({ clientId: name, clean: false })
      t.strictSame([first, second, third, fourth].map(sessionPresent), [0, 1, 0, 0])
    },
  ),
  demand(
    'MQTT-3.1.2-4 MQTT-3.1.2-5',
    'what came while a lasting session was away is delivered when it is back',
    async ({ t, name, open }) => {
      const away = await open({ clientId: name, clean: false })
      await subscribed(away, `${name}/#`, 2)
      await gone(away)
      const wire = await open({ clientId: `${name}-p` })
      await said(wire, publish(`${name}/a`, 'one', 1, 1))
      wire.send(publish(`${name}/b`, 'two', 2, 2))
      await wire.packet(PUBREC)
      wire.send(pubrel(2))
      await wire.packet(PUBCOMP)
      const back = await open({ clientId: name, clean: false })
      await back.packet(PUBLISH, 2)
      t.match(heard(back), [
        { payload: 'one', qos: 1 },
        { payload: 'two', qos: 2 },
      ])
    },
  ),
  demand(
    'MQTT-3.1.2-6',
    'a clean session forgets subscriptions and what waits',
    async ({ t, name, open }) => {
      const away = await open({ clientId: name, clean: false })
      await subscribed(away, name, 1)
      await gone(away)
      const wire = await open({ clientId: `${name}-p` })
      await said(wire, publish(name, 'x', 1, 1))
      const clean = await open({ clientId: name, clean: true })
      await settled(clean)
      await gone(clean)
      const back = await open({ clientId: name, clean: false })
      await said(wire, publish(name, 'y', 1, 2))
      await settled(back)
      t.strictSame([...heard(clean), ...heard(back)], [])
    },
  ),
  demand(
    'MQTT-4.4.0-1 MQTT-3.3.1-1',
    'an unacknowledged message is sent again with its identifier, marked DUP',
    async ({ t, name, open }) => {
      const away = await open({ clientId: name, clean: false })
      await subscribed(away, name, 1)
      const wire = await open({ clientId: `${name}-p` })
      await said(wire, publish(name, 'x', 1, 1))
      await away.packet(PUBLISH)
      const [{ id }] = heard(away) as [Heard]
      away.socket.destroy()
      const back = await open({ clientId: name, clean: false })
      await back.packet(PUBLISH)
      t.match(heard(back), [{ payload: 'x', id, dup: true }])
    },
  ),
  demand(
    'MQTT-4.4.0-1 MQTT-4.3.3-1',
    'a QoS 2 delivery goes on with PUBREL where it was broken off',
    async ({ t, name, open }) => {
      const away = await open({ clientId: name, clean: false })
      await subscribed(away, name, 2)
      const wire = await open({ clientId: `${name}-p` })
      wire.send(publish(name, 'x', 2, 1))
      await away.packet(PUBLISH)
      const [{ id }] = heard(away) as [Heard]
      away.send(packet(0x50, word(id!)))
      await away.packet(PUBREL)
      away.socket.destroy()
      const back = await open({ clientId: name, clean: false })
      t.equal((await back.packet(PUBREL)).body.readUInt16BE(0), id)
      back.send(packet(0x70, word(id!)))
      await settled(back)
      t.strictSame(heard(back), [], 'the message itself is not sent again')
      await gone(back)
      const third = await open({ clientId: name, clean: false })
      await settled(third)
      t.strictSame(ids(third, PUBREL), [], 'PUBCOMP was the end of it')
    },
  ),
  demand('MQTT-4.6.0-1 MQTT-4.6.0-6', 'what waits is sent again in its order', async ({ t, name, open }) => {
    const away = await open({ clientId: name, clean: false })
    await subscribed(away, name, 1)
    await gone(away)
    const wire = await open({ clientId: `${name}-p` })
    const all = Array.from({ length: 25 }, (_, n) => `${n}`)
    wire.send(...all.map((payload, n) => publish(name, payload, 1, n + 1)))
    await wire.packet(PUBACK, 25)
    const first = await open({ clientId: name, clean: false })
    await first.packet(PUBLISH, 25)
    first.socket.destroy()
    const second = await open({ clientId: name, clean: false })
    await second.packet(PUBLISH, 25)
    t.strictSame([payloads(first), payloads(second)], [all, all])
  }),
  demand(
    'MQTT-3.10.4-2',
    'UNSUBSCRIBE ends the subscription of a lasting session for good',
    async ({ t, name, open }) => {
      const away = await open({ clientId: name, clean: false })
      await subscribed(away, name, 1)
      away.send(packet(0xa2, Buffer.concat([word(7), text(name)])))
      await away.packet(UNSUBACK)
      await gone(away)
      const wire = await open({ clientId: `${name}-p` })
      await said(wire, publish(name, 'x', 1, 1))
      const back = await open({ clientId: name, clean: false })
      await settled(back)
      t.strictSame(heard(back), [])
    },
  ),
]

/** The kind of session, the QoS a message is sent with, the answers to it, and whether they end the connection. */
const ANSWERS: readonly [clean: boolean, qos: 1 | 2, answers: readonly number[], ends: boolean][] = [
  true,
  false,
].flatMap((clean) =>
  (
    [
      [1, [0x40], false],
      [1, [0x50], true],
      [1, [0x70], true],
      [2, [0x50, 0x70], false],
      [2, [0x50, 0x50, 0x70], false],
      [2, [0x40], true],
      [2, [0x70], true],
      [2, [0x50, 0x40], true],
    ] as const
  ).map(([qos, answers, ends]) => [clean, qos, answers, ends] as const),
) as never

const NAMES: Readonly<Record<number, string>> = { 64: 'PUBACK', 80: 'PUBREC', 112: 'PUBCOMP' }
const answering: Demand[] = ANSWERS.map(([clean, qos, answers, ends]) =>
  demand(
    'MQTT-4.8.0-1 MQTT-4.3.2-1 MQTT-4.3.3-1',
    `${answers.map((first) => NAMES[first]).join(', ')} for QoS ${qos} of a ${clean ? 'clean' : 'lasting'} session ${ends ? 'ends the connection' : 'is taken'}`,
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name, clean })
      const publisher = await open({ clientId: `${name}-p` })
      await subscribed(wire, name, qos)
      publisher.send(publish(name, 'x', qos, 1))
      await wire.packet(PUBLISH)
      const [{ id }] = heard(wire) as [Heard]
      t.equal(id, 1, 'identifiers begin at 1')
      let released = 0
      for (const first of answers) {
        wire.send(packet(first, word(id!)))
        if (first === 0x50 && qos === 2) await wire.packet(PUBREL, ++released)
      }
      if (ends) await wire.end()
      else await settled(wire)
      t.equal(wire.closed, ends)
    },
  ),
)

const connectOnly: Demand[] = [
  demand(
    'MQTT-3.1.3-2',
    'the client id names the session, whatever the connection',
    async ({ t, name, open }) => {
      const first = await open()
      first.send(connect({ clientId: name, clean: false }))
      await first.packet(CONNACK)
      await subscribed(first, name, 1)
      await gone(first)
      const other = await open({ clientId: `${name}-other`, clean: false })
      t.equal(sessionPresent(other), 0)
    },
  ),
]

export const demands: readonly Demand[] = [
  ...connecting,
  ...connectOnly,
  ...wills,
  ...acknowledging,
  ...subscribing,
  ...matching,
  ...wildcards,
  ...retaining,
  ...lasting,
  ...answering,
]
