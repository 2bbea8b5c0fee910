/** The mock lab has a word for everything that this kaiser's mocks can be made of. */
import t from 'tap'
import { lab as german } from '../../realtime/dashboard/words/de/lab.js'
import { lab as english } from '../../realtime/dashboard/words/en/lab.js'
import { kinds } from '../../sim/fleet/kinds.js'

t.test('every pattern, fault, preset and parameter has a word in both languages', async (t) => {
  const { patterns, faults, presets } = kinds()
  const names = (all: readonly { name: string }[]) => all.map(({ name }) => name).sort()
  const parameters = [...patterns, ...faults].flatMap(({ parameters }) => Object.keys(parameters.properties))
  for (const words of [english, german]) {
    t.strictSame(Object.keys(words.pattern_of).sort(), names(patterns))
    t.strictSame(Object.keys(words.fault_of).sort(), names(faults))
    const known = presets.map(({ profile, device }) => `${profile}_${device}`).sort()
    t.strictSame(Object.keys(words.preset_of).sort(), known)
    t.strictSame(Object.keys(words.parameters).sort(), [...new Set(parameters)].sort())
  }
})
