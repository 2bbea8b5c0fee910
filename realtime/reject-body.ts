/** A reject as people read it: the payload as text, and as base64 where it is none. */
import Type, { type Static } from 'typebox'
import type { Reject } from '../storage/rejects.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

export const RejectBody = Type.Object({
  id: Type.Integer(),
  received_at: Time,
  topic: Type.String(),
  payload: Type.String(),
  payload_base64: Type.String(),
  payload_bytes: Type.Integer({ description: 'of the whole message; refusals keep the first 512' }),
  qos: Type.Integer(),
  code: Type.String({ description: 'why it was not used' }),
  detail: Type.String(),
  esp_id: nullable(Type.String()),
  client_id: nullable(Type.String()),
  said_by: nullable(Type.String({ description: 'the person who commanded it over MQTT' })),
  retried_at: nullable(Time),
  can_retry: Type.Boolean({ description: 'all of its payload was kept' }),
  message_id: nullable(Type.Integer({ description: 'of the message in the MQTT log, while it is there' })),
})

export const rejectBody = (reject: Reject, message_id: number | null): Static<typeof RejectBody> => ({
  id: reject.id,
  received_at: iso(reject.received_at)!,
  topic: reject.topic,
  payload: Buffer.from(reject.payload).toString('utf8'),
  payload_base64: Buffer.from(reject.payload).toString('base64'),
  payload_bytes: reject.payload_bytes,
  qos: reject.qos,
  code: reject.code,
  detail: reject.detail,
  esp_id: reject.esp_id,
  client_id: reject.client_id,
  said_by: reject.said_by,
  retried_at: iso(reject.retried_at),
  can_retry: reject.payload.length === reject.payload_bytes,
  message_id,
})
