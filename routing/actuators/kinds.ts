/**
 * The kinds of actuators: how long each may be on when nobody says otherwise (decisions.md §4), how REST names its
 * form, and the word the firmware knows it by (protocol.md §2.7). A type that nobody knows has the limits of
 * `unknown`: whatever it is, it is not left on.
 */
export type Form = 'digital' | 'pwm' | 'servo'
export type FirmwareWord = 'relay' | 'pump' | 'valve' | 'pwm'

export interface Kind {
  readonly type: string
  /** How long it may be on at a time, s; 0 = no limit. */
  readonly max_runtime: number
  readonly form: Form
  readonly firmware: FirmwareWord
  /** Other words for it, in lower case. */
  readonly aliases: readonly string[]
}

const HOUR = 3_600

const kinds: readonly Kind[] = [
  {
    type: 'pump',
    max_runtime: HOUR,
    form: 'digital',
    firmware: 'pump',
    aliases: ['water_pump', 'circulation_pump', 'irrigation'],
  },
  {
    type: 'valve',
    max_runtime: HOUR,
    form: 'digital',
    firmware: 'valve',
    aliases: ['solenoid', 'solenoid_valve', 'magnet_valve'],
  },
  {
    type: 'heater',
    max_runtime: HOUR,
    form: 'digital',
    firmware: 'relay',
    aliases: ['heating', 'heat_mat', 'boiler'],
  },
  {
    type: 'dosing',
    max_runtime: HOUR,
    form: 'digital',
    firmware: 'pump',
    aliases: ['doser', 'dosing_pump', 'peristaltic', 'peristaltic_pump'],
  },
  {
    type: 'relay',
    max_runtime: HOUR,
    form: 'digital',
    firmware: 'relay',
    aliases: ['switch', 'socket', 'outlet'],
  },
  {
    type: 'light',
    max_runtime: 18 * HOUR,
    form: 'digital',
    firmware: 'relay',
    aliases: ['lamp', 'led', 'lighting', 'grow_light'],
  },
  {
    type: 'fan',
    max_runtime: 0,
    form: 'pwm',
    firmware: 'pwm',
    aliases: ['ventilator', 'ventilation', 'exhaust', 'exhaust_fan'],
  },
  { type: 'pwm', max_runtime: HOUR, form: 'pwm', firmware: 'pwm', aliases: ['dimmer'] },
  { type: 'servo', max_runtime: HOUR, form: 'servo', firmware: 'pwm', aliases: [] },
  { type: 'digital', max_runtime: HOUR, form: 'digital', firmware: 'relay', aliases: ['binary'] },
]

const UNKNOWN: Kind = {
  type: 'unknown',
  max_runtime: HOUR,
  form: 'digital',
  firmware: 'relay',
  aliases: [],
}

const byWord = new Map(kinds.flatMap((kind) => [kind.type, ...kind.aliases].map((word) => [word, kind])))

/** The types by name, as people may choose them. */
export const ACTUATOR_TYPES: readonly string[] = kinds.map(({ type }) => type)

/** The kind this word names, in any case; undefined when nobody knows it. */
export const findKind = (word: string): Kind | undefined => byWord.get(word.trim().toLowerCase())

/** The same; what nobody knows is of kind `unknown`. */
export const kindOf = (word: string | null | undefined): Kind =>
  (word ? findKind(word) : undefined) ?? UNKNOWN

/** How long it may be on at a time, s: as people set it, else as its kind has it; 0 = no limit. */
export const maxRuntimeOf = (kind: Kind, config: { max_runtime: number | null } | undefined): number =>
  config?.max_runtime ?? kind.max_runtime

type Wired = { readonly pwm_frequency: number | null } | undefined

/** Its form as it is wired: with a PWM frequency also a pump or a light has values between off and on. */
export const formOf = ({ form }: Kind, config: Wired): Form =>
  form === 'digital' && config?.pwm_frequency != null ? 'pwm' : form

/** What the firmware calls it. */
export const firmwareWordOf = ({ form, firmware }: Kind, config: Wired): FirmwareWord =>
  form === 'digital' && config?.pwm_frequency != null ? 'pwm' : firmware
