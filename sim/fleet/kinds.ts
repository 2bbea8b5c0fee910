/** What a mock can be made of, for whoever offers the choice: patterns, faults, and the devices of the profiles. */
import Type, { type TObject } from 'typebox'
import { faults } from '../faults/index.js'
import { patterns } from '../patterns/index.js'
import { profiles } from '../profiles/index.js'

export interface Entry {
  readonly name: string
  readonly summary: string
  readonly parameters: TObject
}

/** Nobody reads files of this machine through a mock: a recorded series is given as such. */
const withoutFile = ({ properties: { file: _, ...rest } }: TObject): TObject => Type.Object(rest)

const described = ({ name, summary, parameters }: Entry): Entry => ({
  name,
  summary,
  parameters: withoutFile(parameters),
})

export const kinds = () => ({
  patterns: patterns.map(described),
  faults: faults.map(described),
  presets: profiles.flatMap(({ name, devices }) =>
    Object.entries(devices).map(([device, make]) => {
      const { sensors, actuators } = make({})
      return {
        profile: name,
        device: device.toLowerCase(),
        sensors: Object.values(sensors),
        actuators: Object.values(actuators),
      }
    }),
  ),
})
