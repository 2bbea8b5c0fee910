/** What the persistence interface of Aedes hands over and wants back, as far as this folder looks at it. */
export interface Packet {
  cmd: string
  topic: string
  payload: Buffer | string
  qos: number
  retain: boolean
  dup?: boolean
  messageId?: number | undefined
  brokerId?: string
  brokerCounter?: number
  clientId?: string
  [field: string]: unknown
}

export interface Subscription {
  topic: string
  qos: number
  rh?: number
  rap?: boolean
  nl?: boolean
  [field: string]: unknown
}

/** A client, or whatever has its id. */
export interface Named {
  id: string
  /** Its session ends with its connection. */
  clean?: boolean
  /** Closes the connection, when it is one. */
  emit?(event: 'error', error: unknown): unknown
}

/** What identifies a message on all nodes: which of them published it, and as its how-manieth. */
export const keyOf = (packet: { brokerId?: string; brokerCounter?: number }): string =>
  `${packet.brokerId}:${packet.brokerCounter}`

export const bytesOf = (packet: { topic?: string; payload?: { length: number } }): number =>
  (packet.topic?.length ?? 0) + (packet.payload?.length ?? 0)

/** What is kept of a PUBLISH; the rest is of the connection it came on. */
export const essence = ({
  cmd,
  brokerId,
  brokerCounter,
  topic,
  payload,
  qos,
  retain,
  dup,
}: Packet): Packet => ({
  cmd,
  ...(brokerId !== undefined && { brokerId }),
  ...(brokerCounter !== undefined && { brokerCounter }),
  topic,
  payload,
  qos,
  retain,
  dup: dup ?? false,
})

/** As text, because Redis and a script in it count and compare; a Buffer becomes base64. */
export const toText = (packet: object): string =>
  JSON.stringify(packet, (_, value) => {
    // JSON.stringify calls toJSON of a Buffer before it calls this.
    if (value?.type === 'Buffer' && Array.isArray(value.data))
      return { b64: Buffer.from(value.data).toString('base64') }
    return value
  })

/** Throws a SyntaxError when it is no packet of ours. */
export const fromText = (text: string): Packet =>
  JSON.parse(text, (_, value) => (typeof value?.b64 === 'string' ? Buffer.from(value.b64, 'base64') : value))

/** A copy to keep: its payload is no view on a larger piece of memory, and is not changed by whoever has it next. */
export const ownCopy = (packet: Packet): Packet => ({
  ...packet,
  payload: typeof packet.payload === 'string' ? packet.payload : Buffer.from(packet.payload),
})
