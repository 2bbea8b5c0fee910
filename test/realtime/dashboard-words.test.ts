/** The words of the page agree with what the server calls the same things. */
import t from 'tap'
import { actuators as germanActuators } from '../../realtime/dashboard/words/de/actuators.js'
import { devices as germanDevices } from '../../realtime/dashboard/words/de/devices.js'
import { findings as germanFindings } from '../../realtime/dashboard/words/de/findings.js'
import { said as germanSaid } from '../../realtime/dashboard/words/de/said.js'
import { sensors as german } from '../../realtime/dashboard/words/de/sensors.js'
import { actuators as englishActuators } from '../../realtime/dashboard/words/en/actuators.js'
import { devices as englishDevices } from '../../realtime/dashboard/words/en/devices.js'
import { findings as englishFindings } from '../../realtime/dashboard/words/en/findings.js'
import { said as englishSaid } from '../../realtime/dashboard/words/en/said.js'
import { sensors as english } from '../../realtime/dashboard/words/en/sensors.js'
import { limits } from '../../routing/actuators/limits/index.js'
import { FINDINGS } from '../../routing/contract/findings.js'
import { COMMAND_SAYINGS } from '../../routing/contract/sentences/commands.js'
import { FIELD_WRONGS } from '../../routing/contract/sentences/fields.js'
import { HEALTH_WARNINGS } from '../../routing/contract/sentences/health.js'
import { REASONS } from '../../routing/handlers/will.js'
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

t.test('the page has a word for each way in which a connection may be lost', async (t) => {
  for (const { losses } of [englishDevices, germanDevices])
    t.strictSame(Object.keys(losses).sort(), [...REASONS].sort())
})

/** Every sentence the server can say where a page shows it. */
const TABLES = {
  advice: FINDINGS,
  command: COMMAND_SAYINGS,
  field: FIELD_WRONGS,
  health: HEALTH_WARNINGS,
} as const satisfies Record<keyof typeof englishSaid, object>

const placesIn = (sentence: string): string[] => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)

t.test(
  'every sentence of the server has words in both languages, and they name no fact it does not give',
  async (t) => {
    for (const [name, table] of Object.entries(TABLES)) {
      const sentences: Readonly<Record<string, string>> = table
      for (const said of [englishSaid, germanSaid]) {
        const words: Readonly<Record<string, string>> = said[name as keyof typeof said]
        t.strictSame(Object.keys(words).sort(), Object.keys(sentences).sort(), name)
        for (const [code, sentence] of Object.entries(sentences)) {
          const known = new Set(placesIn(sentence))
          t.strictSame(
            placesIn(words[code] ?? '').filter((place) => !known.has(place)),
            [],
            `${name} ${code}`,
          )
        }
      }
    }
    for (const [name, table] of Object.entries(TABLES)) {
      const german: Readonly<Record<string, string>> = germanSaid[name as keyof typeof germanSaid]
      for (const [code, sentence] of Object.entries(table))
        t.not(german[code], sentence, `${name} ${code} is German`)
    }
  },
)
