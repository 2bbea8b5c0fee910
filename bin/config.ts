/**
 * What kaiser is told: flags over environment over defaults, checked once, frozen. The only file that reads
 * the environment. A wrong value is refused with the flag, the value and what is allowed.
 */
import { parseArgs } from 'node:util'
import { type Bound, type BoundFlag, boundTable, type Unit } from '../broker/bounds.js'
import { parseRedisUrl, withoutPassword } from '../broker/redis/url.js'
import type { Discovery } from '../routing/handler.js'

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** One flag: how it is spelled, what it means, what is allowed. */
export interface Option<T> {
  /** Placeholder of its value in the help; none for a switch. */
  value?: string
  default: T
  /** The default as the help shows it, where that is not how it is kept. */
  shown?: string
  summary: string
  /** Reads a value. Throws an Error that says what is allowed. */
  parse: (text: string) => T
  /** How a value is shown that is not allowed; a secret must not be. */
  show?: (text: string) => string
  /** Environment names besides `KAISER_…`. */
  also?: string
  /** It may be given more than once; `parse` gets the values with commas between. */
  many?: boolean
}

export type Options = Record<string, Option<unknown>>
export type Parsed<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }

const port = (text: string): number => {
  const n = Number(text)
  if (!/^\d+$/.test(text) || n > 65_535) throw new Error('a port is 0 to 65535; 0 picks a free one')
  return n
}

const oneOf =
  <T extends string>(...words: T[]) =>
  (text: string): T => {
    const word = words.find((allowed) => allowed === text)
    if (!word) throw new Error(`allowed: ${words.join(', ')}`)
    return word
  }

const text = (value: string): string => {
  if (value === '') throw new Error('it must not be empty')
  return value
}

export const yes = (value: string): boolean => {
  if (/^(1|true|yes|on)$/i.test(value)) return true
  if (/^(0|false|no|off)?$/i.test(value)) return false
  throw new Error('allowed: true, false')
}

const LEVELS = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
  fatal: 'fatal',
  silent: 'silent',
} as const

const level = (value: string): string => {
  const known = LEVELS[value.toLowerCase() as keyof typeof LEVELS]
  if (!known) throw new Error(`allowed: ${Object.keys(LEVELS).join(', ')}`)
  return known
}

const kaiserId = (value: string): string => {
  if (!/^[A-Za-z0-9_-]{1,50}$/.test(value) || value === 'broadcast')
    throw new Error('1 to 50 letters, digits, _ and -, and not "broadcast"')
  return value
}

const rate = (value: string): number => {
  const n = Number(value)
  if (!/^\d+$/.test(value) || n > 1_000_000) throw new Error('a whole number up to 1000000, 0 for no limit')
  return n
}

/** `http://host:port`, several with commas between, `*`, or `off`. */
const origins = (value: string): readonly string[] => {
  if (value === '*') return [value]
  if (value === 'off') return []
  return value.split(',').map((one) => {
    const url = URL.canParse(one) ? new URL(one) : undefined
    if (!/^https?:$/.test(url?.protocol ?? '') || url!.href !== `${url!.origin}/`)
      throw new Error('origins such as http://localhost:3000 with commas between, * for every one, or off')
    return url!.origin
  })
}

