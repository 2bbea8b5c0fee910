/** Retained messages. MQTT 3.1.1 §3.3.1.3 */

import { heard, payloads, settled } from '../../support/mqtt-heard.js'
import { PUBLISH, publish } from '../../support/mqtt-wire.js'
import { type Demand, demand, gone, retained, said, subscribed } from './demand.js'

export const retaining: Demand[] = [
  demand(
    'MQTT-3.3.1-5 MQTT-3.3.1-6 MQTT-3.3.1-8',
    'a retained message is sent to a new subscriber, marked',
    async ({ t, name, open }) => {
      const wire = await open({ clientId: name })
      await said(wire, retained(name, 'old'))
      await said(wire, retained(name, 'new', 1, 2))
      const late = await open({ clientId: `${name}-l` })
      await subscribed(late, name, 1)
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
