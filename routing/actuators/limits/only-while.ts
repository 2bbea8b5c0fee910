/** An actuator that may be on only while another one is. What nobody knows of for a while counts as off. */
import { spelled } from '../place.js'
import type { Neighbour, Surroundings } from '../surroundings.js'
import { limit } from './limit.js'

const missing = ({ neighbours }: Surroundings): Neighbour | undefined =>
  neighbours.find(({ kind, on, doubtful }) => kind === 'only_while' && (!on || doubtful))

const because = (other: Neighbour): string =>
  `it may be on only while ${spelled(other)} is, which is ${other.on ? 'not heard of' : 'off'}`

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
