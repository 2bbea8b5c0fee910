/** What people read of a load: one line while it runs, and a summary of lines that fit a terminal of 80 columns. */
import type { CrowdFigures } from '../sim/load/crowd.js'
import { number, plural } from './progress.js'

export interface LoadSummary {
  broker: string
  profile: string
  devices: number
  seconds: number
  connected: number
  reconnects: number
  published: number
  published_per_second: number
  /** Never acknowledged. */
  published_at_qos_0: number
  acknowledged: number
  acknowledged_per_second: number
  unacknowledged: number
  repeated: number
  puback_ms: { p50: number; p99: number; max: number }
  refused: { connections: number; subscriptions: number }
  unreachable: number
  let_go: number
  /** Devices of whom nothing is kept. */
  not_let_in: number
}

export function loadLine(
  devices: number,
  seconds: number,
  now: CrowdFigures,
  before: CrowdFigures,
  since: number,
): string {
  const rate = (name: 'published' | 'acknowledged'): string =>
    number(since > 0 ? (now[name] - before[name]) / since : 0)
  const { p50_ms, p99_ms } = now.latency
  return [
    `${Math.round(seconds)} s`,
    `${now.up}/${devices} up`,
    `${rate('published')}/s published`,
    `${rate('acknowledged')}/s acknowledged`,
    `p50 ${number(p50_ms)} p99 ${number(p99_ms)} ms`,
  ].join('  ')
}

export const summarise = (
  what: { broker: string; profile: string; devices: number },
  seconds: number,
  { up, latency, refused, ...figures }: CrowdFigures,
): LoadSummary => ({
  ...what,
  seconds: Math.round(seconds * 10) / 10,
  connected: up,
  reconnects: figures.reconnects,
  published: figures.published,
  published_per_second: rounded(figures.published / seconds),
  published_at_qos_0: figures.published - figures.expected,
  acknowledged: figures.acknowledged,
  acknowledged_per_second: rounded(figures.acknowledged / seconds),
  unacknowledged: figures.expected - figures.acknowledged,
  repeated: figures.repeated,
  puback_ms: { p50: latency.p50_ms, p99: latency.p99_ms, max: latency.max_ms },
  refused: { connections: refused.connection_refused, subscriptions: refused.subscription_refused },
  unreachable: refused.unreachable,
  let_go: figures.let_go,
  not_let_in: figures.outside,
})

const rounded = (n: number): number => Math.round(n * 10) / 10

export function summaryText(summary: LoadSummary): string {
  const { devices, profile, broker, seconds, acknowledged, puback_ms, refused } = summary
  const rate = (count: number, per_second: number): string => `${number(count)}, ${number(per_second)}/s`
  const rows: [name: string, text: string, isShown?: boolean][] = [
    ['connected', `${number(summary.connected)} of ${number(devices)}`],
    [
      'published',
      `${rate(summary.published, summary.published_per_second)}, ${number(summary.published_at_qos_0)} at QoS 0`,
    ],
    ['acknowledged', rate(acknowledged, summary.acknowledged_per_second)],
    [
      'PUBACK after',
      `${number(puback_ms.p50)} ms (half), ${number(puback_ms.p99)} ms (99 %), ${number(puback_ms.max)} ms (all)`,
      acknowledged > 0,
    ],
    ['on their way', number(summary.unacknowledged), summary.unacknowledged > 0],
    ['said again', number(summary.repeated), summary.repeated > 0],
    ['reconnects', number(summary.reconnects)],
    [
      'refused',
      `${plural(refused.connections, 'connection')}, ${plural(refused.subscriptions, 'subscription')}`,
    ],
    ['unreachable', plural(summary.unreachable, 'time'), summary.unreachable > 0],
    [
      'not let in',
      `${plural(summary.not_let_in, 'device')}: nothing they said is kept`,
      summary.not_let_in > 0,
    ],
    [
      'let go',
      `${plural(summary.let_go, 'message')}: a queue was full, or nobody was there`,
      summary.let_go > 0,
    ],
  ]
  return [
    `${plural(devices, 'device')} of ${profile}, ${number(seconds)} s`,
    `on ${broker}`.slice(0, 79),
    ...rows.filter(([, , isShown = true]) => isShown).map(([name, text]) => `  ${name.padEnd(14)}${text}`),
  ]
    .map((line) => `${line}\n`)
    .join('')
}
