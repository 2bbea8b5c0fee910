/** Which answers to a delivery are taken, and which end the connection. MQTT 3.1.1 §4.3, §4.8 */

import { type Heard, heard, settled } from '../../support/mqtt-heard.js'
import { PUBLISH, packet, publish, word } from '../../support/mqtt-wire.js'
import { type Demand, demand, PUBREL, subscribed } from './demand.js'

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
export const answering: Demand[] = ANSWERS.map(([clean, qos, answers, ends]) =>
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
