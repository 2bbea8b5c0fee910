/** Which messages a fault of the line concerns. */
import Type from 'typebox'
import type { Sending } from './fault.js'

const KINDS = ['all', 'sensor', 'actuator', 'system'] as const
type Kind = (typeof KINDS)[number]

/** A parameter that faults of the line share. */
export const Of = Type.Enum([...KINDS], { default: 'all', description: 'which topics' })

/** `kaiser/{kaiser_id}/esp/{esp_id}/sensor/…` is of `sensor`. */
export const isOf = (kind: Kind, { topic }: Pick<Sending, 'topic'>): boolean =>
  kind === 'all' || topic.split('/', 5)[4] === kind
