/** The client id, CONNACK, Keep Alive and the end of a connection. MQTT 3.1.1 §3.1, §3.2, §3.12, §3.14 */

import { heard, settled } from '../../support/mqtt-heard.js'
import {
  CONNACK,
  connect,
  PINGREQ,
  PINGRESP,
  PUBLISH,
  packet,
  publish,
  text,
} from '../../support/mqtt-wire.js'
import { type Demand, demand, gone, sessionPresent, subscribed } from './demand.js'

export const connecting: Demand[] = [
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
