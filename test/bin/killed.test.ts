/**
 * The property test of actuators with nothing left out: `bin/kaiser` as a process of its own, killed with SIGKILL
 * while commands are on their way and while pumps run, real MQTT devices that come back by themselves, people over
 * MQTT, REST and the command line. The promises are those of killed/watch.ts and killed/rows.ts. Seeded: a failure
 * names its seed and prints its sequence; when exactly things happen is the machine's.
 */
import t from 'tap'
import { randomOf } from '../support/random.js'
import { play } from './killed/play.js'
import { printed, sequenceOf } from './killed/steps.js'

/** More, or others, with `node …/killed.test.js 12 101`: three at a time, as each mostly waits. */
const [COUNT = 3, FIRST = 1] = process.argv.slice(2, 4).map(Number)
t.jobs = 3
t.setTimeout(Math.max(175_000, COUNT * 60_000))

for (let seed = FIRST; seed < FIRST + COUNT; seed++)
  t.test(`seed ${seed}: kaiser is killed, and its promises hold`, { buffered: true }, async (t) => {
    const sequence = sequenceOf(seed, randomOf(seed))
    const { faults, accepted, reached, byLimits } = await play(t, sequence)
    t.strictSame(faults, [])
    t.comment(`${accepted} commands accepted, ${reached} reached devices, ${byLimits} by limits`)
    if (faults.length > 0) t.comment(`seed ${seed}\n${printed(sequence)}`)
  })
