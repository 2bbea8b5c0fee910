/**
 * An MQTT message as people see it in the log: on realtime, as an event for those who name it, and over REST. Secrets
 * are blanked in it.
 */
import Type, { type Static } from 'typebox'

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const MqttMessageEvent = Type.Object({
  id: Type.Integer({ description: 'ascends, also from one start to the next' }),
  at: Type.Integer({ description: 'ms since 1970' }),
  direction: Type.Enum(['in', 'out'], { description: 'in: from a client; out: said by kaiser' }),
  topic: Type.String(),
  type: nullable(
    Type.String({ description: 'what the topic carries, such as sensor_data; null: none of ours' }),
  ),
  esp_id: nullable(Type.String({ description: 'as the topic says' })),
  gpio: nullable(Type.Integer()),
  client_id: nullable(Type.String({ description: 'who said it; null: kaiser' })),
  qos: Type.Integer({ minimum: 0, maximum: 2 }),
  retain: Type.Boolean(),
  dup: Type.Boolean({ description: 'the client says that it sends it again' }),
  size: Type.Integer({ minimum: 0, description: 'bytes of the payload' }),
  payload: nullable(Type.String({ description: 'the first 4,096 bytes; null where nothing may be shown' })),
  encoding: Type.Enum(['text', 'base64'], { description: 'base64 where the payload is no UTF-8' }),
  cut: Type.Boolean({ description: 'the payload goes on' }),
  masked: Type.Boolean({ description: 'secrets are blanked' }),
  outcome: Type.String({
    description:
      'waiting (for storage), handled, forwarded (to whoever subscribes), not_ours, repeated (QoS 2), sent; or the code it was refused for',
  }),
  acknowledged: nullable(
    Type.Boolean({
      description:
        'in: kaiser acknowledged it; out: its device has. null at QoS 0, and where that is not known',
    }),
  ),
  correlation_id: nullable(Type.String({ description: 'as the payload says' })),
  reject_id: nullable(Type.Integer({ description: 'its number in the reject list' })),
})
export type MqttMessageEvent = Static<typeof MqttMessageEvent>
