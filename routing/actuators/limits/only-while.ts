/**
 * An actuator that may be on only while another one is. What nobody knows of counts as off, and so does what a timer
 * must have ended by now.
 */
import { spelled } from '../place.js'
import type { Neighbour, Surroundings } from '../surroundings.js'
import { limit } from './limit.js'

/** Its run is over by its own timer, whatever was reported last. */
const isOver = ({ ends_in }: Neighbour): boolean => ends_in !== null && ends_in <= 0

const missing = ({ neighbours }: Surroundings): Neighbour | undefined =>
  neighbours.find((other) => other.kind === 'only_while' && (!other.on || other.doubtful || isOver(other)))

const isWhat = ({ on, doubtful }: Neighbour): string => {
  if (!on) return 'off'
  return doubtful ? 'not heard of' : 'at the end of its time'
}

const because = (other: Neighbour): string =>
  `it may be on only while ${spelled(other)} is, which is ${isWhat(other)}`

export const onlyWhile = limit({
  name: 'only_while',
  blocks(_order, surroundings) {
    const other = missing(surroundings)
    return other && { detail: because(other), possible_at: null }
  },
  broken(surroundings) {
    const other = missing(surroundings)
    return other && { detail: because(other) }
  },
})
