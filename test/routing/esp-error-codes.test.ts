import t from 'tap'
import { categoryOf, espErrorCode, espErrorCodes } from '../../routing/esp-error-codes.js'

t.test('every code stands once, under one name, in both languages, with what to do', async (t) => {
  t.equal(new Set(espErrorCodes.map(({ code }) => code)).size, espErrorCodes.length)
  t.equal(new Set(espErrorCodes.map(({ name }) => name)).size, espErrorCodes.length)
  for (const entry of espErrorCodes) {
    t.match(entry.name, /^[A-Z0-9_]+$/)
    for (const text of [entry.message, entry.message_de, ...entry.troubleshooting])
      t.match(text, /^.{5,79}[^.]$/, `${entry.code}: ${text}`)
    if (entry.user_action_required) t.ok(entry.troubleshooting.length > 0, entry.name)
  }
})

t.test('families go by thousands', async (t) => {
  t.strictSame([1021, 2001, 3001, 4001, 5001, 0, Number.NaN].map(categoryOf), [
    'HARDWARE',
    'SERVICE',
    'COMMUNICATION',
    'APPLICATION',
    'APPLICATION',
    'APPLICATION',
    'APPLICATION',
  ])
})

t.test('a code is found by number or name, and by nothing else', async (t) => {
  t.equal(espErrorCode(1021)?.name, 'ONEWIRE_NO_DEVICES')
  t.equal(espErrorCode('1021'), espErrorCode(1021))
  t.equal(espErrorCode('OneWire_No_Devices'), espErrorCode(1021))
  for (const said of [999, '', 'constructor', 'NaN']) t.equal(espErrorCode(said), undefined)
})
