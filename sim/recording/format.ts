/**
 * What a recording is: NDJSON, packed with gzip or not. First a header, then a line for each message, last a line that
 * says that nothing is missing. A reader leaves out lines of kinds it does not know.
 */
import { isUtf8 } from 'node:buffer'
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'

export const FORMAT = 'kaiser-recording'
export const VERSION = 1

const Header = Type.Object({
  format: Type.Literal(FORMAT),
  version: Type.Integer({ minimum: 1 }),
  started_at: Type.Number({ description: 'ms since 1970' }),
  topics: Type.Array(Type.String()),
})
export type Header = Static<typeof Header>

const Line = Type.Object({
  t: Type.Number({ minimum: 0, description: 'ms since the start' }),
  topic: Type.String({ minLength: 1 }),
  /** As text, or in base64 where it is none. */
  payload: Type.Optional(Type.String()),
  base64: Type.Optional(Type.String()),
  qos: Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]),
  retain: Type.Boolean(),
})

const End = Type.Object({ end: Type.Number({ minimum: 0 }), messages: Type.Integer({ minimum: 0 }) })

export interface Recorded {
  /** ms since the start */
  readonly t: number
  readonly topic: string
  readonly payload: Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export type Read =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'message'; readonly message: Recorded }
  | { readonly kind: 'end' }
  | { readonly kind: 'unknown' }

const isHeader = Compile(Header)
const isLine = Compile(Line)
const isEnd = Compile(End)

export const headerLine = (started_at: number, topics: readonly string[]): string =>
  `${JSON.stringify({ format: FORMAT, version: VERSION, started_at, topics: [...topics] } satisfies Header)}\n`

export function messageLine({ t, topic, payload, qos, retain }: Recorded): string {
  const body = isUtf8(payload) ? { payload: payload.toString() } : { base64: payload.toString('base64') }
  return `${JSON.stringify({ t, topic, ...body, qos, retain })}\n`
}

export const endLine = (end: number, messages: number): string => `${JSON.stringify({ end, messages })}\n`

/** Throws a SyntaxError when it is no JSON. */
export function readLine(text: string): Read {
  const line: unknown = JSON.parse(text)
  if (isLine.Check(line)) {
    const { t, topic, payload = '', base64, qos, retain } = line
    const bytes = base64 === undefined ? Buffer.from(payload) : Buffer.from(base64, 'base64')
    return { kind: 'message', message: { t, topic, payload: bytes, qos, retain } }
  }
  if (isHeader.Check(line)) return { kind: 'header', header: line }
  return { kind: isEnd.Check(line) ? 'end' : 'unknown' }
}
