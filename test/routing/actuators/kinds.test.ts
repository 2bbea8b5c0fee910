/** The kinds of actuators and what they bring along. */
import t from 'tap'
import {
  ACTUATOR_TYPES,
  findKind,
  firmwareWordOf,
  formOf,
  kindOf,
  maxRuntimeOf,
} from '../../../routing/actuators/kinds.js'

t.test('how long each may be on when nobody says otherwise', async (t) => {
  const hours = Object.fromEntries(ACTUATOR_TYPES.map((type) => [type, kindOf(type).max_runtime / 3600]))
  t.strictSame(hours, {
    pump: 1,
    valve: 1,
    heater: 1,
    dosing: 1,
    relay: 1,
    light: 18,
    fan: 0,
    pwm: 1,
    servo: 1,
    digital: 1,
  })
  t.equal(kindOf('flux_capacitor').max_runtime, 3600)
  t.equal(kindOf(null).type, 'unknown')
})

t.test('a word leads to its kind in any case, an unknown one to none', async (t) => {
  t.equal(findKind(' Grow_Light ')?.type, 'light')
  t.equal(findKind('SWITCH')?.type, 'relay')
  t.equal(findKind('flux_capacitor'), undefined)
  t.equal(findKind('__proto__'), undefined)
})

t.test('what people set goes before the kind, also when it is 0', async (t) => {
  t.equal(maxRuntimeOf(kindOf('pump'), { max_runtime: null }), 3600)
  t.equal(maxRuntimeOf(kindOf('pump'), { max_runtime: 0 }), 0)
  t.equal(maxRuntimeOf(kindOf('fan'), { max_runtime: 60 }), 60)
})

t.test('a pump with a PWM frequency is one with values, for REST and the firmware', async (t) => {
  t.equal(formOf(kindOf('pump'), undefined), 'digital')
  t.equal(formOf(kindOf('pump'), { pwm_frequency: 1000 }), 'pwm')
  t.equal(firmwareWordOf(kindOf('pump'), { pwm_frequency: 1000 }), 'pwm')
  t.equal(firmwareWordOf(kindOf('heater'), { pwm_frequency: null }), 'relay')
  t.equal(firmwareWordOf(kindOf('servo'), undefined), 'pwm')
})
