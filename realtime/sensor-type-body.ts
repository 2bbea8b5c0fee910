/** A sensor type as people and other programs read it: the entry of the library without its formulas. */
import Type, { type Static } from 'typebox'
import type { Library } from '../routing/sensors/library.js'
import { optionsOf } from '../routing/sensors/options.js'
import { nullable } from './shapes.js'

const Range = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })

export const SensorTypeBody = Type.Object({
  type: Type.String({ description: 'canonical name: what is stored' }),
  aliases: Type.Array(Type.String()),
  name: Type.Object({ en: Type.String(), de: Type.String() }),
  unit: Type.String(),
  decimals: Type.Integer(),
  quantity: Type.String(),
  range: Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description: 'physical limits in the unit' }),
  native: Type.Object({
    unit: Type.String(),
    range: Range,
    signed: Type.Optional(Type.Integer({ description: 'bits of two’s complement' })),
    whole: Type.Optional(Type.Literal(true)),
  }),
  calibration: nullable(Type.Enum(['offset', 'linear', 'dry_wet', 'factor'])),
  calibration_days: nullable(Type.Number({ description: 'after how many days it is due again' })),
  mock: Type.Number({ description: 'value of a mock when nobody chose one' }),
  interval_s: Type.Number({ description: 'seconds' }),
  stale_s: Type.Number({ description: 'seconds without a value' }),
  stuck_ms: nullable(Type.Number({ description: 'a value that stands still for longer is suspect, ms' })),
  source: Type.String({ description: 'where formula and limits are from' }),
  options: Type.Array(
    Type.Object({
      name: Type.String(),
      kind: Type.Enum(['number', 'yes', 'choice']),
      unit: Type.String(),
      least: Type.Optional(Type.Number()),
      most: Type.Optional(Type.Number()),
      choices: Type.Optional(Type.Array(Type.String())),
      default: nullable(Type.Union([Type.Number(), Type.String()])),
    }),
    { description: 'what of `params` in a config its conversion reads' },
  ),
  remote: Type.Optional(Type.Literal(true, { description: 'a module of the user converts it' })),
})

type Described = ReturnType<Library['list']>[number]

export const sensorTypeBody = (type: Described): Static<typeof SensorTypeBody> => ({
  ...type,
  aliases: [...type.aliases],
  range: [...type.range],
  native: { ...type.native, range: [...type.native.range] },
  options: optionsOf(type).map(({ choices, ...option }) => ({
    ...option,
    ...(choices && { choices: [...choices] }),
  })),
})
