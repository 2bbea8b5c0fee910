/** `kaiser sim --sandbox`: hours of mock devices and their kaiser in a while, the same for the same seed. */
import type { CrowdOptions } from '../sim/load/crowd.js'
import type { Io } from './command.js'
import { type Option, type Parsed, UsageError } from './config.js'
import { speedOption, toggle } from './flags.js'
import { clockText, number, openProgress, plural, sandboxRows } from './progress.js'
import { untilStopped } from './until-stopped.js'

const HOUR = 3_600_000

export const sandboxOptions = {
  sandbox: toggle('instead: in a kaiser of its own in this process, on no port, that is thrown away'),
  hours: {
    value: 'N',
    default: undefined,
    summary: 'with --sandbox: how many of theirs, 0.01 to 8784 (24 without it)',
    parse(text: string) {
      const n = Number(text)
      if (!/^\d{1,4}(\.\d{1,4})?$/.test(text) || n < 0.01 || n > 8_784) throw new Error('0.01 to 8784 hours')
      return n
    },
  } as Option<number | undefined>,
  speed: { ...speedOption, summary: `with --sandbox: ${speedOption.summary} (max without it)` },
  from: {
    value: 'TIME',
    default: undefined,
    summary: 'with --sandbox: when it begins (2026-05-01T00:00Z without it)',
    parse(text: string) {
      const at = Date.parse(text)
      if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at))
        throw new Error('a time such as 2026-05-01T06:00Z')
      return at
    },
  } as Option<number | undefined>,
  keep: toggle('with --sandbox: keep its database, and say where it is'),
}

const FROM = Date.UTC(2026, 4, 1)

type Flags = Parsed<typeof sandboxOptions> & { broker: unknown; for: unknown; json: boolean }

/** Throws UsageError when flags do not fit together. */
export function checkSandbox({ sandbox, hours, speed, from, keep, broker, ...others }: Flags): void {
  if (sandbox && broker !== undefined) throw new UsageError('sim takes --sandbox or --broker, not both')
  if (sandbox && others.for !== undefined) throw new UsageError('sim --sandbox takes --hours, not --for')
  for (const [name, value] of Object.entries({ hours, speed, from, keep: keep || undefined }))
    if (!sandbox && value !== undefined) throw new UsageError(`--${name} needs --sandbox`)
}

type Wanted = Omit<CrowdOptions, 'connect' | 'login' | 'clock' | 'monotonic' | 'trouble'>

export async function runInSandbox(
  { hours = 24, speed = Number.POSITIVE_INFINITY, from = FROM, keep, json }: Flags,
  wanted: Wanted,
  io: Io,
): Promise<number> {
  const { simulate } = await import('./simulated-time.js')
  const monotonic = (): number => performance.now()
  const began = monotonic()
  const lasts = hours * HOUR
  const simulated = await simulate({
    ...{ ...wanted, from, lasts, speed, keep, monotonic },
    trouble: (esp_id, what, detail) => progress.note(`${esp_id}: ${what}, ${detail}`),
  })
  const { sandbox, figures } = simulated
  const progress = openProgress(io, () => {
    const share = Math.floor((100 * simulated.at) / lasts)
    return `${share} %  ${clockText(simulated.at)} of ${clockText(lasts)}  ${number(figures().published)} published`
  })
  try {
    if ((await Promise.race([simulated.over, untilStopped()])) !== undefined) simulated.stop()
    await simulated.over
  } finally {
    progress.close()
  }
  const { published, let_go, reconnects } = figures()
  const { messages_processed, messages_failed, codes } = sandbox.stats()
  const { devices, profile } = wanted
  const seconds = Math.round((monotonic() - began) / 100) / 10
  if (json) {
    const what = {
      profile: profile.name,
      devices,
      hours: simulated.at / HOUR,
      seconds,
      published,
      let_go,
      reconnects,
    }
    const kept = keep ? { database: sandbox.database } : {}
    io.out(`${JSON.stringify({ ...what, messages_processed, messages_failed, codes, ...kept })}\n`)
    return 0
  }
  const rows: [name: string, text: string][] = [
    [
      'published',
      `${number(published)}, ${plural(reconnects, 'reconnect')}, ${plural(let_go, 'message')} let go`,
    ],
    ...sandboxRows(sandbox, keep),
  ]
  const lived = `${clockText(simulated.at)} from ${new Date(from).toISOString()} in ${number(seconds)} s`
  io.out(`${plural(devices, 'device')} of ${profile.name}\n${lived}\n`)
  for (const [name, text] of rows) io.out(`  ${name.padEnd(14)}${text}\n`)
  return 0
}
