/** What of the log is shown, as it stands in the address, and whether a line fits. */
import type { Line } from './lines.js'

export const SHOWN = ['events', 'raw', 'both'] as const
export type Shown = (typeof SHOWN)[number]

export interface Filter {
  readonly show: Shown
  readonly type: string
  readonly device: string
  /** A topic filter of MQTT, a pattern with * and ?, or a part of a topic. */
  readonly topic: string
  /** In what a line holds, in any case. */
  readonly text: string
}

type Query = Readonly<Record<string, unknown>>
const word = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 1024) : '')

export function filterIn({ show, type, device, topic, text }: Query): Filter {
  return {
    show: SHOWN.find((name) => name === show) ?? 'events',
    ...{ type: word(type), device: word(device), topic: word(topic), text: word(text) },
  }
}

/** The part of the address that says it; what is usual is left out. */
export const addressOf = (filter: Filter): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filter).filter(
      ([name, value]) => value !== '' && !(name === 'show' && value === 'events'),
    ),
  )

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * Which topics a wish fits: with `+` or `#` as a level it is a topic filter [MQTT-4.7.1], with `*` (anything) and `?`
 * (one character) a pattern for the whole topic, else a part of it.
 */
export function topicMatcher(wish: string): (topic: string) => boolean {
  const wanted = wish.trim()
  if (wanted === '') return () => true
  const levels = wanted.split('/')
  const isFilter = levels.some((level) => level === '+' || level === '#')
  if (!isFilter && !/[*?]/.test(wanted)) {
    const part = wanted.toLowerCase()
    return (topic) => topic.toLowerCase().includes(part)
  }
  const glob = (level: string): string => escaped(level).replaceAll('\\*', '.*').replaceAll('\\?', '[^/]')
  const spelled = levels.map((level) => (isFilter && level === '+' ? '[^/]*' : glob(level)))
  const isOpen = isFilter && levels.at(-1) === '#'
  const source = isOpen
    ? levels.length === 1
      ? '.*'
      : `${spelled.slice(0, -1).join('/')}(/.*)?`
    : spelled.join('/')
  const pattern = new RegExp(`^${source}$`, isFilter ? 's' : 'is')
  // What begins with $ is not meant by a wildcard in front. [MQTT-4.7.2-1]
  const hides = isFilter && (levels[0] === '#' || levels[0] === '+')
  return (topic) => !(hides && topic.startsWith('$')) && pattern.test(topic)
}

/** Does a line fit? Gaps always do. */
export function matcher({ type, device, topic, text }: Filter): (line: Line) => boolean {
  const fitsTopic = topicMatcher(topic)
  const words = text.toLowerCase()
  const id = device.toLowerCase()
  return (line) =>
    line.kind === 'gap' ||
    ((type === '' || line.type === type) &&
      (id === '' || line.esp_id.toLowerCase().includes(id)) &&
      fitsTopic(line.topic) &&
      (words === '' || textOf(line).includes(words)))
}

const texts = new WeakMap<object, string>()
/** What a line holds, as one searches it; made once. */
function textOf(line: Exclude<Line, { kind: 'gap' }>): string {
  let text = texts.get(line)
  if (text === undefined) {
    const held = line.kind === 'event' ? JSON.stringify(line.data) : (line.message.payload ?? '')
    text = `${line.type} ${held}`.toLowerCase()
    texts.set(line, text)
  }
  return text
}
