/** `/broker/bounds`: what each bound of the broker is, and how often it was hit since the start. */
import Type, { type Static } from 'typebox'
import { type Resource, route } from '../route.js'
import { nullable, Time } from '../shapes.js'
import { iso } from '../web.js'

/** A bound of the broker, as its room says it. */
interface BoundState {
  readonly name: string
  readonly flag: string
  readonly value: number
  readonly unit: 'count' | 'bytes' | 'ms' | 's' | '1/s'
  readonly summary: string
  readonly hits: number
  /** ms since 1970 */
  readonly last_hit_at: number | null
}

export interface BrokerBoundsOptions {
  boundStates: () => readonly BoundState[]
}

/** A bound as REST shows it. */
export const BoundBody = Type.Object({
  name: Type.String(),
  flag: Type.String({ description: 'of `kaiser start`' }),
  value: Type.Integer({ minimum: 0 }),
  unit: Type.Enum(['count', 'bytes', 'ms', 's', '1/s']),
  summary: Type.String({ description: 'what it bounds' }),
  hits: Type.Integer({ minimum: 0, description: 'since the start' }),
  last_hit_at: nullable(Time),
})

export const boundBodies = (states: readonly BoundState[]): Static<typeof BoundBody>[] =>
  states.map(({ last_hit_at, ...bound }) => ({ ...bound, last_hit_at: iso(last_hit_at) }))

export const brokerBounds = ({ boundStates }: BrokerBoundsOptions): Resource => ({
  prefix: '/broker/bounds',
  tag: 'Broker',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'admin',
      summary: 'The bounds of the broker and how often each was hit',
      answer: Type.Object({
        success: Type.Literal(true),
        data: Type.Array(BoundBody),
        total: Type.Integer(),
      }),
      handle() {
        const data = boundBodies(boundStates())
        return { success: true as const, data, total: data.length }
      },
    }),
  ],
})
