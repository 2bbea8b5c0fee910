/** Values of flags that several commands take: times, counts, and where a broker is. */
import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { type BrokerUrl, dial, parseBrokerUrl, withoutCredentials } from '../sim/broker-url.js'
import { type Option, type Parsed, UsageError, yes } from './config.js'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `90s` → ms, within bounds in ms; `allowed` is said to whoever is wrong. */
export const time =
  (least: number, most: number, allowed: string) =>
  (text: string): number => {
    const [, n, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|[smhd])$/.exec(text) ?? []
    const ms = Number(n) * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN)
    if (!(ms >= least && ms <= most)) throw new Error(`a time ${allowed}`)
    return ms
  }

export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const n = Number(text)
    if (!/^\d{1,12}$/.test(text) || n < least || n > most)
      throw new Error(`a whole number from ${least} to ${most}`)
    return n
  }

export const given = (value: string, summary: string): Option<string | undefined> => ({
  value,
  default: undefined,
  summary,
  parse(text) {
    if (text === '') throw new Error('it must not be empty')
    return text
  },
})

export const toggle = (summary: string): Option<boolean> => ({ default: false, summary, parse: yes })

/** How long a command runs, ms; until it is interrupted without it. */
export const forOption: Option<number | undefined> = {
  value: 'TIME',
  default: undefined,
  summary: 'end after so long: 60s, 10m, 2h (until you interrupt)',
  parse: time(100, 3_650 * UNITS.d, 'such as 60s, 10m or 2h'),
}

/** How many times faster than it was, or than real time; Infinity is as fast as it goes. */
export const speedOption: Option<number | undefined> = {
  value: 'N|max',
  default: undefined,
  summary: 'how many times faster, 0.1 to 10000, or as fast as it goes',
  parse(text) {
    if (text === 'max') return Number.POSITIVE_INFINITY
    const n = Number(text)
    if (!/^\d{1,5}(\.\d{1,3})?$/.test(text) || n < 0.1 || n > 10_000)
      throw new Error('0.1 to 10000 times faster, or max')
    return n
  },
}

/** A broker elsewhere, and how to log in to it. */
export const brokerOptions = {
  broker: {
    value: 'URL',
    default: undefined,
    summary: 'where to: mqtt://host:1883 or mqtts://host:8883',
    parse: parseBrokerUrl,
    show: withoutCredentials,
  } as Option<BrokerUrl | undefined>,
  username: given('NAME', 'user name at the broker'),
  password: {
    ...given('TEXT', 'its password, which all on this machine may read; rather KAISER_PASSWORD, or'),
    show: () => '…',
  },
  'password-stdin': toggle('read the password from standard input'),
  ca: given('FILE', 'with mqtts: who signs the certificate of the broker, as PEM'),
}

export interface Elsewhere {
  readonly url: BrokerUrl
  /** Makes a new connection. */
  readonly connect: () => Duplex
  readonly login: { username: string; password: string } | undefined
  /** Who is trusted besides those this machine trusts, as PEM. */
  readonly trusted: string | undefined
}

function fileOf(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--${flag} is "${path}"; it cannot be read: ${(error as Error).message}`)
  }
}

/** Undefined without --broker; `rest` is asked too. Throws UsageError when flags do not fit together or a file cannot be read. */
export async function elsewhere(
  { broker, username, ca, password, 'password-stdin': asks }: Parsed<typeof brokerOptions>,
  stdin: () => Promise<string>,
  rest?: string,
): Promise<Elsewhere | undefined> {
  const secret = asks ? 'password-stdin' : password !== undefined ? 'password' : undefined
  if (!broker) {
    const flag = username !== undefined ? 'username' : (secret ?? (ca !== undefined ? 'ca' : ''))
    if (flag) throw new UsageError(`--${flag} needs --broker URL`)
    return undefined
  }
  if (ca !== undefined && !broker.secure && !rest?.startsWith('https:'))
    throw new UsageError('--ca needs a broker with mqtts://')
  if (username === undefined && secret) throw new UsageError(`--${secret} needs --username NAME`)
  if (username !== undefined && !secret)
    throw new UsageError('--username needs --password-stdin, KAISER_PASSWORD or --password')
  if (asks && password !== undefined)
    throw new UsageError('--password and --password-stdin exclude one another')
  const trusted = ca === undefined ? undefined : fileOf('ca', ca)
  return {
    url: broker,
    connect: dial(broker, trusted),
    trusted,
    login:
      username === undefined
        ? undefined
        : { username, password: password ?? (await stdin()).replace(/\r?\n$/, '') },
  }
}

/** Topics that are meant; more than one may be given. */
export const topicOption: Option<readonly string[]> = {
  value: 'FILTER',
  default: [],
  shown: 'all that devices say and hear',
  summary: 'only these topics; may be given more than once',
  many: true,
  parse(text) {
    const filters = text.split(',')
    for (const filter of filters)
      if (!/^(?:(?:\+|[^+#/\0]*)\/)*(?:#|\+|[^+#/\0]*)$/.test(filter) || filter === '')
        throw new Error('topic filters such as kaiser/+/esp/#')
    return filters
  },
}

/** Says what does not work, each thing once until another comes. */
export function createComplaints(note: (text: string) => void) {
  let last = ''
  return (text: string, kind = text): void => {
    if (kind !== last) note(text)
    last = kind
  }
}