const redisUrl = (value: string): string => {
  parseRedisUrl(value)
  return value
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `7d`, `12h`, `90m`, `30s` or `0`; milliseconds. */
const duration = (value: string): number => {
  const [, n, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
  if (value === '0') return 0
  if (!n || !unit) throw new Error('a number with s, m, h or d behind it, such as 7d or 12h; 0 for never')
  return Number(n) * UNITS[unit as keyof typeof UNITS]
}

const seconds = (value: string): number => {
  const n = Number(value)
  if (!/^\d+$/.test(value) || n > 86_400) throw new Error('whole seconds up to 86400, 0 for never')
  return n
}

const option = <T>(definition: Option<T>): Option<T> => definition

/** Where everything is kept; every command has it. */
export const dataOption = option({
  value: 'DIR',
  default: './data',
  summary: 'everything kaiser keeps',
  parse: text,
})

const PLACEHOLDER: Readonly<Record<Unit, string>> = {
  count: 'N',
  bytes: 'BYTES',
  ms: 'MS',
  s: 'SECONDS',
  '1/s': 'N',
}

/** One flag per bound of the broker. */
const boundOptions = Object.fromEntries(
  Object.values<Bound>(boundTable).map(({ flag, default: fallback, unit, least, most, summary }) => [
    flag,
    option({
      value: PLACEHOLDER[unit],
      default: fallback,
      summary,
      parse(value) {
        const n = Number(value)
        if (!/^\d{1,9}$/.test(value) || n < least || n > most)
          throw new Error(`a whole number from ${least} to ${most}`)
        return n
      },
    }),
  ]),
) as Record<BoundFlag, Option<number>>

export const startOptions = {
  data: dataOption,
  host: option({ value: 'ADDR', default: '0.0.0.0', summary: 'address of all listeners', parse: text }),
  'mqtt-port': option({ value: 'N', default: 1883, summary: 'MQTT over TCP', parse: port }),
  'http-port': option({
    value: 'N',
    default: 8000,
    summary: 'dashboard, REST, realtime and MQTT over WebSocket',
    parse: port,
  }),
  'mqtts-port': option<number | undefined>({
    value: 'N',
    default: undefined,
    summary: 'MQTT over TLS (default off)',
    parse: port,
  }),
  'tls-cert': option<string | undefined>({
    value: 'FILE',
    default: undefined,
    summary: 'certificate as PEM; with it the HTTP port speaks HTTPS',
    parse: text,
  }),
  'tls-key': option<string | undefined>({
    value: 'FILE',
    default: undefined,
    summary: 'its private key as PEM',
    parse: text,
  }),
  'tls-client-ca': option<string | undefined>({
    value: 'FILE',
    default: undefined,
    summary: 'who signs certificates of devices, as PEM',
    parse: text,
  }),
  'kaiser-id': option({
    value: 'ID',
    default: 'god',
    summary: 'the {kaiser_id} level of our topics',
    parse: kaiserId,
    also: 'KAISER_ID',
  }),
  'allow-anonymous': option({
    default: false,
    summary: 'let MQTT clients in without credentials (lab use)',
    parse: yes,
  }),
  discovery: option<Discovery>({
    value: 'off|pending|auto',
    default: 'pending',
    summary: 'what happens to unknown devices',
    parse: oneOf('off', 'pending', 'auto'),
  }),
  'session-expiry': option({
    value: 'TIME',
    default: 7 * UNITS.d,
    shown: '7d',
    summary: 'how long the MQTT session of an absent client is kept, 0 = for ever',
    parse: duration,
  }),
  'ws-rate': option({
    value: 'N',
    default: 10,
    summary: 'messages per second per realtime client, 0 = no limit',
    parse: rate,
  }),
  'rest-rate': option({
    value: 'N',
    default: 1000,
    summary: 'REST requests per minute and token, 0 = no limit',
    parse: rate,
  }),
  'cors-origin': option<readonly string[]>({
    value: 'ORIGIN',
    default: ['http://localhost:3000', 'http://localhost:5173'],
    shown: 'http://localhost:3000,http://localhost:5173',
    summary: 'pages of other origins that may ask the REST API; several with commas, * = every one, or off',
    many: true,
    parse: origins,
  }),
  redis: option<string | undefined>({
    value: 'URL',
    default: undefined,
    summary: 'share sessions, retained messages and fan-out with other kaisers on this Redis',
    parse: redisUrl,
    show: withoutPassword,
  }),
  'sys-interval': option({
    value: 'SECONDS',
    default: 10,
    summary: 'how often $SYS/broker/… is said to administrators who subscribe, 0 = never',
    parse: seconds,
  }),
  'log-level': option({
    value: 'L',
    default: 'info',
    summary: 'trace, debug, info, warn, error, fatal, silent',
    parse: level,
    also: 'LOG_LEVEL',
  }),
  'ready-file': option<string | undefined>({
    value: 'FILE',
    default: undefined,
    summary: 'written when ready: ports and pid as JSON',
    parse: text,
  }),
  demo: option({ default: false, summary: 'also run a small greenhouse of mock devices', parse: yes }),
  ...boundOptions,
} as const

export type StartConfig = Parsed<typeof startOptions>

/** `--mqtt-port` ↔ `KAISER_MQTT_PORT` */
export const environmentName = (name: string): string => `KAISER_${name.replaceAll('-', '_').toUpperCase()}`

/** Reads argv and the environment. Throws UsageError. */
export function readConfig<O extends Options>(
  options: O,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { config: Parsed<O>; positionals: string[] } {
  const { values, positionals } = parse(options, argv)
  const config = Object.fromEntries(
    Object.entries(options).map(([name, definition]) => [
      name,
      valueFor(name, definition, values[name], env),
    ]),
  )
  return { config: Object.freeze(config) as Parsed<O>, positionals }
}

function parse(
  options: Options,
  argv: readonly string[],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { value, many }]) => [
          name,
          { type: value ? ('string' as const) : ('boolean' as const), multiple: many === true },
        ]),
      ),
    })
    const single = Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ])
    return { values: Object.fromEntries(single), positionals }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const flag = /'(-[^']*)'/.exec(message)?.[1] ?? ''
      throw new UsageError(
        `unknown flag ${flag}; allowed: ${Object.keys(options)
          .map((name) => `--${name}`)
          .join(' ')}`,
      )
    }
    throw new UsageError(message.split('\n')[0]!)
  }
}

function valueFor(
  name: string,
  definition: Option<unknown>,
  given: string | boolean | undefined,
  env: NodeJS.ProcessEnv,
): unknown {
  if (typeof given === 'boolean') return given
  const sources: [string, string | undefined][] = [
    [`--${name}`, given],
    [environmentName(name), env[environmentName(name)]],
    ...(definition.also && definition.also !== environmentName(name)
      ? [[definition.also, env[definition.also]] as [string, string | undefined]]
      : []),
  ]
  const found = sources.find(([, value]) => value !== undefined)
  if (!found) return definition.default
  try {
    return definition.parse(found[1]!)
  } catch (error) {
    const given = found[1]!
    throw new UsageError(`${found[0]} is "${definition.show?.(given) ?? given}"; ${(error as Error).message}`)
  }
}

/** The flags of a command as help text. */
export const helpOf = (options: Options): string => {
  const lines = Object.entries(options).map(([name, { value, summary, default: fallback, shown: as }]) => {
    const shown = fallback === undefined || fallback === false ? '' : ` (default ${as ?? String(fallback)})`
    return [`  --${name}${value ? ` ${value}` : ''}`, `${summary}${shown}`] as const
  })
  const width = Math.max(...lines.map(([flag]) => flag.length)) + 2
  return lines.map(([flag, summary]) => flag.padEnd(width) + summary).join('\n')
}
