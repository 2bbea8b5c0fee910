/** What a PUBLISH is answered with, and how it comes to those who hear it. MQTT 3.1.1 §3.3, §4.3, §4.6 */

import { heard, payloads, settled } from '../../support/mqtt-heard.js'
import {
  CONNACK,
  ids,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  publish,
  pubrel,
} from '../../support/mqtt-wire.js'
import { until } from '../../support/until.js'
import { type Demand, demand, subscribed } from './demand.js'

export const acknowledging: Demand[] = [
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
