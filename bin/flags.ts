/** Values of flags that several commands take: times, counts, and where a broker is. */
import { type Option, UsageError, yes } from './config.js'

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

/** How to log in to a broker elsewhere. */
export const loginOptions = {
  username: given('NAME', 'user name at the broker'),
  'password-stdin': toggle('read the password from standard input'),
  ca: given('FILE', 'with mqtts: who signs the certificate of the broker, as PEM'),
}

/** Throws UsageError when one comes without the other. */
export async function loginOf(
  { username, 'password-stdin': asks }: { username: string | undefined; 'password-stdin': boolean },
  stdin: () => Promise<string>,
): Promise<{ username: string; password: string } | undefined> {
  if (username === undefined) {
    if (asks) throw new UsageError('--password-stdin needs --username NAME')
    return undefined
  }
  if (!asks)
    throw new UsageError('--username needs --password-stdin, so that no password stands in a shell history')
  return { username, password: (await stdin()).replace(/\r?\n$/, '') }
}
