/** What people say on MQTT to have something done; kaiser takes it, nobody else hears it. protocol.md §1.2 D1 to D3 */
import Type, { type Static } from 'typebox'
import { EspId, Gpio, given, Text } from './fields.js'
import { ZONE_ID } from './zone-payloads.js'

const ignored = Type.Optional(Type.Unknown({ description: 'not used' }))

/** What a command over MQTT says. */
const command = {
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
}
/** What the original's server sends along with a command, and changes nothing. protocol.md §1.2 D1 */
const besideCommand = { timestamp: ignored, ts: ignored, intent_id: ignored, issued_by: ignored }

/** `actuator/{gpio}/command`: what somebody wishes of an actuator. */
export const OperatorCommand = Type.Object(
  { ...command, ...besideCommand },
  {
    description:
      'What somebody wishes of an actuator; of a field of another name the row says that it is not known',
  },
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
/** What is said along with it, by clients of the original too, and changes nothing. protocol.md §1.2 D2, D3 */
const beside = {
  auth_token: ignored,
  issued_by: ignored,
  timestamp: ignored,
  ts: ignored,
  correlation_id: ignored,
  intent_id: ignored,
  request_id: ignored,
  incident_correlation_id: ignored,
  devices_stopped: ignored,
  actuators_stopped: ignored,
}

/** `actuator/emergency` and `kaiser/broadcast/emergency`: stop, or the end of a stop, said twice. */
export const OperatorEmergency = Type.Object(
  { ...emergency, ...beside },
  { description: 'An emergency stop, or its end; a field of another name is refused' },
)
export type OperatorEmergency = Static<typeof OperatorEmergency>

/** Says of the first field that nobody knows that it is not known, and which are. */
const strangeTo =
  (meant: object, beside: object) =>
  (payload: object): string | undefined => {
    const strange = Object.keys(payload).find(
      (name) => !Object.hasOwn(meant, name) && !Object.hasOwn(beside, name),
    )
    return strange === undefined
      ? undefined
      : `${strange} is not known; allowed: ${Object.keys(meant).join(', ')}`
  }
/** A misspelt scope must not become a wider one. */
export const strangeInEmergency = strangeTo(emergency, beside)
/** A misspelt duration is none, and that is said. */
export const strangeInCommand = strangeTo(command, besideCommand)
