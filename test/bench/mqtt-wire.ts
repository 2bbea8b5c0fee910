/**
 * Just enough MQTT 3.1.1 to load a broker from one core: CONNECT, PUBLISH QoS 1 from a template whose digits are
 * patched in place, SUBSCRIBE, and a reader of what comes back. It trusts the server; it is no client.
 */

/** A string as MQTT writes it: two bytes of length, then UTF-8. */
const text = (s: string): Buffer => {
  const bytes = Buffer.from(s)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}

/** A packet: first byte, remaining length, body. */
function packet(first: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let rest = body.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

/** CONNECT, clean session, no credentials. */
export const connect = (clientId: string, keepAlive = 120): Buffer =>
  packet(
    0x10,
    Buffer.concat([text('MQTT'), Buffer.from([4, 2, keepAlive >> 8, keepAlive & 255]), text(clientId)]),
  )

export const DISCONNECT = Buffer.from([0xe0, 0])

/** The seed's payload (§3.1) in a PUBLISH, with the places of the digits that change from reading to reading. */
export interface Template {
  bytes: Buffer
  id: number
  ts: number
  raw: number
}

/** One sensor of one device. `ts` has 13 digits (milliseconds), `raw` four; at QoS 0 there is no id (-1). */
export function template(espId: string, gpio: number, qos: 0 | 1 = 1): Template {
  const payload =
    `{"ts":1735818000000,"esp_id":"${espId}","gpio":${gpio},"sensor_type":"ph_sensor","raw":2048,` +
    '"raw_value":20.48,"raw_mode":true,"value":0.0,"unit":"","quality":"stale"}'
  const topic = text(`kaiser/god/esp/${espId}/sensor/${gpio}/data`)
  const id = Buffer.alloc(qos * 2)
  const bytes = packet(0x30 | (qos << 1), Buffer.concat([topic, id, Buffer.from(payload)]))
  const start = bytes.length - payload.length
  return {
    bytes,
    id: qos === 0 ? -1 : start - 2,
    ts: start + payload.indexOf('1735'),
    raw: start + payload.indexOf('"raw":') + 6,
  }
}

function digits(into: Buffer, at: number, count: number, value: number): void {
  for (let i = at + count - 1; i >= at; i--) {
    const rest = Math.floor(value / 10)
    into[i] = 48 + (value - rest * 10)
    value = rest
  }
}

/** Writes one PUBLISH into a buffer at an offset; the caller made room for `template.bytes.length`. */
export function publish(into: Buffer, at: number, from: Template, id: number, ts: number, raw: number): void {
  from.bytes.copy(into, at)
  if (from.id >= 0) {
    into[at + from.id] = id >> 8
    into[at + from.id + 1] = id & 255
  }
  digits(into, at + from.ts, 13, ts)
  digits(into, at + from.raw, 4, raw)
}

/** SUBSCRIBE to one filter. */
export const subscribe = (id: number, filter: string, qos = 1): Buffer =>
  packet(0x82, Buffer.concat([Buffer.from([id >> 8, id & 255]), text(filter), Buffer.from([qos])]))

/** PUBLISH with QoS 1 and a packet id. */
export const publishAcknowledged = (topic: string, payload: string, id: number): Buffer =>
  packet(0x32, Buffer.concat([text(topic), Buffer.from([id >> 8, id & 255]), Buffer.from(payload)]))

/** PUBACK of a packet id. */
export const acknowledge = (id: number): Buffer => Buffer.from([0x40, 2, id >> 8, id & 255])

/** PUBLISH with QoS 0. */
export const publishOnce = (topic: string, payload: string): Buffer =>
  packet(0x30, Buffer.concat([text(topic), Buffer.from(payload)]))

/**
 * Feeds on bytes, calls back once per packet with its first byte and its last two (packet id, return code; of a
 * PUBLISH they mean nothing).
 */
export function reader(packet: (first: number, word: number) => void): (chunk: Buffer) => void {
  let first = -1
  let left = -1
  let length = 0
  let shift = 0
  let word = 0
  return (chunk) => {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (first < 0) {
        first = byte
        length = shift = word = 0
        continue
      }
      if (left < 0) {
        length |= (byte & 127) << shift
        shift += 7
        if (byte > 127) continue
        left = length
      } else {
        word = ((word << 8) | byte) & 0xffff
        left--
      }
      if (left > 0) continue
      const done = first
      first = left = -1
      packet(done, word)
    }
  }
}

/**
 * Feeds on bytes and skips from packet to packet by their lengths, so that 100,000 messages a second leave room on a
 * core. Calls back with the first byte, with the packet id of a PUBLISH at QoS 1 (else 0), and with where the body
 * lies, for as long as the call lasts. Bytes may be reused.
 */
export function skimmer(
  packet: (first: number, id: number, bytes: Buffer, body: number, end: number) => void,
): (chunk: Buffer) => void {
  let rest: Buffer | undefined
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (;;) {
      let length = 0
      let body = at + 1
      for (let shift = 0; ; shift += 7) {
        if (body >= bytes.length) return keep(bytes, at)
        const byte = bytes[body++]!
        length |= (byte & 127) << shift
        if (byte < 128) break
      }
      if (body + length > bytes.length) return keep(bytes, at)
      const first = bytes[at]!
      const id = (first & 0xf6) === 0x32 ? body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!) : -1
      packet(first, id < 0 ? 0 : (bytes[id]! << 8) | bytes[id + 1]!, bytes, body, body + length)
      at = body + length
    }
  }

  function keep(bytes: Buffer, at: number): void {
    rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at))
  }
}
