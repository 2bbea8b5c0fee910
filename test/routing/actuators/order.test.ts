/** Wishes made plain, and those that make no sense. */
import t from 'tap'
import { orderOf, type Wish } from '../../../routing/actuators/order.js'
import { RequestRefused } from '../../../routing/request-refused.js'

const wish = (fields: Partial<Wish>): Wish => ({
  esp_id: 'ESP_1',
  gpio: 5,
  command: 'ON',
  issued_by: 'user:ada',
  ...fields,
})
const off = { on: false, full: 1 }
const on = { on: true, full: 1 }

const plain: [string, Partial<Wish>, typeof off, object][] = [
  ['a word in any case', { command: ' on ' }, off, { command: 'ON', value: 1, duration: 0, warnings: [] }],
  ['ON is the highest value', { value: 1 }, { on: false, full: 0.8 }, { value: 0.8, warnings: [] }],
  ['OFF is 0', { command: 'off', duration: 60 }, on, { command: 'OFF', value: 0, duration: 0 }],
  [
    'OFF is OFF, whatever value comes with it',
    { command: 'OFF', value: 1 },
    on,
    { value: 0, warnings: [/OFF is 0/] },
  ],
  [
    'TOGGLE of what is off',
    { command: 'toggle', duration: 9 },
    off,
    { command: 'ON', asked: 'TOGGLE', value: 1, duration: 9 },
  ],
  ['TOGGLE of what is on', { command: 'TOGGLE', value: 1 }, on, { command: 'OFF', value: 0, warnings: [] }],
  [
    'a part',
    { command: 'PWM', value: 0.4, duration: 2.5 },
    off,
    { command: 'PWM', value: 0.4, duration: 2.5 },
  ],
  ['a part by its other name', { command: 'PWM', pwm: 0.4 }, off, { value: 0.4 }],
  ['PWM 0 is off', { command: 'PWM', value: 0, duration: 60 }, on, { command: 'PWM', value: 0, duration: 0 }],
  ['ON with a part is full on, and says so', { value: 0.5 }, off, { value: 1, warnings: [/use PWM/] }],
]

for (const [name, fields, reported, expected] of plain)
  t.test(name, async (t) => {
    t.match(orderOf(wish(fields), reported), expected)
  })

const senseless: [Partial<Record<keyof Wish, unknown>>, string, RegExp][] = [
  [{ command: 'EXPLODE' }, 'command', /ON, OFF, PWM, TOGGLE/],
  [{ command: undefined }, 'command', /must be one of/],
  [{ command: 7 }, 'command', /must be one of/],
  [{ value: Number.NaN }, 'value', /from 0 to 1/],
  [{ value: -1 }, 'value', /from 0 to 1/],
  [{ value: 2 }, 'value', /from 0 to 1/],
  [{ value: '1' }, 'value', /from 0 to 1/],
  [{ value: true }, 'value', /from 0 to 1/],
  [{ command: 'OFF', value: Number.POSITIVE_INFINITY }, 'value', /from 0 to 1/],
  [{ command: 'PWM', pwm: 2 }, 'pwm', /from 0 to 1/],
  [{ command: 'PWM', value: 0.5, pwm: 0.5 }, 'pwm', /not both/],
  [{ command: 'PWM' }, 'value', /needs a value/],
  [{ value: 0 }, 'value', /contradicts itself/],
  [{ duration: -1 }, 'duration', /0 to 86400/],
  [{ duration: Number.NaN }, 'duration', /0 to 86400/],
  [{ duration: 86_401 }, 'duration', /0 to 86400/],
  [{ duration: '60' }, 'duration', /0 to 86400/],
]

for (const [fields, field, msg] of senseless)
  t.test(`${JSON.stringify(fields)} is refused for its ${field}`, async (t) => {
    try {
      orderOf(wish(fields as Partial<Wish>), off)
      t.fail('it was taken')
    } catch (error) {
      t.type(error, RequestRefused)
      t.match(error, { code: 'request_invalid', field: { name: field }, message: msg })
    }
  })
