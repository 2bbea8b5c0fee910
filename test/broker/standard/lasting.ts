/** What a session keeps while its client is away, and what is sent again. MQTT 3.1.1 §3.1.2.4, §4.1, §4.4 */

import { type Heard, heard, payloads, settled } from '../../support/mqtt-heard.js'
import {
  ids,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  packet,
  publish,
  pubrel,
  text,
  word,
} from '../../support/mqtt-wire.js'
import { type Demand, demand, gone, PUBREL, said, sessionPresent, subscribed, UNSUBACK } from './demand.js'

export const lasting: Demand[] = [
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
