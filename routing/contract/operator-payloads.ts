/** What people say on MQTT to have something done; kaiser takes it, nobody else hears it. protocol.md §1.2 D1 to D3 */
import Type, { type Static } from 'typebox'
import { EspId, Gpio, given, Text } from './fields.js'

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

/** `actuator/emergency` and `kaiser/broadcast/emergency`: stop, or the end of a stop, said twice. */
export const OperatorEmergency = Type.Object(
  {
    esp_id: given(EspId),
    gpio: given(Gpio),
    command: given(Text(32)),
    action: given(Text(32)),
    reason: given(Text(500)),
    confirm: given(Type.Boolean({ description: 'with clear_emergency: the second step' })),
  },
  { description: 'An emergency stop, or its end' },
)
export type OperatorEmergency = Static<typeof OperatorEmergency>
