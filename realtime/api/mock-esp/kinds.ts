/** What a mock can be made of, so that a page offers what this kaiser has and no more. */
import Type from 'typebox'
import { MockActuator, MockSensor } from '../../../routing/contract/mock.js'
import type { MockKind } from '../../fleet.js'
import { plain } from '../../json-schema.js'
import { SYSTEM_STATES } from '../../mock-body.js'
import { type Route, route } from '../../route.js'
import type { MockEspOptions } from './options.js'

const Kinds = (description: string) =>
  Type.Array(
    Type.Object({
      name: Type.String(),
      summary: Type.String(),
      parameters: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of each, by name' }),
    }),
    { description },
  )

const kindBody = ({ name, summary, parameters }: MockKind) => ({
  name,
  summary,
  parameters: plain(parameters).properties ?? {},
})

export const kinds = ({ fleet }: MockEspOptions): Route[] => [
  route({
    method: 'GET',
    path: '/kinds',
    role: 'admin',
    summary: 'What mock devices can be made of, and what can be wrong with them',
    answer: Type.Object({
      success: Type.Literal(true),
      patterns: Kinds('how a value goes on'),
      faults: Kinds('what can go wrong'),
      presets: Type.Array(
        Type.Object({
          profile: Type.String(),
          device: Type.String(),
          sensors: Type.Array(MockSensor),
          actuators: Type.Array(MockActuator),
        }),
        { description: 'devices that are known' },
      ),
      system_states: Type.Array(Type.String()),
    }),
    handle() {
      const { patterns, faults, presets } = fleet.kinds()
      return {
        success: true as const,
        patterns: patterns.map(kindBody),
        faults: faults.map(kindBody),
        presets: presets.map((preset) => ({
          ...preset,
          sensors: [...preset.sensors],
          actuators: [...preset.actuators],
        })),
        system_states: [...SYSTEM_STATES],
      }
    },
  }),
]
