/** What people say on MQTT to have something done; kaiser takes it, nobody else hears it. protocol.md §1.2 D1 to D3 */
import Type, { type Static } from 'typebox'
import { EspId, Gpio, given, Text } from './fields.js'
import { ZONE_ID } from './zone-payloads.js'

/** `actuator/{gpio}/command`: what somebody wishes of an actuator. */
export const OperatorCommand = Type.Object(
  {
    esp_id: given(EspId),
    gpio: given(Gpio),
    command: Type.String({ maxLength: 16, description: 'ON, OFF, PWM or TOGGLE, in any case' }),
    value: given(Type.Number({ description: '0 to 1' })),
    pwm: given(Type.Number({ description: 'another word for value' })),
    duration: given(Type.Number({ description: 's; 0 = as long as it may' })),
    wait: given(
      Type.Number({ minimum: 1, maximum: 86_400, description: 's it may wait for a device that is away' }),
    ),
    correlation_id: given(Text(100)),
  },
  { description: 'What somebody wishes of an actuator' },
)
export type OperatorCommand = Static<typeof OperatorCommand>

/** What an emergency stop over MQTT says. */
const emergency = {
  esp_id: given(EspId),
  zone_id: given(
    Type.String({ pattern: ZONE_ID, description: 'on the broadcast; a zone instead of everything' }),
  ),
  gpio: given(Gpio),
  command: given(Text(32)),
  action: given(Text(32)),
  reason: given(Text(500)),
  confirm: given(Type.Boolean({ description: 'with clear_emergency: the second step' })),
}
const ignored = Type.Unknown({ description: 'not used' })
/** What is said along with it, by clients of the original too, and changes nothing. protocol.md §1.2 D2, D3 */
const beside = {
  auth_token: Type.Optional(ignored),
  issued_by: Type.Optional(ignored),
  timestamp: Type.Optional(ignored),
  ts: Type.Optional(ignored),
  correlation_id: Type.Optional(ignored),
  intent_id: Type.Optional(ignored),
  request_id: Type.Optional(ignored),
  incident_correlation_id: Type.Optional(ignored),
  devices_stopped: Type.Optional(ignored),
  actuators_stopped: Type.Optional(ignored),
}

/** `actuator/emergency` and `kaiser/broadcast/emergency`: stop, or the end of a stop, said twice. */
export const OperatorEmergency = Type.Object(
  { ...emergency, ...beside },
  { description: 'An emergency stop, or its end; a field of another name is refused' },
)
/** The fields that mean something. */
export const EMERGENCY_FIELDS: readonly string[] = Object.keys(emergency)
/** The first field that nobody knows. A misspelt scope must not become a wider one. */
export const strangeField = (payload: object): string | undefined =>
  Object.keys(payload).find((name) => !Object.hasOwn(emergency, name) && !Object.hasOwn(beside, name))
export type OperatorEmergency = Static<typeof OperatorEmergency>
