/**
 * Whatever happens (commands from all paths, stops, buttons, reboots, lost lines, lies, clocks that jump, kaiser
 * killed at any moment), the promises of whole/rule-*.ts hold. Seeded: a failure names its seed and prints the
 * shortest sequence that still fails; commands-found.test.ts keeps those that failed once.
 */
import t from 'tap'
import { randomOf } from '../../support/random.js'
import { shortest } from './whole/shrink.js'
import { openStage } from './whole/stage.js'
import { printed, sequenceOf } from './whole/steps.js'

/** More, or others, or all that fail, with `node …/commands-property.test.js 1000 5001 all`. */
const [COUNT = 200, FIRST = 1] = process.argv.slice(2, 4).map(Number)
const ALL = process.argv[4] === 'all'
const LENGTH = 60

t.setTimeout(Math.max(170_000, COUNT * 2_000))

t.test(`${COUNT} random sequences keep every promise`, async (t) => {
  const play = await openStage(t)
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const sequence = sequenceOf(randomOf(seed), LENGTH)
    const broken = await play(sequence)
    if (broken === undefined) continue
    const short = await shortest(sequence, play)
    t.fail(`seed ${seed}: ${broken}`)
    t.comment(`${short.broken ?? broken}\n${printed(short.sequence)}`)
    if (!ALL) return
  }
  t.pass(`seeds ${FIRST} to ${FIRST + COUNT - 1}`)
})
