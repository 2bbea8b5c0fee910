/** `kaiser token`: an access token for a script, as long-lived as it says. */
import { carryOut } from '../admin-command.js'
import type { Command } from '../command.js'
import { jsonFlag, readFlags, wordFlag } from '../command-flags.js'
import { dataOption, type Option, UsageError } from '../config.js'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }
const LONGEST = 3_650 * 86_400

/** `90s`, `30m`, `12h`, `7d` → seconds. */
function seconds(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const n = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN)
  if (!(n >= 1 && n <= LONGEST)) throw new Error('a time such as 90s, 30m, 12h or 7d, at most 3650d')
  return n
}

const options = {
  data: dataOption,
  user: wordFlag('NAME', 'whose rights the token has'),
  ttl: {
    value: 'TIME',
    default: 86_400,
    shown: '24h',
    summary: 'how long it is good: 90s, 30m, 12h, 7d',
    parse: seconds,
  } as Option<number>,
  json: jsonFlag,
}

export const token: Command = {
  name: 'token',
  summary: 'issue an access token for a script',
  usage: '--user NAME',
  options,
  async run(argv, io) {
    const config = readFlags('token', options, argv)
    if (!config.user) throw new UsageError('token needs --user NAME')
    const issued = (await carryOut(config.data, 'token.issue', {
      username: config.user,
      seconds: String(config.ttl),
    })) as { token: string }
    io.out(config.json ? `${JSON.stringify(issued)}\n` : `${issued.token}\n`)
    return 0
  },
}
