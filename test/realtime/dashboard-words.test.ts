/** The words of the page agree with what the server calls the same things. */
import t from 'tap'
import { sensors as german } from '../../realtime/dashboard/words/de/sensors.js'
import { sensors as english } from '../../realtime/dashboard/words/en/sensors.js'
import { sensorTypes } from '../../routing/sensors/library.js'

t.test('a sensor type is called on the page what the library calls it, in both languages', async (t) => {
  const named = (language: 'en' | 'de') =>
    Object.fromEntries(sensorTypes.map(({ type, name }) => [type, name[language]]))
  t.strictSame({ ...english.types }, named('en'))
  t.strictSame({ ...german.types }, named('de'))
})
