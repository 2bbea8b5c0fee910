/** Reads a sketch for a device: what it would say, with every `%` filled in, and what it listens to. */

interface Said {
  readonly topic: string
  readonly payload: Record<string, unknown>
}

/** The words that stand for `%s` between quotes, by the field they are the value of. */
const WORDS: Readonly<Record<string, string>> = {
  type: 'sensor',
  state: 'on',
  command: 'ON',
  message: 'done',
}

const LITERALS = /(?:"(?:[^"\\]|\\.)*"\s*)+/.source

const textOf = (literals: string): string =>
  [...literals.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part!.replaceAll('\\"', '"')).join('')

const payloadOf = (format: string): Record<string, unknown> =>
  JSON.parse(
    format
      .replaceAll(/"(\w+)":"%s"/g, (_, name: string) => `"${name}":"${WORDS[name] ?? 'x'}"`)
      .replaceAll('"success":%s', '"success":true')
      .replaceAll('"ts":%s', '"ts":1735818000')
      .replaceAll(/%(lu|d)/g, '1'),
  ) as Record<string, unknown>

export interface Sketch {
  readonly base: string
  readonly said: readonly Said[]
  readonly will: Said
  readonly heard: readonly string[]
  /** JSON texts that no message was made of; there should be none. */
  readonly left: number
}

export function readSketch(text: string): Sketch {
  const base = /#define BASE "([^"]+)"/.exec(text)![1]!
  const said = [...text.matchAll(new RegExp(`say\\("([^"]+)",\\s*(${LITERALS})`, 'g'))].map(
    ([, topic, format]) => ({ topic: base + topic, payload: payloadOf(textOf(format!)) }),
  )
  const [, will, last] = new RegExp(`BASE "(system/will)"[^{]*?(${LITERALS})`).exec(text)!
  const heard = [...text.matchAll(/BASE "(?!kaiser\/)([^"%]+)"/g)].map(([, topic]) => base + topic)
  const jsons = text.match(/"\{\\"/g)!.length
  return {
    base,
    said,
    will: { topic: base + will, payload: payloadOf(textOf(last!)) },
    heard: heard.filter((topic) => !topic.endsWith('/will')),
    left: jsons - said.length - 1,
  }
}
