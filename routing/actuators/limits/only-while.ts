/**
 * An actuator that may be on only while another one is. What nobody knows of counts as off, and so does what a timer
 * must have ended by now.
 */
import { commandSaid } from '../../contract/sentences/commands.js'
import type { Neighbour, Surroundings } from '../surroundings.js'
import { blockedBy, limit } from './limit.js'

/** Its run is over by its own timer, whatever was reported last. */
const isOver = ({ ends_in }: Neighbour): boolean => ends_in !== null && ends_in <= 0

const missing = ({ neighbours }: Surroundings): Neighbour | undefined =>
  neighbours.find((other) => other.kind === 'only_while' && (!other.on || other.doubtful || isOver(other)))

const because = ({ on, doubtful, gpio, esp_id }: Neighbour) =>
  commandSaid(on ? (doubtful ? 'only_while_unheard' : 'only_while_ending') : 'only_while_off', {
    gpio,
    esp_id,
  })

export const onlyWhile = limit({
  name: 'only_while',
  blocks(_order, surroundings) {
    const other = missing(surroundings)
    return other && blockedBy(because(other), null)
  },
  broken(surroundings) {
    const other = missing(surroundings)
    return other && { detail: because(other).sentence }
  },
})
