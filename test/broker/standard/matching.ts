/** Which filter matches which topic. MQTT 3.1.1 §4.7 */

import { heard, payloads, settled } from '../../support/mqtt-heard.js'
import { PUBLISH, publish } from '../../support/mqtt-wire.js'
import { type Demand, demand, said, subscribed } from './demand.js'

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
export const matching: Demand[] = MATCHES.map(([clause, filter, topic, match]) =>
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

export const wildcards: Demand[] = [
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
