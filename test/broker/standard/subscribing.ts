/** SUBSCRIBE and UNSUBSCRIBE. MQTT 3.1.1 §3.8 to §3.11 */

import { heard, payloads, settled } from '../../support/mqtt-heard.js'
import { PUBLISH, PUBREC, packet, publish, pubrel, SUBACK, text, word } from '../../support/mqtt-wire.js'
import { type Demand, demand, retained, said, subscribed, UNSUBACK } from './demand.js'

export const subscribing: Demand[] = [
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
