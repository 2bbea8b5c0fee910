/** The Will Message. MQTT 3.1.1 §3.1.2.5 */

import { heard, payloads, settled } from '../../support/mqtt-heard.js'
import { CONNACK, PUBLISH, packet, text, word } from '../../support/mqtt-wire.js'
import { type Demand, demand, gone, moment, subscribed } from './demand.js'

export const wills: Demand[] = [
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
