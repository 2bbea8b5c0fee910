/** The words of the page agree with what the server calls the same things. */
import t from 'tap'
import { actuators as germanActuators } from '../../realtime/dashboard/words/de/actuators.js'
import { findings as germanFindings } from '../../realtime/dashboard/words/de/findings.js'
import { sensors as german } from '../../realtime/dashboard/words/de/sensors.js'
import { actuators as englishActuators } from '../../realtime/dashboard/words/en/actuators.js'
import { findings as englishFindings } from '../../realtime/dashboard/words/en/findings.js'
import { sensors as english } from '../../realtime/dashboard/words/en/sensors.js'
import { limits } from '../../routing/actuators/limits/index.js'
import { FINDINGS } from '../../routing/findings.js'
import { sensorTypes } from '../../routing/sensors/library.js'

t.test('a sensor type is called on the page what the library calls it, in both languages', async (t) => {
  const named = (language: 'en' | 'de') =>
    Object.fromEntries(sensorTypes.map(({ type, name }) => [type, name[language]]))
  t.strictSame({ ...english.types }, named('en'))
  t.strictSame({ ...german.types }, named('de'))
})

t.test('the page has a word for every limit that may refuse, and for every finding', async (t) => {
  const names = limits.map(({ name }) => name as string).sort()
  for (const { limits: words } of [englishActuators, germanActuators])
    t.strictSame(Object.keys(words).sort(), names)
  const kinds = Object.keys(FINDINGS).sort()
  for (const words of [englishFindings, germanFindings]) t.strictSame(Object.keys(words).sort(), kinds)
})
